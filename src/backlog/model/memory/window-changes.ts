import type {
  ConnectionSample,
  ConsumerSample,
  StreamSample,
} from '../../../streams/model/snapshot.js';
import { isOwnConnection } from '../client-facts.js';
import type { ScanWindow, StreamSeries } from '../series.js';
import { settingChanges } from './config-diff.js';
import type { HistoryChange } from './memory-facts.js';
import { purgedMessages } from './purge.js';

/** The state of one reading, by name. */
export interface ReadingState {
  readonly atMs: number;
  readonly version: string;
  readonly streams: ReadonlyMap<string, RememberedStream>;
  /** Open connections by the client's name; absent where they could not be read. */
  readonly clients?: ReadonlyMap<string, ReadonlySet<string>> | undefined;
}

export interface RememberedStream {
  readonly sample: StreamSample;
  readonly consumers: ReadonlyMap<string, ConsumerSample>;
}

/**
 * What a window's last reading says. What did not answer keeps what it was before: only what the server no longer lists
 * is gone.
 */
export function readingState(window: ScanWindow, before: ReadingState | undefined): ReadingState {
  const streams = new Map<string, RememberedStream>();
  for (const series of window.streams) {
    const known = before?.streams.get(series.name);
    const state = streamState(series, known);
    if (state !== undefined) streams.set(series.name, state);
  }
  if (window.missing.some(({ kind }) => kind === 'streams')) {
    for (const [name, state] of before?.streams ?? []) {
      if (!streams.has(name)) streams.set(name, state);
    }
  }
  const open = window.core.open?.at(-1);
  return {
    atMs: window.atMs,
    version: window.server.version,
    streams,
    clients: open === undefined ? before?.clients : clientsOf(open),
  };
}

function streamState(
  { samples, consumers, unavailable }: StreamSeries,
  known: RememberedStream | undefined,
): RememberedStream | undefined {
  const sample = samples.at(-1) ?? known?.sample;
  if (sample === undefined) return undefined;
  const states = new Map<string, ConsumerSample>();
  for (const consumer of consumers) {
    const last = consumer.samples.at(-1) ?? known?.consumers.get(consumer.name);
    if (last !== undefined) states.set(consumer.name, last);
  }
  // A list that could not be read does not say who is gone.
  if (unavailable !== undefined) {
    for (const [name, last] of known?.consumers ?? []) {
      if (!states.has(name)) states.set(name, last);
    }
  }
  return { sample, consumers: states };
}

function clientsOf(open: readonly ConnectionSample[]): ReadonlyMap<string, ReadonlySet<string>> {
  const clients = new Map<string, Set<string>>();
  for (const { name, server, cid } of open) {
    if (name === '' || isOwnConnection(name)) continue;
    const own = clients.get(name) ?? new Set<string>();
    clients.set(name, own.add(`${server}/${String(cid)}`));
  }
  return clients;
}

/** What differs between two readings, counts that always move left out. */
export function changesBetween(
  before: ReadingState,
  after: ReadingState,
): readonly HistoryChange[] {
  const { atMs } = after;
  const changes: HistoryChange[] = [];
  if (before.version !== after.version) {
    const { version } = before;
    changes.push({
      ...NOWHERE,
      kind: 'version',
      key: 'server',
      before: version,
      after: after.version,
      atMs,
    });
  }
  for (const [name, state] of after.streams) {
    const known = before.streams.get(name);
    if (known === undefined) {
      changes.push({ ...NOWHERE, kind: 'stream_created', stream: name, after: name, atMs });
    } else changes.push(...streamChanges(known, state, atMs));
  }
  for (const [name, { sample }] of before.streams) {
    if (after.streams.has(name)) continue;
    changes.push({
      ...NOWHERE,
      kind: 'stream_vanished',
      stream: name,
      key: 'messages',
      before: sample.messages,
      atMs,
    });
  }
  return [...changes, ...clientChanges(before, after)];
}

const NOWHERE = { stream: null, consumer: null, key: null, before: null, after: null };

