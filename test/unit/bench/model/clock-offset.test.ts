import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  boundDuring,
  clockOffsetOf,
  oneWayBoundNs,
} from '../../../../src/bench/model/clock-offset.js';

describe('an offset', () => {
  it('is within its bound, however unequal the two ways are', () => {
    const way = fc.integer({ min: 0, max: 5_000_000 });
    const probes = fc.array(fc.record({ there: way, back: way }), { minLength: 1, maxLength: 20 });
    const offset = fc.integer({ min: -1e12, max: 1e12 });
    fc.assert(
      fc.property(probes, offset, (ways, truth) => {
        const found = clockOffsetOf(
          ways.map(({ there, back }, at) => {
            const sentNs = at * 2_000_000;
            const receivedNs = sentNs + there + back;
            return { sentNs, receivedNs, otherNs: sentNs + there + truth };
          }),
        );
        expect(Math.abs(found.offsetNs - truth)).toBeLessThanOrEqual(found.boundNs + 0.5);
        const shortest = Math.min(...ways.map(({ there, back }) => there + back));
        expect(found.boundNs).toBeLessThanOrEqual(Math.ceil(shortest / 2));
      }),
    );
  });

  it('of a clock that was set in between is that of the shortest round trip', () => {
    const probes = [
      { sentNs: 0, receivedNs: 100, otherNs: 50 },
      { sentNs: 200, receivedNs: 240, otherNs: 5_220 },
    ];
    expect(clockOffsetOf(probes)).toEqual({ offsetNs: 5_000, boundNs: 20 });
  });

  it('that has moved by the end has a larger bound', () => {
    const used = { offsetNs: 100, boundNs: 10 };
    expect(boundDuring(used, { offsetNs: 100, boundNs: 5 })).toBe(10);
    expect(boundDuring(used, { offsetNs: 160, boundNs: 5 })).toBe(65);
  });
});

it('of two machines adds up, and one machine has no error', () => {
  const [sender, receiver] = [
    { boundNs: 3, sends: true, receives: false },
    { boundNs: 4, sends: false, receives: true },
  ];
  expect(oneWayBoundNs([sender, receiver])).toBe(7);
  expect(
    oneWayBoundNs([
      { boundNs: 3, sends: true, receives: true },
      { ...sender, sends: false },
    ]),
  ).toBe(0);
  expect(oneWayBoundNs([sender, { ...receiver, sends: true }])).toBe(7);
});
