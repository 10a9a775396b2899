import { countable } from '../../streams/model/sequence.js';
import { NatsxError } from '../../core/errors.js';
import { presentInHoles } from '../model/present-in-holes.js';
import type { Holes, SequenceRange } from '../model/sequence-account.js';
import type { JetStreamApi } from '../../streams/run/api/jetstream-api.js';
import { readStream } from '../../streams/run/api/jetstream-entities.js';
import { readMessage } from '../../streams/run/api/jetstream-streams.js';

/** One answer with so many deleted sequences has some twenty megabytes; beyond it each hole is asked for. */
const MOST_DELETED = 2_000_000;
const AT_ONCE = 50;

/**
 * Asks a stream whether it has messages that were stepped over.
 *
 * @returns where it has some; for a stream with millions of deleted messages whole holes, else the very sequences
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
  // Some may have been deleted since: what counts is one answer with all of it.
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
