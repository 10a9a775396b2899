import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';

import { fileError } from '../../connection/file-error.js';
import type { Terminal } from '../../terminal/terminal.js';
import { HistoryLog } from '../run/log-reader.js';
import { pastReadings, type Stretch } from '../run/past-readings.js';
import { CSV_COLUMNS, csvLine, exportRows, gapRow, type ExportRow } from '../view/export-rows.js';

export interface HistoryExportPlan {
  readonly dir: string;
  readonly format: 'csv' | 'jsonl';
  /** `-` is stdout. */
  readonly file: string;
  readonly stretch: Stretch;
}

/** Where lines go. */
interface LineTarget {
  readonly line: (text: string) => void;
  readonly ready: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Writes everything that a history has, a row for each thing at each reading.
 *
 * @returns the number of rows
 * @throws {NatsxError} usage — not a history, or the file cannot be written
 */
export async function exportHistory(terminal: Terminal, plan: HistoryExportPlan): Promise<number> {
  const log = await HistoryLog.open(plan.dir);
  const target = plan.file === '-' ? stdoutTarget(terminal) : await fileTarget(plan.file);
  const write = (row: ExportRow): void =>
    target.line(plan.format === 'csv' ? csvLine(row) : JSON.stringify(row));
  const { signal } = terminal.life;
  let rows = 0;
  try {
    if (plan.format === 'csv') target.line(CSV_COLUMNS.join(','));
    for await (const batch of rowsByReading(log, plan.stretch)) {
      if (signal.aborted || (plan.file === '-' && terminal.out.closed)) break;
      for (const row of batch) write(row);
      rows += batch.length;
      await target.ready();
    }
  } finally {
    await target.close();
  }
  return rows;
}

async function* rowsByReading(
  log: HistoryLog,
  stretch: Stretch,
): AsyncGenerator<readonly ExportRow[]> {
  const gaps = log.coverage.gaps.filter(({ toMs }) => toMs >= (stretch.fromMs ?? -Infinity));
  for await (const { window, events } of pastReadings(log, stretch)) {
    const ended = gaps.filter(({ toMs }) => toMs <= window.atMs);
    gaps.splice(0, ended.length);
    yield [...ended.map(gapRow), ...exportRows(window, events)];
  }
}

function stdoutTarget({ out }: Terminal): LineTarget {
  return {
    line: (text) => out.line(text),
    ready: () => out.ready(),
    close: () => Promise.resolve(),
  };
}

async function fileTarget(path: string): Promise<LineTarget> {
  const file = createWriteStream(path);
  let failure: unknown;
  file.on('error', (error) => (failure = error));
  const check = (): void => {
    if (failure !== undefined) throw fileError('write to', path, failure);
  };
  await once(file, 'open').catch(() => undefined);
  check();
  return {
    line: (text) => void file.write(`${text}\n`),
    ready: async () => {
      check();
      if (file.writableNeedDrain) await once(file, 'drain').catch(() => undefined);
      check();
    },
    close: async () => {
      check();
      file.end();
      await finished(file).catch(() => undefined);
      check();
    },
  };
}
