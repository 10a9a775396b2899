import { agree, plural } from '../../core/wording.js';
import { NatsxError, usageError } from '../../core/errors.js';
import type { StreamInfo } from '../../streams/model/stream-info.js';
import type { JetStreamApi } from '../../streams/run/api/jetstream-api.js';
import { readSubjects } from '../../streams/run/api/jetstream-entities.js';
import { purgeStream } from '../../streams/run/api/jetstream-streams.js';
import type { StreamUse } from './plan.js';
import { isOwnToken, type RunSubject } from './prepare-stream.js';
import { shellWord } from '../../core/printable.js';

/** Streams with more subjects are not searched for messages of earlier runs. */
const MOST_SUBJECTS = 1_000;

/**
 * Checks that a run may write into a stream: one without other messages and consumers, or any with --use-existing.
 *
 * @throws {NatsxError} rejected — it is in use; usage — the messages of the run could not be distinguished from others
 */
export async function checkMayWrite(
  api: JetStreamApi,
  info: StreamInfo,
  { exclusive, subject }: RunSubject,
  { useExisting, cleanUp, readsWith }: StreamUse & { readonly readsWith: string | undefined },
): Promise<void> {
  const { name } = info.config;
  if (cleanUp && !exclusive) {
    throw usageError(
      `--clean-up removes all messages on a subject, but ${subject} may have other messages`,
      'omit SUBJECT: in a stream with a wildcard subject, the run uses a unique subject',
    );
  }
  if (useExisting) return;
  const uses: string[] = [];
  const others = await foreignMessages(api, info);
  if (others > 0) uses.push(`holds ${plural(others, 'other message')}`);
  const readers = info.state.consumer_count - (readsWith === undefined ? 0 : 1);
  if (readers > 0) uses.push(`has ${plural(readers, 'consumer')}`);
  if (uses.length === 0) return;
  throw new NatsxError(
    'rejected',
    `the stream "${name}" ${uses.join(' and ')}, and verify would write its messages into it`,
    {
      hint: 'use a separate stream, or add --use-existing',
      details: { stream: name, messages: others, consumers: Math.max(0, readers) },
    },
  );
}

/** Number of messages that are not from earlier runs of verify. */
async function foreignMessages(api: JetStreamApi, { config, state }: StreamInfo): Promise<number> {
  const { messages, num_subjects: subjects = Infinity } = state;
  if (messages === 0 || subjects > MOST_SUBJECTS) return messages;
  const counts = await readSubjects(api, config.name, '>');
  let own = 0;
  for (const [subject, count] of counts) if (subject.split('.').some(isOwnToken)) own += count;
  return Math.max(0, messages - own);
}

/**
 * Reports what a run leaves in its stream, or removes it. Never rejects.
 *
 * @returns a sentence for the report, if there is anything to say
 */
export async function tidyStream(
  api: JetStreamApi,
  stream: string,
  { arrivesAt, exclusive }: RunSubject,
  cleanUp: boolean,
): Promise<string | undefined> {
  if (!exclusive) {
    return `the messages of the run stay in the stream "${stream}" on ${arrivesAt}, among any others there`;
  }
  const remedy = `natsx stream purge ${shellWord(stream)} --subject ${shellWord(arrivesAt)} --yes`;
  try {
    if (cleanUp) {
      const purged = await purgeStream(api, stream, { filter: arrivesAt });
      return `removed ${plural(purged, 'message')} of the run from the stream "${stream}"`;
    }
    const counts = await readSubjects(api, stream, arrivesAt);
    const left = counts.get(arrivesAt) ?? 0;
    if (left === 0) return undefined;
    const stay = agree(left, 'stays', 'stay');
    return `${plural(left, 'message')} of the run ${stay} in the stream "${stream}"; to remove: ${remedy}`;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `messages of the run may be left in the stream "${stream}" (${why}); to remove: ${remedy}`;
  }
}
