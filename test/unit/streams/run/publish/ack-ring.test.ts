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
          ring.add(added, held, { reply: added, follows: undefined });
          added += 1;
        }
        const open = [...ring.open()];
        const one = open[choice % open.length];
        if (one !== undefined) ring.settle(one, ack);
        expect(ring.length).toBe(added - left.length);
        expect(ring.bytes).toBe(3 * ring.length);
        expect(ring.head?.fate).toBeUndefined();
      }
      for (const one of ring.open()) ring.settle(one, ack);
      expect(ring.isEmpty).toBe(true);
      expect(left).toEqual(Array.from({ length: added }, (_, number) => number));
    }),
  );
});

it('finds a message by its reply number as long as it has no fate', () => {
  const ring = new AckRing<number>(5, () => undefined);
  const all: Outstanding<number>[] = [];
  for (let number = 0; number < 23; number++) {
    // The places keep the numbers of the second round.
    const reply = number < 5 ? number : 5 + (number % 5);
    const one = ring.add(number, held, { reply, follows: undefined });
    all.push(one);
    if (number < 18) ring.settle(one, ack);
  }
  // 18 to 22 are open.
  expect(ring.find(8)?.number).toBe(18);
  expect(ring.find(6)?.number).toBe(21);
  expect(ring.find(3)).toBeUndefined();
  expect(ring.find(13)).toBeUndefined();
  ring.settle(all[20]!, ack);
  expect(ring.find(5)).toBeUndefined();
  for (const strange of [-1, 0.5, NaN, Infinity]) expect(ring.find(strange)).toBeUndefined();
});

it('tells which message was the newest whose number leaves a rest', () => {
  const ring = new AckRing<number>(5, () => undefined);
  expect(ring.numberOf(0, 10)).toBeUndefined();
  for (let number = 0; number < 23; number++) {
    ring.settle(ring.add(number, held, { reply: number % 10, follows: undefined }), ack);
  }
  expect(ring.numberOf(2, 10)).toBe(22);
  expect(ring.numberOf(7, 10)).toBe(17);
});
