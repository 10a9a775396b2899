import { NatsxError, usageError } from '../../core/errors.js';
import { formatCount } from '../../core/wording.js';
import { isAtLeast } from '../../core/server-needs.js';

/** How messages are published together. */
export type BatchMode = 'atomic' | 'fast';

/** What a stream must allow, and since when servers know it. */
export const BATCH_NEEDS = {
  atomic: { since: '2.12', key: 'allow_atomic', flag: '--allow-batch' },
  fast: { since: '2.14', key: 'allow_batched', flag: '--allow-fast' },
} as const satisfies Readonly<Record<BatchMode, object>>;

/** @throws {NatsxError} rejected — an older server would store each message for itself */
export function checkBatchNeeds(mode: BatchMode, serverVersion: string): void {
  const { since } = BATCH_NEEDS[mode];
  if (serverVersion === '' || isAtLeast(serverVersion, since)) return;
  throw new NatsxError(
    'rejected',
    `the server is too old for ${mode} batches: it is ${serverVersion}, they need ${since}`,
    {
      hint: 'update the server, or publish without a batch',
      details: { server_version: serverVersion, needs: since },
    },
  );
}

/** What a server allows in an atomic batch by default. */
export const MOST_IN_BATCH = 1_000;

/** More messages than an atomic batch may have. */
export function tooManyForBatch(): NatsxError {
  return usageError(
    `an atomic batch has at most ${formatCount(MOST_IN_BATCH)} messages, and there are more; nothing was published`,
    'publish them in several batches, or without --atomic',
  );
}
