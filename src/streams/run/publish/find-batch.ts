import { setTimeout as sleep } from 'node:timers/promises';

import { NatsxError } from '../../../core/errors.js';
import { BATCH_COMMIT, BATCH_ID } from '../../model/batch-headers.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import { readMessage } from '../api/jetstream-streams.js';

const LOOKS = 4;
const PAUSE_MS = 250;
/** Messages of the subject that are read in search of the commit. */
const MOST_STEPS = 10_000;

interface WantedBatch {
  readonly id: string;
  readonly stream: string;
  /** The last sequence of the stream before the batch. */
  readonly seq: number;
  /** The subject of its last message, which is stored only with all others. */
  readonly subject: string;
  readonly timeoutMs: number;
  /** Resolves when there is a connection. */
  readonly connected: (signal: AbortSignal) => Promise<void>;
}

/** Where a batch ends in its stream. */
interface FoundBatch {
  readonly stream: string;
  readonly seq: number;
}

/** Looks for the last message of an atomic batch; undefined if the stream does not show it within the time. */
export async function findBatch(
  api: JetStreamApi,
  wanted: WantedBatch,
): Promise<FoundBatch | undefined> {
  const late = AbortSignal.timeout(wanted.timeoutMs);
  for (let look = 0; look < LOOKS && !late.aborted; look++) {
    try {
      await wanted.connected(late);
      const found = await foundNow(api, wanted);
      if (found !== undefined) return found;
    } catch (error) {
      if (!(error instanceof NatsxError)) throw error;
    }
    // The server may still process what arrived over a lost connection.
    await sleep(PAUSE_MS);
  }
  return undefined;
}

async function foundNow(api: JetStreamApi, wanted: WantedBatch): Promise<FoundBatch | undefined> {
  let from = wanted.seq + 1;
  for (let step = 0; step < MOST_STEPS; step++) {
    const next = await nextFrom(api, wanted, from);
    if (next === undefined) return undefined;
    if (next.isCommit) return { stream: wanted.stream, seq: next.seq };
    from = next.seq + 1;
  }
  return undefined;
}

async function nextFrom(
  api: JetStreamApi,
  { id, stream, subject }: WantedBatch,
  seq: number,
): Promise<{ readonly seq: number; readonly isCommit: boolean } | undefined> {
  try {
    const found = await readMessage(api, stream, { by: 'next', subject, seq });
    const { headers } = found.message;
    const isOurs = headers?.get(BATCH_ID)?.[0] === id;
    return { seq: Number(found.seq), isCommit: isOurs && headers.has(BATCH_COMMIT) };
  } catch (error) {
    if (error instanceof NatsxError && error.kind === 'not-found') return undefined;
    throw error;
  }
}
