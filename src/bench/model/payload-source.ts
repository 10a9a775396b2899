import { fillRandom, seededRandom } from '../../core/statistics/random.js';
import type { Random } from '../../core/statistics/random.js';
import { drawSize, maxSize } from './size-mix.js';
import type { SizeSpec } from './size-mix.js';

/** Returns the body of the next message. Copy the bytes before the next call. */
export type PayloadSource = () => Uint8Array;

export interface PayloadRequest {
  readonly size: SizeSpec;
  /** The body of all messages, from a file. */
  readonly fixed: Uint8Array | undefined;
  readonly seed: number;
  /** Gives each client of a run different bodies. */
  readonly streamNumber: number;
}

/** Bodies are slices of a pool that is this much larger than the largest body. */
const POOL_BYTES = 256 * 1024;

/** Bodies are random slices of a random pool: incompressible, reproducible from the seed, and cheap. */
export function payloadSource(request: PayloadRequest): PayloadSource {
  const { fixed } = request;
  if (fixed !== undefined) return () => fixed;
  const random: Random = seededRandom(request.seed, request.streamNumber);
  const largest = maxSize(request.size);
  const pool = new Uint8Array(largest === 0 ? 0 : POOL_BYTES + largest);
  fillRandom(pool, random);
  return () => {
    const size = drawSize(request.size, random);
    const start = Math.floor(random() * (pool.length - size + 1));
    return pool.subarray(start, start + size);
  };
}
