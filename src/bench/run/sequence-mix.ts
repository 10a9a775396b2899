/**
 * A number of 20 bits for each message of each publisher, spread evenly. When sent and received messages
 * have the same count and the same sum of these, a duplicate has not hidden a loss (but with a chance of
 * one in a million). Sums stay exact for eight billion messages.
 */
export function sequenceMix(publisher: number, sequence: number): number {
  let mixed = Math.imul(sequence ^ Math.imul(publisher + 1, 0x9e3779b1), 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) & 0xfffff;
}
