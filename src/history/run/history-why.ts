import { diagnose } from '../../backlog/model/diagnose.js';
import { BacklogMemory, isGone, MEMORY_MS } from '../../backlog/model/memory/memory.js';
import type { PlacedMemory } from '../../backlog/model/memory/memory-facts.js';
import type { BacklogReport } from '../../backlog/model/report.js';
import type { ScanWindow, StreamSeries } from '../../backlog/model/series.js';
import { EpisodeGathering, type Episode } from '../model/episodes.js';
import { NatsxError } from '../../core/errors.js';
import { noReadings, unknownInHistory } from '../model/moment.js';
import { CORE_SECTION, GENERAL_SECTION, streamSection } from '../model/window-trees.js';
import { HistoryLog } from './log-reader.js';
import { pastReadings, type Stretch } from './past-readings.js';

export interface WhyTarget {
  readonly stream: string;
  readonly consumer?: string | undefined;
}

/**
 * When a stream or a consumer was in trouble: each episode with what happened just before.
 *
 * @param onReading passes on what was found at each reading of that time
 * @throws {NatsxError} usage — not a history; not-found — it was never recorded
 */
export async function historyWhy(
  dir: string,
  { stream, consumer }: WhyTarget,
  { fromMs = -Infinity, toMs }: Pick<Stretch, 'fromMs' | 'toMs'>,
  onReading: (report: BacklogReport) => void,
): Promise<readonly Episode[]> {
  // An episode may have begun earlier, and what led to it is earlier still.
  const earlierMs = fromMs - MEMORY_MS;
  const log = await HistoryLog.open(dir, undefined, () => ({ fromMs: earlierMs, toMs }));
  if (log.coverage.fromMs === undefined) throw noReadings();
  // The streams that it is a copy of, as far as they are here, are read with it.
  const sections = new Set([GENERAL_SECTION, CORE_SECTION, streamSection(stream)]);
  const wants = (section: string): boolean => sections.has(section);
  const memory = new BacklogMemory({ horizonMs: MEMORY_MS });
  const gathering = new EpisodeGathering();
  const isOwn = ofPlace({ stream, consumer });
  const consumers = new Set<string>();
  let isKnown = false;
  let isCovered = false;
  let told = new Set<string>();
  for await (const { window, events } of pastReadings(log, { fromMs: earlierMs, toMs, wants })) {
    isCovered ||= window.atMs >= fromMs;
    const series = window.streams.find(({ name }) => name === stream);
    if (series !== undefined) {
      isKnown = true;
      for (const { name } of series.consumers) consumers.add(name);
      for (const name of originsOf(series)) sections.add(streamSection(name));
    }
    const changes = memory
      .add(window, events)
      .filter((change) => change.stream === null || isOwn(change));
    const report = diagnose(ofTarget(window, { stream, consumer }));
    if (window.atMs >= fromMs) onReading(report);
    const found = memory.findings(report).filter(isOwn);
    const keys = new Set(found.map(keyOf));
    // What lasts is found in each reading; what is over, once.
    const fresh = found.filter(
      (one) => (one.endedMs === undefined && !isGone(one.finding)) || !told.has(keyOf(one)),
    );
    told = keys;
    gathering.add(report, { changes, events: events.filter(isOwn) }, fresh);
  }
  if (!isCovered) throw new NatsxError('not-found', 'nothing was recorded in that time');
  if (!isKnown) throw unknownInHistory('stream', stream, []);
  if (consumer !== undefined && !consumers.has(consumer)) {
    throw unknownInHistory('consumer', consumer, consumers);
  }
  return gathering.finish().filter(({ endedMs = Infinity }) => endedMs >= fromMs);
}

/** The streams that it is a copy of. */
function originsOf({ samples }: StreamSeries): readonly string[] {
  return samples.at(-1)?.upstreams.map(({ name }) => name) ?? [];
}

interface Place {
  readonly stream?: string | null | undefined;
  readonly consumer?: string | null | undefined;
}

/** Whether something belongs to the stream, and not to another one of its consumers. */
function ofPlace({ stream, consumer }: WhyTarget): (place: Place) => boolean {
  return (place) =>
    place.stream === stream &&
    (consumer === undefined || (place.consumer ?? consumer) === consumer);
}

function ofTarget(window: ScanWindow, { stream, consumer }: WhyTarget): ScanWindow {
  const streams = window.streams
    .filter(({ name }) => name === stream)
    .map((series) => ({
      ...series,
      consumers: series.consumers.filter(({ name }) => consumer === undefined || name === consumer),
    }));
  return { ...window, streams };
}

function keyOf({ finding, beganMs, stream, consumer }: PlacedMemory): string {
  return `${finding.id} ${stream ?? ''}/${consumer ?? ''} ${String(beganMs)}`;
}
