import type { BacklogRequest } from '../model/request.js';
import type { ConsumerLookups, ConsumerSeries, StreamSeries } from '../model/series.js';
import type { ConsumerSample } from '../../streams/model/snapshot.js';
import type { Sweep } from '../../streams/run/api/sweep.js';

type Lookups = ReadonlyMap<string, ConsumerLookups>;
type Choice = Pick<BacklogRequest, 'streams' | 'consumers' | 'matches'>;

/** Combines the sweeps of a run into the samples of each stream and consumer. */
export function toSeries(
  sweeps: readonly Sweep[],
  lookups: Lookups,
  choice: Choice,
): readonly StreamSeries[] {
  const keeps = keeperOf(choice);
  const last = sweeps.at(-1);
  const series: StreamSeries[] = [];
  for (const name of streamNames(sweeps)) {
    // Deleted during the window: it no longer has a backlog.
    if (isGone(name, last)) continue;
    const consumers = consumerSeries(name, sweeps, lookups).filter((consumer) =>
      keeps(name, consumer.name),
    );
    if (consumers.length === 0 && !keeps(name, '')) continue;
    const unavailable = last?.missing.find(
      ({ stream, consumer }) => stream === name && consumer === undefined,
    );
    series.push({
      name,
      samples: sweeps.flatMap(({ streams }) => streams.get(name) ?? []),
      consumers,
      // Consumers that live for less than a sweep are only announced.
      churned: Math.max(churned(name, sweeps), lookups.get(name)?.advisories?.changes ?? 0),
      unavailable,
      subjects: lookups.get(name)?.subjects,
      schedules: lookups.get(name)?.schedules,
    });
  }
  return series;
}

/** Keeps a consumer, or with an empty consumer a stream that has none. */
function keeperOf({ streams, consumers, matches }: Choice): NonNullable<Choice['matches']> {
  return (stream, consumer) =>
    (matches?.(stream, consumer) ?? true) &&
    (streams?.matches(stream) ?? true) &&
    (consumers?.matches(consumer) ?? true);
}

/** No longer listed, although the list could be read; or deleted after it was listed. */
function isGone(name: string, last: Sweep | undefined): boolean {
  if (last === undefined) return false;
  const own = last.missing.filter(({ stream }) => stream === '' || stream === name);
  if (own.some(({ consumer, gone }) => consumer === undefined && gone === true)) return true;
  return !last.streams.has(name) && own.length === 0;
}

function streamNames(sweeps: readonly Sweep[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { streams, missing } of sweeps) {
    for (const name of streams.keys()) names.add(name);
    for (const { stream } of missing) if (stream !== '') names.add(stream);
  }
  return names;
}

function consumerSeries(
  stream: string,
  sweeps: readonly Sweep[],
  lookups: Lookups,
): readonly ConsumerSeries[] {
  const samples = gather(stream, sweeps);
  const last = sweeps.at(-1);
  const lost = (last?.missing ?? []).filter((one) => one.stream === stream);
  for (const { consumer } of lost) {
    if (consumer !== undefined && !samples.has(consumer)) samples.set(consumer, []);
  }
  const present = last?.consumers.get(stream);
  return [...samples].flatMap(([name, own]) => {
    const unavailable = lost.find(({ consumer }) => consumer === name);
    // Deleted during the window: it has no backlog any more.
    const deleted = unavailable === undefined ? present?.has(name) === false : unavailable.gone;
    if (deleted === true) return [];
    return [{ stream, name, samples: own, lookups: lookups.get(`${stream}/${name}`), unavailable }];
  });
}

function gather(stream: string, sweeps: readonly Sweep[]): Map<string, ConsumerSample[]> {
  const samples = new Map<string, ConsumerSample[]>();
  let lastSeq: number | undefined;
  // Copies for each sweep would take most of the memory on an account with many idle consumers.
  let unchangedUntilMs: number | undefined;
  for (const sweep of sweeps) {
    const state = sweep.streams.get(stream);
    const read = sweep.consumers.get(stream);
    if (read === undefined) {
      if (state !== undefined && state.lastSeq === lastSeq) unchangedUntilMs = state.atMs;
      continue;
    }
    if (unchangedUntilMs !== undefined) carryOver(samples, unchangedUntilMs);
    unchangedUntilMs = undefined;
    append(samples, read);
    lastSeq = state?.lastSeq;
  }
  if (unchangedUntilMs !== undefined) carryOver(samples, unchangedUntilMs);
  return samples;
}

function append(
  samples: Map<string, ConsumerSample[]>,
  read: ReadonlyMap<string, ConsumerSample>,
): void {
  for (const [name, sample] of read) {
    const known = samples.get(name);
    // A list that grows by itself takes room for many more.
    samples.set(name, known === undefined ? [sample] : [...known, sample]);
  }
}

/** A consumer that was not read again was idle, and its stream received nothing: its last sample is still valid. */
function carryOver(samples: Map<string, ConsumerSample[]>, atMs: number): void {
  for (const [name, own] of samples) {
    const known = own.at(-1);
    if (known !== undefined && atMs > known.atMs) samples.set(name, [...own, { ...known, atMs }]);
  }
}

/** Consumers that appeared or vanished between readings. */
function churned(stream: string, sweeps: readonly Sweep[]): number {
  const readings = sweeps.flatMap(({ consumers }) => consumers.get(stream) ?? []);
  let changes = 0;
  for (const [index, now] of readings.entries()) {
    const before = readings[index - 1];
    if (before !== undefined) changes += absentFrom(before, now) + absentFrom(now, before);
  }
  return changes;
}

function absentFrom(
  there: ReadonlyMap<string, unknown>,
  names: ReadonlyMap<string, unknown>,
): number {
  let absent = 0;
  for (const name of names.keys()) if (!there.has(name)) absent += 1;
  return absent;
}

/** The latest instant that a sweep has read; undefined when it read nothing. */
export function latestMs(sweep: Sweep | undefined): number | undefined {
  let latest: number | undefined;
  for (const { atMs } of sweep?.streams.values() ?? []) latest = Math.max(latest ?? 0, atMs);
  for (const consumers of sweep?.consumers.values() ?? []) {
    for (const { atMs } of consumers.values()) latest = Math.max(latest ?? 0, atMs);
  }
  return latest;
}
