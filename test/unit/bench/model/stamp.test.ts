import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  readPass,
  readPublisher,
  readSequence,
  readTime,
  STAMP_BYTES,
  stampKindFor,
  writeOrigin,
  writeSequence,
  writeTime,
} from '../../../../src/bench/model/stamp.js';

it('reads what was written, at any offset', () => {
  fc.assert(
    fc.property(
      fc.record({
        at: fc.nat(9),
        sequence: fc.nat(2 ** 32 - 1),
        publisher: fc.nat(65_535),
        pass: fc.nat(65_535),
        timeNs: fc.maxSafeNat().map((value) => value % 2 ** 48),
      }),
      ({ at, sequence, publisher, pass, timeNs }) => {
        const bytes = new Uint8Array(at + STAMP_BYTES);
        writeSequence(bytes, at, sequence);
        writeOrigin(bytes, at, publisher, pass);
        writeTime(bytes, at, timeNs);
        expect(readSequence(bytes, at)).toBe(sequence);
        expect(readPublisher(bytes, at)).toBe(publisher);
        expect(readPass(bytes, at)).toBe(pass);
        expect(readTime(bytes, at)).toBe(timeNs);
      },
    ),
  );
});

it('says what a body has room for', () => {
  expect([0, 7, 8, 13, 14, 128].map((size) => stampKindFor(size))).toEqual([
    'none',
    'none',
    'sequence',
    'sequence',
    'sequence-and-time',
    'sequence-and-time',
  ]);
});
