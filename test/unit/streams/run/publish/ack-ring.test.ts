import fc from 'fast-check';
import { expect, it } from 'vitest';

import { AckRing, type Outstanding } from '../../../../../src/streams/run/publish/ack-ring.js';

const held = { subject: 'a', heldBytes: 3, hasId: true };
const ack = { type: 'stored', ack: { stream: 'S', seq: 1, duplicate: false } } as const;

it('hands out messages in order, each once, however they are settled', () => {
  const settling = fc.array(fc.nat({ max: 9 }), { maxLength: 200 });
  fc.assert(
    fc.property(settling, (choices) => {
      const left: number[] = [];
      const ring = new AckRing<number>(10, ({ number }) => left.push(number));
      let added = 0;
      for (const choice of choices) {
        while (!ring.isFull) {
          ring.add(added, held);
          added += 1;
        }
        const open = [...ring.open()];
        const entry = open[choice % open.length];
        if (entry !== undefined) ring.settle(entry, ack);
        expect(ring.length).toBe(added - left.length);
        expect(ring.bytes).toBe(3 * ring.length);
        expect(ring.head?.fate).toBeUndefined();
      }
      for (const entry of ring.open()) ring.settle(entry, ack);
      expect(ring.isEmpty).toBe(true);
      expect(left).toEqual(Array.from({ length: added }, (_, number) => number));
    }),
  );
});

it('finds a message by its number as long as it has no fate', () => {
  const ring = new AckRing<number>(5, () => undefined);
  const all: Outstanding<number>[] = [];
  for (let number = 0; number < 23; number++) {
    const entry = ring.add(number, held);
    all.push(entry);
    if (number < 18) ring.settle(entry, ack);
  }
  // 18 to 22 are open.
  expect(ring.get(18)?.number).toBe(18);
  expect(ring.get(22)?.number).toBe(22);
  for (const number of [3, 13, 17, 23, 28]) expect(ring.get(number)).toBeUndefined();
  ring.settle(all[20]!, ack);
  expect(ring.get(20)).toBeUndefined();
});

it('finds the newest message with a number in its reply subject', () => {
  const ring = new AckRing<number>(5, () => undefined);
  expect(ring.numberOf(0)).toBeUndefined();
  for (let number = 0; number < 23; number++) ring.settle(ring.add(number, held), ack);
  expect(ring.numberOf(0)).toBe(0);
  expect(ring.numberOf(22)).toBe(22);
  for (const strange of [-1, 23, 1e8, NaN, Infinity]) {
    expect(ring.numberOf(strange)).toBeUndefined();
  }
});
