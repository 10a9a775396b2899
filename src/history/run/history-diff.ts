import type { HistoryChange } from '../../backlog/model/memory/memory-facts.js';
import { BacklogMemory } from '../../backlog/model/memory/memory.js';
import { readingState, type ReadingState } from '../../backlog/model/memory/window-changes.js';
import { usageError } from '../../core/errors.js';
import { checkCovered, parseMoment } from '../model/moment.js';
import { netChanges, type HistoryDiff } from '../model/net-changes.js';
import { HistoryLog } from './log-reader.js';
import { pastReadings } from './past-readings.js';

/**
 * What changed from one moment to another: each change by itself, and the counts at both ends.
 *
 * @throws {NatsxError} usage — not a history, not times; not-found — nothing was recorded then
 */
export async function historyDiff(dir: string, from: string, to: string): Promise<HistoryDiff> {
  const nowMs = Date.now();
  const [fromMs, toMs] = [parseMoment(from, nowMs), parseMoment(to, nowMs)];
  if (fromMs >= toMs) throw usageError('the first time must be before the second');
  const log = await HistoryLog.open(dir);
  checkCovered(fromMs, log.coverage);
  checkCovered(toMs, log.coverage);
  let memory = new BacklogMemory();
  let first: ReadingState | undefined;
  let last: ReadingState | undefined;
  const changes: HistoryChange[] = [];
  for await (const { window, events } of pastReadings(log, { fromMs, toMs, withBefore: true })) {
    last = readingState(window, last);
    // The reading that counts at the first moment is the last one before it.
    if (window.atMs <= fromMs) {
      memory = new BacklogMemory();
      first = last;
      memory.add(window);
    } else changes.push(...memory.add(window, events));
  }
  if (first === undefined || last === undefined) return { fromMs, toMs, changes, findings: [] };
  return {
    fromMs: first.atMs,
    toMs: last.atMs,
    changes: [...changes, ...netChanges(first, last)],
    findings: memory.findings(),
  };
}
