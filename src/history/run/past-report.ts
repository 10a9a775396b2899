import { diagnose } from '../../backlog/model/diagnose.js';
import type { PlacedMemory } from '../../backlog/model/memory/memory-facts.js';
import { BacklogMemory, MEMORY_MS } from '../../backlog/model/memory/memory.js';
import { BacklogTrail, backlogsOfWindow } from '../../backlog/model/backlog-trail.js';
import { withMemory } from '../../backlog/model/memory/remembered-report.js';
import { withoutOwnCommand } from '../../backlog/model/own-command.js';
import type { BacklogReport } from '../../backlog/model/report.js';
import type { BacklogRequest } from '../../backlog/model/request.js';
import type { ScanWindow } from '../../backlog/model/series.js';
import { NatsxError } from '../../core/errors.js';
import { chosenWindow } from '../model/chosen-window.js';
import { checkCovered, parseMoment } from '../model/moment.js';
import { CORE_SECTION, GENERAL_SECTION, streamSection } from '../model/window-trees.js';
import { HistoryLog } from './log-reader.js';
import { pastReadings } from './past-readings.js';

export interface PastReport {
  readonly report: BacklogReport;
  /** What the hour before adds to the report; it is in it as well. */
  readonly memory: readonly PlacedMemory[];
  /** The backlogs of that hour. */
  readonly trail: BacklogTrail;
}

/**
 * What a look at that time would have reported, and beside it what the hour before shows.
 *
 * @param at absent: the last reading
 * @throws {NatsxError} usage — not a history, not a time; not-found — nothing was recorded then, or no such stream
 */
export async function pastReport(
  dir: string,
  at: string | undefined,
  request: BacklogRequest,
): Promise<PastReport> {
  const atMs = at === undefined ? undefined : parseMoment(at, Date.now());
  const log = await HistoryLog.open(dir, undefined, (lastMs) => ({
    fromMs: (atMs ?? lastMs) - MEMORY_MS,
    toMs: atMs,
  }));
  const toMs = atMs ?? log.coverage.toMs ?? 0;
  return reportAt(log, toMs, request);
}

/**
 * The same of a log that is open.
 *
 * @throws {NatsxError} not-found — nothing was recorded then, or no such stream
 */
export async function reportAt(
  log: HistoryLog,
  toMs: number,
  request: BacklogRequest,
): Promise<PastReport> {
  checkCovered(toMs, log.coverage);
  const { window, memory, trail } = await lastReading(log, toMs, request.stream);
  const report = withoutOwnCommand(diagnose(chosenWindow(window, request)), request);
  const found = memory
    .findings(report)
    .filter(
      ({ endedMs, stream }) =>
        (endedMs ?? toMs) >= toMs - MEMORY_MS && isChosen(stream, request, report),
    );
  return { report: withMemory(report, found), memory: found, trail };
}

async function lastReading(
  log: HistoryLog,
  toMs: number,
  stream: string | undefined,
): Promise<{
  readonly window: ScanWindow;
  readonly memory: BacklogMemory;
  readonly trail: BacklogTrail;
}> {
  const sections = new Set([GENERAL_SECTION, CORE_SECTION, streamSection(stream ?? '')]);
  const wants = stream === undefined ? undefined : (name: string): boolean => sections.has(name);
  const memory = new BacklogMemory({ horizonMs: MEMORY_MS });
  const trail = new BacklogTrail();
  let found: ScanWindow | undefined;
  const stretch = { fromMs: toMs - MEMORY_MS, toMs, withBefore: true, wants };
  for await (const { window, events } of pastReadings(log, stretch)) {
    memory.add(window, events);
    if (window.atMs >= stretch.fromMs) trail.add(window.atMs, backlogsOfWindow(window));
    // A stream that is a copy is compared with its origin.
    for (const { samples } of window.streams) {
      for (const { name } of samples.at(-1)?.upstreams ?? []) sections.add(streamSection(name));
    }
    found = window;
  }
  if (found === undefined) throw new NatsxError('not-found', 'nothing was recorded at that moment');
  return { window: found, memory, trail };
}

/** Findings of connections belong to every look at the account; those of a stream only to it. */
function isChosen(
  stream: string | undefined,
  { stream: named, streams, consumers, subject }: BacklogRequest,
  report: BacklogReport,
): boolean {
  if (stream === undefined) return named === undefined;
  if (report.streams.some(({ name }) => name === stream)) return true;
  // What vanished is not in the report.
  if (named !== undefined) return stream === named;
  return subject === undefined && consumers === undefined && (streams?.matches(stream) ?? true);
}
