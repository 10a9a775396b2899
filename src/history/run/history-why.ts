import { diagnose } from '../../backlog/model/diagnose.js';
import { BacklogMemory, isGone, MEMORY_MS } from '../../backlog/model/memory/memory.js';
import type { PlacedMemory } from '../../backlog/model/memory/memory-facts.js';
import type { ScanWindow } from '../../backlog/model/series.js';
import { EpisodeGathering, type Episode } from '../model/episodes.js';
import { unknownInHistory } from '../model/moment.js';
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
 * @throws {NatsxError} usage — not a history; not-found — it was never recorded
 */
export async function historyWhy(
  dir: string,
  { stream, consumer }: WhyTarget,
  stretch: Pick<Stretch, 'fromMs' | 'toMs'>,
): Promise<readonly Episode[]> {
  const log = await HistoryLog.open(dir);
  // The streams that it is a copy of, as far as they are here, are read with it.
  const sections = new Set([GENERAL_SECTION, CORE_SECTION, streamSection(stream)]);
  const wants = (section: string): boolean => sections.has(section);
  const memory = new BacklogMemory({ horizonMs: MEMORY_MS });
  const gathering = new EpisodeGathering();
  const isOwn = (placed: Pick<PlacedMemory, 'stream' | 'consumer'>): boolean =>
    placed.stream === stream &&
    (consumer === undefined || placed.consumer === undefined || placed.consumer === consumer);
  const consumers = new Set<string>();
  let isKnown = false;
  let told = new Set<string>();
  for await (const { window, events } of pastReadings(log, { ...stretch, wants })) {
    const series = window.streams.find(({ name }) => name === stream);
    isKnown ||= series !== undefined;
    for (const { name } of series?.consumers ?? []) consumers.add(name);
    for (const { name } of series?.samples.at(-1)?.upstreams ?? [])
      sections.add(streamSection(name));
    const changes = memory
      .add(window, events)
      .filter(
        (change) =>
          change.stream === null ||
          (change.stream === stream &&
            (consumer === undefined || change.consumer === null || change.consumer === consumer)),
      );
    const report = diagnose(ofTarget(window, { stream, consumer }));
    const found = memory.findings(report).filter(isOwn);
    const keys = new Set(found.map(keyOf));
    // What lasts is found in each reading; what is over, once.
    const fresh = found.filter(
      (one) => (one.endedMs === undefined && !isGone(one.finding)) || !told.has(keyOf(one)),
    );
    told = keys;
    const own = events.filter(
      (event) =>
        event.stream === stream &&
        (consumer === undefined || event.consumer === undefined || event.consumer === consumer),
    );
    gathering.add(report, { changes, events: own }, fresh);
  }
  if (!isKnown) throw unknownInHistory('stream', stream, []);
  if (consumer !== undefined && !consumers.has(consumer)) {
    throw unknownInHistory('consumer', consumer, consumers);
  }
  return gathering.finish();
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
