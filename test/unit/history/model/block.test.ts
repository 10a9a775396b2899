import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeBlock, encodeBlock } from '../../../../src/history/model/block.js';
import {
  joinBlocks,
  readingBlock,
  readingsOf,
  type ReadingTrees,
} from '../../../../src/history/model/reading.js';
import { Names } from '../../../../src/history/model/row.js';

const leaf = fc.oneof(
  fc.double({ noNaN: true, max: 1e12 }),
  fc.double({ noNaN: true, min: 1e12 }).map(Math.floor),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.integer({ min: 0, max: 10_000 }).map((n) => n / 1000),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
  fc.constantFrom('a', '"', '\\', ']', true, false, null, -0, 2 ** 49, 2 ** 53),
);
const tree = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 3 }), tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    fc
      .array(fc.tuple(fc.string({ maxLength: 2 }), tie('tree')), { maxLength: 2 })
      .map((list) => new Map(list)),
    fc.array(leaf, { maxLength: 3 }).map((list) => new Set(list)),
  ),
})).tree;
const trees: fc.Arbitrary<ReadingTrees> = fc
  .array(
    fc.tuple(
      fc.constantFrom('', 'core', 'stream/A', 'stream/B'),
      fc
        .array(fc.tuple(fc.constantFrom('s', 'c/x', 'c/y', 'e/x'), tree), {
          minLength: 1,
          maxLength: 4,
        })
        .map((series) => new Map(series)),
    ),
    { maxLength: 4 },
  )
  .map((sections) => new Map(sections));

/** Key order of series is not kept where a block has several readings. */
function plain(readings: Iterable<ReadingTrees>) {
  return [...readings].map((sections) =>
    Object.fromEntries([...sections].map(([name, series]) => [name, Object.fromEntries(series)])),
  );
}

describe('a block', () => {
  it('gives back every reading, alone and with others', () => {
    fc.assert(
      fc.property(fc.array(trees, { minLength: 1, maxLength: 6 }), (readings) => {
        const encoded = readings.map((reading) => {
          const names = new Names();
          return encodeBlock(readingBlock(reading, names), names);
        });
        const names = new Names();
        const single = encoded.map((bytes) => decodeBlock(bytes, names));
        expect(single.flatMap((block) => plain(readingsOf(block, names)))).toEqual(plain(readings));
        const joined = encodeBlock(joinBlocks(single), names);
        const fresh = new Names();
        expect(plain(readingsOf(decodeBlock(joined, fresh), fresh))).toEqual(plain(readings));
      }),
    );
  });

  it('gives back one section without the others', () => {
    const names = new Names();
    const reading: ReadingTrees = new Map<string, ReadonlyMap<string, unknown>>([
      ['core', new Map([['x', { a: 1 }]])],
      ['stream/A', new Map([['s', { messages: 7, name: 'A' }]])],
    ]);
    const bytes = encodeBlock(readingBlock(reading, names), names);
    const fresh = new Names();
    const block = decodeBlock(bytes, fresh, (section) => section === 'stream/A');
    expect(plain(readingsOf(block, fresh))).toEqual([
      { 'stream/A': { s: { messages: 7, name: 'A' } } },
    ]);
  });

  it('fails on bytes that are none, and never hangs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          const names = new Names();
          plain(readingsOf(decodeBlock(bytes, names), names));
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
