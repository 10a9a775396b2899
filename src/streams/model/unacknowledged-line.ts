import type { PublishFate } from './publish-fate.js';
import type { OutgoingMessage } from '../../core/message/message.js';
import {
  headersMembers,
  subjectMembers,
  jsonString,
  payloadMember,
} from '../../core/message/payload-json.js';

/**
 * A message that was not acknowledged as a line of JSON, without a line feed. `decodeMessageLine` reads the message, with
 * its id; its fate and error are further keys.
 */
export function encodeUnacknowledged(
  { subject, headers, payload }: OutgoingMessage,
  fate: Exclude<PublishFate, { type: 'stored' }>,
): string {
  const why = `"fate":${jsonString(fate.type)},"error":${jsonString(fate.error.message)}`;
  return `{${subjectMembers('subject', subject)}${headersMembers(headers)},${payloadMember(payload)},${why}}`;
}
