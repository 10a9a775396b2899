import { countable } from '../../streams/model/sequence.js';
import { NatsxError } from '../../core/errors.js';
import { presentInHoles, type Holes, type SequenceRange } from '../model/sequence-account.js';
import type { JetStreamApi } from '../../streams/run/api/jetstream-api.js';
import { readStream } from '../../streams/run/api/jetstream-entities.js';
import { readMessage } from '../../streams/run/api/jetstream-streams.js';

/** A response with this many deleted sequences has about 20 MB; beyond it each hole is requested separately. */
const MOST_DELETED = 2_000_000;
const AT_ONCE = 50;

/**
 * Asks a stream whether it has messages that were skipped.
 *
 * @returns where it has some: exact sequences, or whole holes for a stream with millions of deleted messages
 * @throws {NatsxError} as JetStream's API
 */
export async function skippedMessages(
  api: JetStreamApi,
  stream: string,
  holes: Holes,
): Promise<readonly SequenceRange[]> {
  if (holes.count === 0) return [];
  const { state } = await readStream(api, stream);
  const deleted = state.num_deleted ?? 0;
  if (deleted > MOST_DELETED) return askForEach(api, stream, holes);
  if (deleted === 0) return presentInHoles(state, holes);
  // Messages may have been deleted in the meantime: the state and the gaps must be from one response.
  return presentInHoles((await readStream(api, stream, { deleted_details: true })).state, holes);
}

async function askForEach(
  api: JetStreamApi,
  stream: string,
  holes: Holes,
): Promise<readonly SequenceRange[]> {
  const skipped: SequenceRange[] = [];
  const rest = holes[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (const hole of rest) {
      if (((await nextAt(api, stream, hole.from)) ?? Infinity) <= hole.to) skipped.push(hole);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return skipped.toSorted((a, b) => a.from - b.from);
}

/** The first sequence from `seq` on that the stream has. */
async function nextAt(api: JetStreamApi, stream: string, seq: number): Promise<number | undefined> {
  try {
    return countable((await readMessage(api, stream, { by: 'next', subject: '>', seq })).seq);
  } catch (error) {
    if (error instanceof NatsxError && error.kind === 'not-found') return undefined;
    throw error;
  }
}
