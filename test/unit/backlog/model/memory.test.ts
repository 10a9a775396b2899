import { describe, expect, it } from 'vitest';

import type { PlacedMemory } from '../../../../src/backlog/model/memory/memory-facts.js';
import type { Announcement } from '../../../../src/backlog/model/memory/announced.js';
import { BacklogMemory } from '../../../../src/backlog/model/memory/memory.js';
import type { BacklogReport } from '../../../../src/backlog/model/report.js';
import type { ScanWindow, StreamSeries } from '../../../../src/backlog/model/series.js';
import type {
  ConnectionSample,
  ConsumerSample,
  StreamSample,
} from '../../../../src/streams/model/snapshot.js';
import { CONSUMER } from './histories.js';

const EVERY_MS = 10_000;
const START_MS = Date.UTC(2026, 10, 29, 3);

interface State {
  readonly streams?: readonly {
    readonly stream: StreamSample;
    readonly consumers?: readonly ConsumerSample[];
  }[];
  readonly open?: readonly ConnectionSample[];
  readonly elected?: readonly Announcement[];
  readonly missing?: ScanWindow['missing'];
}

function streamSample(change: Partial<StreamSample>): StreamSample {
  return {
    name: 'ORDERS',
    atMs: START_MS,
    config: { retention: 'limits', discard: 'old', subjects: [], replicas: 1, allowDirect: true },
    messages: 0,
    bytes: 0,
    firstSeq: 0,
    lastSeq: 0,
    deleted: 0,
    consumerCount: 1,
    upstreams: [],
    ...change,
  };
}

function consumerSample(change: Partial<ConsumerSample>): ConsumerSample {
  return {
    stream: 'ORDERS',
    name: 'billing',
    atMs: START_MS,
    config: CONSUMER,
    delivered: { consumerSeq: 0, streamSeq: 0 },
    ackFloor: { consumerSeq: 0, streamSeq: 0 },
    pending: 0,
    ackPending: 0,
    redelivered: 0,
    waiting: 0,
    pushBound: false,
    paused: false,
    priorityGroups: [],
    ...change,
  };
}

const at = (reading: number): number => START_MS + reading * EVERY_MS;

/** Findings after readings that are ten seconds apart. */
function remember(states: readonly State[]): readonly PlacedMemory[] {
  const memory = new BacklogMemory();
  for (const [reading, { streams = [], open, elected, missing = [] }] of states.entries()) {
    const series = streams.map(({ stream, consumers = [] }): StreamSeries => ({
      name: stream.name,
      samples: [{ ...stream, atMs: at(reading) }],
      consumers: consumers.map((sample) => ({
        stream: stream.name,
        name: sample.name,
        samples: [{ ...sample, atMs: at(reading) }],
      })),
    }));
    const window: ScanWindow = {
      atMs: at(reading),
      windowMs: 2 * EVERY_MS,
      server: { name: 'n1', version: '2.15.3', jetstream: true },
      account: [],
      streams: series,
      core: open === undefined ? {} : { open: [open] },
      missing,
    };
    memory.add(window, elected);
  }
  return memory.findings();
}

const ids = (found: readonly PlacedMemory[]) => found.map(({ finding }) => finding.id);
const orders = (change: Partial<StreamSample> = {}) =>
  streamSample({
    name: 'ORDERS',
    createdMs: START_MS - 1,
    lastSeq: 300,
    messages: 300,
    firstSeq: 1,
    ...change,
  });
const led = (leader: string) => orders({ cluster: { leader, replicas: [] } });
const connection = (subscriptionCount: number): ConnectionSample => ({
  server: 'n1',
  cid: 7,
  atMs: START_MS,
  name: 'shop',
  address: '127.0.0.1:4000',
  pendingBytes: 0,
  outMessages: 0,
  inMessages: 0,
  subscriptionCount,
  subscriptions: [],
});

