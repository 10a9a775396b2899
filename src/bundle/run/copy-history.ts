import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { HistoryLog } from '../../history/run/log-reader.js';
import type { Block } from '../../history/model/block.js';
import type { HistoryGap } from '../../history/model/frame.js';
import { joinBlocks, readingBlock, type ReadingTrees } from '../../history/model/reading.js';
import { Names } from '../../history/model/row.js';
import { BLOCK_READINGS, LogWriter, type BlockSpan } from '../../history/run/log-writer.js';
import { GENERAL_SECTION } from '../../history/model/window-trees.js';
import type { Cleaning } from '../model/cleaning.js';
import { cleanReading } from '../model/clean-reading.js';
import type { BundleFile, BundleHistory } from '../model/manifest.js';

/** The folder of a history in a bundle. */
export const HISTORY_FOLDER = 'history/';

export interface HistoryCopy {
  readonly covers: BundleHistory;
  readonly files: readonly BundleFile[];
}

/** Which part of which history. */
export interface HistoryPart {
  readonly log: HistoryLog;
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

/** Readings that become one block. Their trees are not kept: those of a large account take much memory. */
class BlockGathering {
  readonly names = new Names();
  readonly blocks: Block[] = [];
  span: BlockSpan | undefined;

  add(
    trees: ReadingTrees,
    {
      atMs,
      everyMs,
      gap,
    }: {
      readonly atMs: number;
      readonly everyMs: number;
      readonly gap: HistoryGap | undefined;
    },
  ): void {
    this.blocks.push(readingBlock(trees, this.names));
    const { fromMs = atMs, gaps = [] } = this.span ?? {};
    this.span = { fromMs, toMs: atMs, everyMs, gaps: gap === undefined ? gaps : [...gaps, gap] };
  }
}

/** Writes the readings of a history again, without what the cleaning takes out. An abort ends it early. */
export async function copyHistory(
  { log, fromMs, toMs = Infinity }: HistoryPart,
  dir: string,
  cleaning: Cleaning,
  {
    signal,
    onProgress,
  }: { readonly signal: AbortSignal; readonly onProgress: (text: string) => void },
): Promise<HistoryCopy> {
  await mkdir(dir, { mode: 0o700 });
  const { everyMs, gaps, readings } = log.coverage;
  const before = new Map(gaps.map((gap) => [gap.toMs, gap]));
  const writer = await LogWriter.open(dir, { keepMs: Infinity, maxBytes: Infinity });
  let first: number | undefined;
  let gathering = new BlockGathering();
  const write = async (): Promise<void> => {
    const { blocks, names, span } = gathering;
    if (span !== undefined) await writer.appendBlock(joinBlocks(blocks), names, span);
    gathering = new BlockGathering();
    onProgress(`copying the history: ${writer.readings} of ${readings} readings`);
  };
  let last: number | undefined;
  try {
    for await (const { trees } of log.readings({ fromMs: fromMs ?? -Infinity, toMs })) {
      const { atMs } = trees.get(GENERAL_SECTION)?.get('head') as { readonly atMs: number };
      if (signal.aborted || atMs > toMs) break;
      const gap = first === undefined ? undefined : before.get(Math.floor(atMs));
      gathering.add(cleanReading(trees, cleaning), { atMs: Math.floor(atMs), everyMs, gap });
      if (gathering.blocks.length >= BLOCK_READINGS) await write();
      first ??= atMs;
      last = atMs;
    }
    await write();
  } finally {
    await writer.close();
  }
  const names = (await readdir(dir)).toSorted();
  const files = await Promise.all(
    names.map(async (name) => ({
      name: HISTORY_FOLDER + name,
      bytes: (await stat(join(dir, name))).size,
      what: 'readings of a history, as natsx history record writes them',
    })),
  );
  return {
    covers: { from: iso(first), to: iso(last), readings: writer.readings },
    files,
  };
}

function iso(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString();
}