function streamChanges(
  before: RememberedStream,
  after: RememberedStream,
  atMs: number,
): readonly HistoryChange[] {
  const { sample: then } = before;
  const { sample: now } = after;
  const place = { ...NOWHERE, stream: now.name, atMs };
  const changes: HistoryChange[] = [...settingChanges(then.config, now.config, place)];
  const add = (kind: HistoryChange['kind'], key: string, from: number, to: number): void => {
    changes.push({ ...place, kind, key, before: from, after: to });
  };
  if (then.createdMs !== now.createdMs) {
    add('stream_recreated', 'last_seq', then.lastSeq, now.lastSeq);
  } else {
    if (now.lastSeq < then.lastSeq) add('went_back', 'last_seq', then.lastSeq, now.lastSeq);
    const purged = purgedMessages({ before: then, after: now }, finishedBetween(before, after));
    if (purged > 0) add('stream_purged', 'messages', then.messages, now.messages);
  }
  changes.push(...leaderChange(then, now, place));
  for (const [name, sample] of after.consumers) {
    const known = before.consumers.get(name);
    const own = { ...place, consumer: name };
    if (known === undefined) changes.push({ ...own, kind: 'consumer_created', after: name });
    else changes.push(...consumerChanges(known, sample, own));
  }
  for (const [name, { ackFloor }] of before.consumers) {
    if (after.consumers.has(name)) continue;
    const own = { ...place, consumer: name, key: 'ack_floor', before: ackFloor.streamSeq };
    changes.push({ ...own, kind: 'consumer_vanished' });
  }
  return changes;
}

type Place = Omit<HistoryChange, 'kind'>;

function consumerChanges(
  before: ConsumerSample,
  after: ConsumerSample,
  place: Place,
): readonly HistoryChange[] {
  const changes: HistoryChange[] = [...settingChanges(before.config, after.config, place)];
  const positions = [
    ['delivered', before.delivered.streamSeq, after.delivered.streamSeq],
    ['ack_floor', before.ackFloor.streamSeq, after.ackFloor.streamSeq],
  ] as const;
  const kind = before.createdMs === after.createdMs ? 'went_back' : 'consumer_recreated';
  for (const [key, from, to] of positions) {
    if (to < from) changes.push({ ...place, kind, key, before: from, after: to });
  }
  if (before.paused !== after.paused) {
    const [from, to] = [before.paused, after.paused];
    changes.push({ ...place, kind: 'config', key: 'paused', before: from, after: to });
  }
  return [...changes, ...leaderChange(before, after, place)];
}

function leaderChange(
  before: Pick<StreamSample, 'cluster'>,
  after: Pick<StreamSample, 'cluster'>,
  place: Place,
): readonly HistoryChange[] {
  const from = before.cluster?.leader ?? '';
  const to = after.cluster?.leader ?? '';
  if (from === to) return [];
  return [{ ...place, kind: 'leader', key: 'leader', before: from || null, after: to || null }];
}

/** Messages that the consumers of a stream finished between two readings. */
export function finishedBetween(before: RememberedStream, after: RememberedStream): number {
  let finished = 0;
  for (const [name, now] of after.consumers) {
    const then = before.consumers.get(name);
    if (then === undefined) continue;
    const settled = ({ delivered, ackPending }: ConsumerSample): number =>
      delivered.consumerSeq - ackPending;
    finished += Math.max(0, settled(now) - settled(then));
  }
  return finished;
}

function clientChanges(before: ReadingState, after: ReadingState): readonly HistoryChange[] {
  const { clients: now, atMs } = after;
  if (now === undefined || before.clients === undefined) return [];
  const changes: HistoryChange[] = [];
  const add = (kind: HistoryChange['kind'], key: string, from: number, to: number): void => {
    changes.push({ ...NOWHERE, kind, key, before: from, after: to, atMs });
  };
  for (const [name, own] of now) {
    const known = before.clients.get(name);
    if (known === undefined) add('client_connected', name, 0, own.size);
    else if (![...own].some((cid) => known.has(cid))) {
      add('client_replaced', name, known.size, own.size);
    }
  }
  for (const [name, own] of before.clients) {
    if (!now.has(name)) add('client_left', name, own.size, 0);
  }
  return changes;
}
