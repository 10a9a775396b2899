import { NatsxError } from '../domain/errors.js';
import type { SequenceRange } from '../domain/recording/sequence-account.js';
import type { JetStreamApi } from '../nats/jetstream-api.js';
import { readMessage } from '../nats/jetstream-streams.js';

const AT_ONCE = 50;

/**
 * Asks a stream whether it has messages that were stepped over.
 *
 * @returns the holes in which there are messages: what was skipped
 * @throws {NatsxError} as JetStream's API
 */
export async function missingIn(
  api: JetStreamApi,
  stream: string,
  holes: readonly SequenceRange[],
): Promise<readonly SequenceRange[]> {
  const missing: SequenceRange[] = [];
  for (let at = 0; at < holes.length; at += AT_ONCE) {
    const group = holes.slice(at, at + AT_ONCE);
    const found = await Promise.all(group.map((hole) => nextAt(api, stream, hole.from)));
    missing.push(...group.filter((hole, index) => (found[index] ?? Infinity) <= hole.to));
  }
  return missing;
}

/** The first sequence from `seq` on that the stream has. */
async function nextAt(api: JetStreamApi, stream: string, seq: number): Promise<number | undefined> {
  try {
    return (await readMessage(api, stream, { by: 'next', subject: '>', seq })).seq;
  } catch (error) {
    if (error instanceof NatsxError && error.kind === 'not-found') return undefined;
    throw error;
  }
}
