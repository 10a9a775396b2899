import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { HistoryGap } from '../../history/model/frame.js';
import type { HistoryLog } from '../../history/run/log-reader.js';
import { LogWriter } from '../../history/run/log-writer.js';
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
  let last: number | undefined;
  try {
    for await (const { trees } of log.readings({ fromMs: fromMs ?? -Infinity, toMs })) {
      const { atMs } = trees.get(GENERAL_SECTION)?.get('head') as { readonly atMs: number };
      if (signal.aborted || atMs > toMs) break;
      const known = before.get(Math.floor(atMs));
      await writer.append(cleanReading(trees, cleaning), {
        atMs: Math.floor(atMs),
        everyMs,
        wasDisconnected: false,
        gaps: first === undefined || known === undefined ? NO_GAPS : [known],
      });
      first ??= atMs;
      last = atMs;
      if (writer.readings % 100 === 0)
        onProgress(`copying the history: ${writer.readings} of ${readings} readings`);
    }
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

const NO_GAPS: readonly HistoryGap[] = [];

function iso(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString();
}
