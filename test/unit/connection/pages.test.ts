import { expect, test } from 'vitest';

import { allPages, type Page } from '../../../src/connection/pages.js';

interface Numbers extends Page {
  readonly entries: readonly number[];
}

/** Reads a list of 0 to `total - 1`, of which some entries do not answer. */
async function read(
  total: number,
  {
    limit,
    holes = [],
    refusedFrom = Infinity,
    silent = false,
  }: {
    readonly limit: number;
    readonly holes?: readonly number[];
    readonly refusedFrom?: number;
    readonly silent?: boolean;
  },
): Promise<{ readonly found: number[]; readonly offsets: number[] }> {
  const found: number[] = [];
  const offsets: number[] = [];
  const pages = allPages<Numbers>({
    read: (offset) => {
      offsets.push(offset);
      if (offset >= refusedFrom) return Promise.resolve(undefined);
      const all = Array.from(
        { length: Math.max(0, Math.min(limit, total - offset)) },
        (_, at) => offset + at,
      );
      const entries = all.filter((one) => !holes.includes(one));
      return Promise.resolve(silent ? { total, entries } : { total, limit, entries });
    },
    size: ({ entries }) => entries.length,
  });
  for await (const { entries } of pages) found.push(...entries);
  return { found, offsets };
}

test.each([
  [0, [0]],
  [3, [0]],
  [4, [0, 3]],
  [6, [0, 3]],
  [7, [0, 3, 6]],
])('%i entries in pages of three', async (total, offsets) => {
  const limit = 3;
  const run = await read(total, { limit });
  expect(run.found).toEqual(Array.from({ length: total }, (_, at) => at));
  expect(run.offsets).toEqual(offsets);
});

test('a page of holes alone does not end the list', async () => {
  const run = await read(7, { limit: 3, holes: [3, 4, 5] });
  expect(run.found).toEqual([0, 1, 2, 6]);
});

test('a server that does not say how long its pages are', async () => {
  expect((await read(7, { limit: 3, silent: true })).found).toHaveLength(7);
});

test('a page that is refused ends the list', async () => {
  expect((await read(7, { limit: 3, refusedFrom: 3 })).found).toEqual([0, 1, 2]);
});
