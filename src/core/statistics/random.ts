/** A stream of numbers in [0, 1) that is the same for the same seed, on every machine. */
export type Random = () => number;

const TWO_POW_32 = 2 ** 32;

/**
 * sfc32: small, quick and well distributed; the run's seed makes bodies, sizes and Poisson gaps repeatable.
 * @param seed any integer
 * @param streamNumber separates the streams of one run (one per client), so that clients do not send the same
 */
export function seededRandom(seed: number, streamNumber = 0): Random {
  let a = seed >>> 0;
  let b = Math.floor(seed / TWO_POW_32) >>> 0;
  let c = streamNumber >>> 0;
  let counter = 1;
  const next = (): number => {
    const mixed = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + mixed) | 0;
    return (mixed >>> 0) / TWO_POW_32;
  };
  // Seeds that differ in one bit give unrelated streams only after some rounds.
  for (let round = 0; round < 15; round++) next();
  return next;
}

/** Fills `target` with bytes that no compressor can shrink. */
export function fillRandom(target: Uint8Array, random: Random): void {
  for (let at = 0; at < target.length; at += 4) {
    const word = Math.floor(random() * TWO_POW_32);
    target[at] = word & 0xff;
    if (at + 1 < target.length) target[at + 1] = (word >>> 8) & 0xff;
    if (at + 2 < target.length) target[at + 2] = (word >>> 16) & 0xff;
    if (at + 3 < target.length) target[at + 3] = word >>> 24;
  }
}
