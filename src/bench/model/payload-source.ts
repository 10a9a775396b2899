import { fillRandom, seededRandom } from '../../core/statistics/random.js';
import type { Random } from '../../core/statistics/random.js';
import { drawSize, maxSize } from './size-mix.js';
import type { SizeSpec } from './size-mix.js';

/** Gives the body of the next message. The bytes are borrowed: copy them before the next call. */
export type PayloadSource = () => Uint8Array;

export interface PayloadRequest {
  readonly size: SizeSpec;
  /** A body from a file; when present, every message carries these bytes. */
  readonly fixed: Uint8Array | undefined;
  readonly seed: number;
  /** Separates the bodies of one run's clients. */
  readonly streamNumber: number;
}

/** Slices start at random places of a pool this much larger than the largest body. */
const POOL_BYTES = 256 * 1024;

/** Bodies are random slices of one random pool: incompressible, repeatable from the seed, and cheap to make. */
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
