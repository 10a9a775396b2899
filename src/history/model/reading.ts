import type { Block, BlockSection, BlockSeries } from './block.js';
import { toRow, toTree, type Names, type Row, type Tree } from './row.js';

/** What one reading adds to those before: by section and key, as trees. */
export type ReadingTrees = ReadonlyMap<string, ReadonlyMap<string, Tree>>;

/** A reading as a block of its own. */
export function readingBlock(trees: ReadingTrees, names: Names): Block {
  const sections = [...trees].map(([name, series]) => ({
    name,
    series: [...series].map(([key, tree]) => ({ key, rows: [toRow(tree, names)] })),
  }));
  return { readings: 1, sections };
}

/** One block of several that follow each other, whose rows all refer to the same {@link Names}. */
export function joinBlocks(blocks: readonly Block[]): Block {
  const sections = new Map<string, Map<string, (Row | undefined)[]>>();
  let readings = 0;
  for (const block of blocks) {
    for (const { name, series } of block.sections) {
      const section = sections.get(name) ?? new Map<string, (Row | undefined)[]>();
      sections.set(name, section);
      for (const { key, rows } of series) append(section, key, { readings, rows });
    }
    readings += block.readings;
  }
  return {
    readings,
    sections: [...sections].map(([name, series]) => ({
      name,
      series: [...series].map(([key, rows]) => ({ key, rows: filledUp(rows, readings) })),
    })),
  };
}

function append(
  section: Map<string, (Row | undefined)[]>,
  key: string,
  { readings, rows }: { readonly readings: number; readonly rows: BlockSeries['rows'] },
): void {
  const known = filledUp(section.get(key) ?? [], readings);
  known.push(...rows);
  section.set(key, known);
}

function filledUp(rows: (Row | undefined)[], length: number): (Row | undefined)[] {
  while (rows.length < length) rows.push(undefined);
  return rows;
}

/** The readings of a block, in order. */
export function* readingsOf(block: Block, names: Names): Generator<ReadingTrees> {
  for (let reading = 0; reading < block.readings; reading += 1) {
    const trees = new Map<string, ReadonlyMap<string, Tree>>();
    for (const section of block.sections) {
      const series = seriesAt(section, reading, names);
      if (series.size > 0) trees.set(section.name, series);
    }
    yield trees;
  }
}

function seriesAt(section: BlockSection, reading: number, names: Names): Map<string, Tree> {
  const series = new Map<string, Tree>();
  for (const { key, rows } of section.series) {
    const row = rows[reading];
    if (row !== undefined) series.set(key, toTree(row, names));
  }
  return series;
}
