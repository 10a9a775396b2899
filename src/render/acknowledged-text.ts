import { formatByteSize } from '../domain/byte-size.js';
import type { AcknowledgedResult } from '../domain/jetstream/acknowledged-result.js';
import { unacknowledgedCount } from '../domain/jetstream/acknowledged-result.js';
import type { AcknowledgedTotals, StoredRange } from '../domain/jetstream/publish-account.js';
import type { PublishFate } from '../domain/jetstream/publish-fate.js';
import { MESSAGE_ID } from '../domain/jetstream/publish-headers.js';
import type { OutgoingMessage } from '../domain/message.js';
import { jsonString } from '../domain/payload-json.js';
import { quoted } from '../domain/printable.js';
import { formatCount } from './numbers.js';
import { publishProgress } from './publish-text.js';

/** `stored 3 messages, 36 B, in ORDERS: 5 to 7`. */
export function acknowledgedSummary(result: AcknowledgedResult): string {
  const { stored, duplicates, payloadBytes, range } = result;
  const place = range === undefined ? '' : ` in ${placeText(range, stored)}`;
  const text = `stored ${messages(stored)}${place}, ${formatByteSize(payloadBytes)}`;
  if (duplicates === 0) return text;
  return `${text}; ${formatCount(duplicates)} ${duplicates === 1 ? 'was' : 'were'} there before`;
}

/** One document: what is known of the messages. */
export function acknowledgedJson(result: AcknowledgedResult): unknown {
  const { range } = result;
  return {
    stored: result.stored,
    duplicates: result.duplicates,
    refused: result.refused,
    in_doubt: result.inDoubt,
    unsent: result.unsent,
    payload_bytes: result.payloadBytes,
    duration_ms: Math.round(result.durationMs * 1000) / 1000,
    ...(range === undefined
      ? {}
      : { stream: range.stream, first_seq: range.first, last_seq: range.last }),
    unacknowledged: result.unacknowledged.map(({ first, last, subject, fate, error }) => ({
      first,
      last,
      subject,
      fate,
      error: error.message,
    })),
  };
}

/** What became of a message, as a line of JSON without its line feed. @param index from 0 */
export function ackLine(index: number, message: OutgoingMessage, fate: PublishFate): string {
  const [id] = message.headers?.get(MESSAGE_ID) ?? [];
  const idMember = id === undefined ? '' : `,"msg_id":${jsonString(id)}`;
  const head = `{"message":${index + 1},"subject":${jsonString(message.subject)}${idMember}`;
  if (fate.type !== 'stored') {
    return `${head},"fate":"${fate.type}","error":${jsonString(fate.error.message)}}`;
  }
  const { stream, seq, duplicate } = fate.ack;
  return `${head},"stream":${jsonString(stream)},"seq":${seq},"duplicate":${duplicate}}`;
}

/** The messages without an acknowledgement, a line for those in a row; as many as somebody reads. */
export function unacknowledgedLines(result: AcknowledgedResult): readonly string[] {
  const lines = result.unacknowledged.map((row) =>
    row.first === row.last
      ? `message ${row.first} (${quoted(row.subject)}) ${FATES[row.fate].one}: ${row.error.message}`
      : `messages ${row.first} to ${row.last} ${FATES[row.fate].many}: ${row.error.message}`,
  );
  const listed = result.unacknowledged.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const more = unacknowledgedCount(result) - listed;
  return more === 0 ? lines : [...lines, `… and ${formatCount(more)} more`];
}

const FATES = {
  refused: { one: 'was refused', many: 'were refused' },
  'in-doubt': { one: 'may be stored', many: 'may be stored' },
  unsent: { one: 'was not sent', many: 'were not sent' },
} as const;

/** A line for a terminal that shows how far it is. */
export function acknowledgedProgress(
  { stored, payloadBytes }: AcknowledgedTotals,
  elapsedMs: number,
  goal: number | undefined,
): string {
  return publishProgress(
    { sent: stored, confirmed: stored, unconfirmed: 0, payloadBytes },
    elapsedMs,
    goal,
  );
}

function placeText({ stream, first, last }: StoredRange, stored: number): string {
  return stored === 1 ? `${stream} at ${first}` : `${stream}, ${first} to ${last}`;
}

function messages(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'message' : 'messages'}`;
}