describe('what readings of different times show', () => {
  it('nothing, when nothing changes or everything grows', () => {
    const state = {
      streams: [{ stream: orders(), consumers: [consumerSample({ stream: 'ORDERS' })] }],
    };
    expect(remember([state, state, state])).toEqual([]);
    const grown = { streams: [{ stream: orders({ lastSeq: 400, messages: 400 }) }] };
    expect(ids(remember([{ streams: [{ stream: orders() }] }, grown]))).toEqual([]);
  });

  it('acknowledged messages that were lost', () => {
    const after = orders({ lastSeq: 151, messages: 151 });
    const found = remember([{ streams: [{ stream: orders() }] }, { streams: [{ stream: after }] }]);
    expect(found).toMatchObject([
      {
        stream: 'ORDERS',
        finding: {
          id: 'LAST_SEQ_WENT_BACK',
          severity: 'critical',
          evidence: { last_seq_before: 300, last_seq_after: 151 },
          began_at: new Date(at(1)).toISOString(),
          ended_at: new Date(at(1)).toISOString(),
        },
      },
    ]);
  });

  it('streams and consumers that were created again or are gone', () => {
    const again = orders({ createdMs: START_MS + 1, lastSeq: 0, messages: 0, firstSeq: 0 });
    const before = {
      streams: [
        { stream: orders(), consumers: [consumerSample({ stream: 'ORDERS', name: 'billing' })] },
      ],
    };
    expect(ids(remember([before, { streams: [{ stream: again }] }]))).toEqual([
      'STREAM_RECREATED',
      'CONSUMER_VANISHED',
    ]);
    expect(ids(remember([before, { streams: [{ stream: orders() }] }]))).toEqual([
      'CONSUMER_VANISHED',
    ]);
    // Its consumers are gone with it.
    expect(remember([before, {}])).toMatchObject([
      { beganMs: at(1), finding: { id: 'STREAM_VANISHED', ended_at: null } },
    ]);
    expect(remember([before, {}, { streams: [{ stream: again }] }])).toMatchObject([
      { endedMs: at(2), finding: { id: 'STREAM_VANISHED' } },
      { beganMs: at(2), finding: { id: 'STREAM_RECREATED' } },
    ]);
    const unread = {
      missing: [{ kind: 'streams', what: 'streams', why: 'timeout', detail: '' }],
    } as const;
    expect(ids(remember([before, unread]))).toEqual([]);
    expect(ids(remember([before, unread, before]))).toEqual([]);
  });

  it('purges, and not what limits, expiry or acknowledgements remove', () => {
    const purged = (change: Partial<StreamSample['config']>, after: Partial<StreamSample> = {}) => {
      const config = { ...orders().config, ...change };
      const empty = orders({ config, messages: 0, firstSeq: 301, ...after });
      return remember([
        { streams: [{ stream: orders({ config, lastMs: START_MS, firstMs: START_MS - 9e6 }) }] },
        { streams: [{ stream: empty }] },
      ]);
    };
    expect(purged({})).toMatchObject([
      { finding: { id: 'STREAM_PURGED', evidence: { removed: 300 } } },
    ]);
    expect(ids(purged({ maxAgeMs: 60_000 }))).toEqual(['STREAM_PURGED']);
    expect(ids(purged({ maxAgeMs: 5_000 }))).toEqual([]);
    expect(ids(purged({ maxMessages: 300 }, { lastSeq: 600, messages: 300 }))).toEqual([]);
    expect(ids(purged({ maxAgeMs: 3_600_000 }, { messages: 200, firstSeq: 101 }))).toEqual([]);
  });

  it('what was changed in the configuration', () => {
    const consumer = consumerSample({ stream: 'ORDERS', name: 'billing' });
    const changed = { ...consumer, config: { ...consumer.config, maxAckPending: 7 } };
    const found = remember([
      { streams: [{ stream: orders(), consumers: [consumer] }] },
      { streams: [{ stream: orders(), consumers: [changed] }] },
    ]);
    expect(found).toMatchObject([
      {
        stream: 'ORDERS',
        consumer: 'billing',
        finding: {
          id: 'CONFIG_CHANGED',
          evidence: { changes: [{ key: 'max_ack_pending', after: 7 }] },
        },
      },
    ]);
  });

  it('settings of every kind, and secrets only as far as they changed', () => {
    const changes = (
      before: Partial<StreamSample['config']>,
      after: Partial<StreamSample['config']>,
    ) => {
      const state = (change: Partial<StreamSample['config']>) => ({
        streams: [{ stream: orders({ config: { ...orders().config, ...change } }) }],
      });
      const [found] = remember([state(before), state(after)]);
      return found?.finding.evidence['changes'] ?? [];
    };
    expect(
      changes(
        { others: { description: 'old', 'placement.cluster': 'a' } },
        { others: { description: 'new', 'placement.cluster': 'a', max_msg_size: 9 } },
      ),
    ).toEqual([
      { key: 'description', before: 'old', after: 'new' },
      { key: 'max_msg_size', before: null, after: 9 },
    ]);
    // What an earlier natsx has recorded has none.
    expect(changes({}, { others: { description: 'new' } })).toEqual([]);
    const metadata = (password: string) => ({ metadata: { password } });
    const [first, other, later] = ['aaaaaa 00000001', 'aaaaaa 00000002', 'bbbbbb 00000003'];
    const mark = (text = '') => metadata(`[redacted ${text}]`);
    expect(changes(mark(first), mark(other))).toEqual([
      { key: 'metadata.password', before: '[redacted]', after: '[redacted]' },
    ]);
    expect(changes(mark(first), mark(later))).toEqual([]);
  });

  it('a leader that moves three times within a minute, and not one that moves once', () => {
    const states = (leaders: string) =>
      leaders.split(/(?=.)/).map((leader) => ({ streams: [{ stream: led(leader) }] }));
    expect(ids(remember(states('aab')))).toEqual([]);
    expect(ids(remember(states('abbbbbbba')))).toEqual([]);
    expect(remember(states('abab'))).toMatchObject([
      { beganMs: at(1), endedMs: undefined, finding: { id: 'LEADER_FLAPPING', ended_at: null } },
    ]);
    const over = remember(states(`abab${'b'.repeat(8)}`));
    expect(over).toMatchObject([{ beganMs: at(1), endedMs: at(3) }]);
    // Announced between two readings.
    const elected = ['b', 'a', 'b'].map((leader, n) => ({
      kind: 'leader_elected' as const,
      count: 1,
      stream: 'ORDERS',
      leader,
      atMs: at(0) + n,
    }));
    const [first] = states('a');
    expect(ids(remember([first!, { streams: [{ stream: led('b') }], elected }]))).toEqual([
      'LEADER_FLAPPING',
    ]);
  });

  it('moves of a leader that were asked for, and readings that are older than an announcement', () => {
    const heard = (kind: Announcement['kind'], ms: number, leader?: string): Announcement => ({
      kind,
      count: 1,
      stream: 'ORDERS',
      leader,
      atMs: at(0) + ms,
    });
    const stepDown = (leader: string, ms: number) => [
      heard('leader_stepdown', ms),
      heard('leader_elected', ms + 20, leader),
    ];
    const first = { streams: [{ stream: led('a') }] };
    const asked = [...stepDown('b', 10), ...stepDown('c', 2000), ...stepDown('a', 4000)];
    expect(ids(remember([first, { ...first, elected: asked }]))).toEqual([]);
    const unasked = [...asked, ...['b', 'c', 'b'].map((to) => heard('leader_elected', 30_000, to))];
    expect(ids(remember([first, { ...first, elected: unasked }]))).toEqual(['LEADER_FLAPPING']);
    // A consumer that is not read again keeps its old leader for some readings.
    const moved = { ...first, elected: [heard('leader_elected', 10, 'b')] };
    expect(ids(remember([first, moved, first, { streams: [{ stream: led('b') }] }]))).toEqual([]);
  });

  it('of consumers that may be left out, none is taken for a stream that is gone', () => {
    const memory = new BacklogMemory({ isPartial: true });
    const window = (consumers: readonly ConsumerSample[]): ScanWindow => ({
      atMs: at(0),
      windowMs: 0,
      server: { name: 'n1', version: '2.15.3', jetstream: true },
      account: [],
      streams: consumers.map((sample) => ({
        name: 'ORDERS',
        samples: [orders()],
        consumers: [{ stream: 'ORDERS', name: sample.name, samples: [sample] }],
      })),
      core: {},
      missing: [],
    });
    memory.add(window([consumerSample({})]));
    memory.add(window([]));
    expect(memory.findings()).toMatchObject([
      { consumer: 'billing', finding: { id: 'CONSUMER_VANISHED' } },
    ]);
    memory.add(window([consumerSample({})]));
    expect(memory.findings()).toMatchObject([{ endedMs: at(0) }]);
  });

  it('since when a consumer is behind: not since it has had something in flight', () => {
    const memory = new BacklogMemory();
    const facts = { clients: {} };
    const report = (atMs: number) =>
      ({
        atMs,
        streams: [
          {
            consumers: [
              { stream: 'ORDERS', name: 'billing', severity: 'warning', verdict: 'BURST', facts },
            ],
          },
        ],
      }) as unknown as BacklogReport;
    const add = (reading: number, delivered: number, waiting: number, maxAckPending = 1000) => {
      const sample = consumerSample({
        config: { ...CONSUMER, maxAckPending },
        delivered: { consumerSeq: delivered, streamSeq: delivered },
        ackPending: 5,
        pending: waiting,
      });
      memory.add({
        atMs: at(reading),
        windowMs: 0,
        server: { name: 'n1', version: '2.15.3', jetstream: true },
        account: [],
        streams: [
          {
            name: 'ORDERS',
            samples: [orders()],
            consumers: [{ stream: 'ORDERS', name: 'billing', samples: [sample] }],
          },
        ],
        core: {},
        missing: [],
      });
      return memory.findings(report(at(reading)));
    };
    for (const reading of [0, 1, 2]) add(reading, 100 * (reading + 1), 2);
    expect(memory.findings(report(at(2)))).toEqual([]);
    add(3, 350, 60, 1);
    expect(add(4, 360, 300, 1)).toMatchObject([
      {
        beganMs: at(2),
        finding: { id: 'CHANGED_AT_DEPLOY', evidence: { key: 'max_ack_pending', after: 1 } },
      },
      { beganMs: at(2), finding: { id: 'BACKLOG_SINCE' } },
      { beganMs: at(3), finding: { id: 'CONFIG_CHANGED' } },
    ]);
  });

  it('nothing of an hour ago, when it looks back an hour, and little of what repeats', () => {
    const memory = new BacklogMemory({ horizonMs: 3_600_000 });
    const add = (reading: number, streams: readonly StreamSample[]): void => {
      memory.add({
        atMs: at(reading),
        windowMs: 0,
        server: { name: 'n1', version: '2.15.3', jetstream: true },
        account: [],
        streams: streams.map((stream) => ({
          name: stream.name,
          samples: [{ ...stream, atMs: at(reading) }],
          consumers: [],
        })),
        core: {},
        missing: [],
      });
    };
    add(0, [orders(), streamSample({ name: 'OLD', createdMs: 1 })]);
    for (let reading = 1; reading < 300; reading += 2) {
      add(reading, [orders({ messages: 0, firstSeq: 301 })]);
      add(reading + 1, [orders()]);
    }
    expect(ids(memory.findings())).toEqual([
      'STREAM_VANISHED',
      ...Array.from({ length: 10 }, () => 'STREAM_PURGED'),
    ]);
    for (let reading = 300; reading < 700; reading += 1) add(reading, [orders()]);
    expect(memory.findings()).toEqual([]);
  });

  it('a connection with more and more subscriptions, until it closes', () => {
    const leak = [1, 1, 20, 40, 60, 80, 100].map((count) => ({ open: [connection(count)] }));
    expect(remember(leak)).toMatchObject([
      {
        connection: 'shop',
        finding: { id: 'SUBSCRIPTION_LEAK', evidence: { connection: 'shop', subscriptions: 100 } },
      },
    ]);
    expect(remember([...leak, { open: [] }])).toMatchObject([{ endedMs: at(7) }]);
    const busy = [1, 20, 40, 2, 30, 50, 1].map((count) => ({ open: [connection(count)] }));
    expect(ids(remember(busy))).toEqual([]);
    const steady = [100, 101, 102, 103, 104, 105].map((count) => ({ open: [connection(count)] }));
    expect(ids(remember(steady))).toEqual([]);
  });

  it('a leak from its first rise on, however long the connection was there before', () => {
    const counts = [3, 5, 5, 5, 5, 20, 40, 60, 80, 100, 100];
    expect(remember(counts.map((count) => ({ open: [connection(count)] })))).toMatchObject([
      {
        beganMs: at(4),
        finding: {
          id: 'SUBSCRIPTION_LEAK',
          evidence: { subscriptions_before: 5, subscriptions: 100 },
        },
      },
    ]);
    // Some need an hour for what others do in a minute.
    const slow = Array.from({ length: 60 }, (_, n) => ({ open: [connection(Math.floor(n / 2))] }));
    expect(remember(slow)).toMatchObject([{ beganMs: at(1), endedMs: undefined }]);
  });

  it('a copy that gets nothing while its source does', () => {
    const pair = (source: number, copy: number, lag = 0) => ({
      streams: [
        { stream: orders({ lastSeq: source, messages: source }) },
        {
          stream: streamSample({
            name: 'COPY',
            createdMs: START_MS - 1,
            lastSeq: copy,
            messages: copy,
            upstreams: [{ kind: 'mirror', name: 'ORDERS', lag }],
          }),
        },
      ],
    });
    const together = [0, 10, 20, 30].map((n) => pair(n, n));
    const silent = [...together, pair(40, 30), pair(50, 30), pair(60, 30)];
    expect(remember(silent)).toMatchObject([
      {
        stream: 'COPY',
        beganMs: at(4),
        finding: { id: 'SOURCE_SILENT_AT_LAG_0', evidence: { missed: 30 } },
      },
    ]);
    expect(
      ids(remember([...together, pair(40, 30, 10), pair(50, 30, 20), pair(60, 30, 30)])),
    ).toEqual([]);
    expect(ids(remember([...together, pair(30, 30), pair(30, 30), pair(30, 30)]))).toEqual([]);
  });
});
