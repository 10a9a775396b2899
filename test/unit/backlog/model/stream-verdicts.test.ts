import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../src/backlog/model/diagnose.js';
import type { FindingId } from '../../../../src/backlog/model/finding-id.js';
import type { ClusterState, UpstreamState } from '../../../../src/streams/model/snapshot.js';
import type { ScanWindow } from '../../../../src/backlog/model/series.js';
import { HOUR, MINUTE, still, T0, windowOf, type History } from './histories.js';

interface Case extends History {
  readonly why: string;
  readonly finds: readonly FindingId[];
  /** The consumer's verdict, where it matters. */
  readonly consumer?: FindingId;
}

const replica = (name: string, state: Partial<ClusterState['replicas'][number]> = {}) => ({
  name,
  current: true,
  offline: false,
  activeMs: 100,
  lag: 0,
  ...state,
});
const mirror = (state: Partial<UpstreamState>): { upstreams: readonly UpstreamState[] } => ({
  upstreams: [{ kind: 'mirror', name: 'ORIGIN', lag: 0, activeMs: 200, ...state }],
});
const idle = still({ D: 100, W: 1, deliveredAt: -HOUR });

const CASES: Readonly<Record<string, Case>> = {
  healthy: { why: 'nothing is wrong', readings: idle, finds: ['OK'], consumer: 'OK' },
  'healthy cluster': {
    why: 'both peers are current',
    readings: idle,
    streamSample: { cluster: { leader: 'a', replicas: [replica('b'), replica('c')] } },
    finds: ['OK'],
  },
  'no leader': {
    why: 'the server names none',
    readings: idle,
    streamSample: { cluster: { leader: '', replicas: [replica('b'), replica('c')] } },
    sample: { cluster: { leader: '', replicas: [replica('b'), replica('c')] } },
    finds: ['NO_LEADER'],
    consumer: 'OK',
  },
  'one peer of three killed': {
    why: 'a killed peer is not current and was heard 0 ns ago, without "offline"',
    readings: idle,
    streamSample: {
      cluster: {
        leader: 'a',
        replicas: [replica('b', { current: false, activeMs: 0 }), replica('c')],
      },
    },
    finds: ['QUORUM_AT_RISK'],
  },
  'a peer that joins': {
    why: 'in a migration a pending peer has no vote yet, so that nothing is at risk',
    readings: idle,
    streamSample: {
      cluster: {
        leader: 'a',
        replicas: [
          replica('b'),
          replica('c'),
          replica('d', { current: false, activeMs: 0, lag: 500, pending: true }),
          replica('e', { current: false, activeMs: 0, lag: 500, pending: true }),
        ],
      },
    },
    finds: ['OK'],
  },
  'a peer of five killed': {
    why: 'two more may go',
    readings: idle,
    streamSample: {
      cluster: {
        leader: 'a',
        replicas: [
          replica('b', { current: false, activeMs: 0 }),
          replica('c'),
          replica('d'),
          replica('e'),
        ],
      },
    },
    finds: ['OK'],
  },
  'a peer that falls behind': {
    why: 'heard a moment ago, but behind in every sample',
    readings: idle,
    streamSample: {
      cluster: {
        leader: 'a',
        replicas: [replica('b', { current: false, lag: 500, activeMs: 90 }), replica('c')],
      },
    },
    finds: ['REPLICA_LAG'],
  },
  'a peer a few operations behind while much is published': {
    why: 'in the end it has what was there at the beginning',
    readings: [
      { D: 1000, F: 1000 },
      { D: 1300, F: 1300 },
      { D: 1600, F: 1600 },
    ],
    streamSample: {
      cluster: {
        leader: 'a',
        replicas: [replica('b', { current: false, lag: 500, activeMs: 90 }), replica('c')],
      },
    },
    finds: ['OK'],
  },
  'a peer that was behind for a moment': {
    why: 'one sample says nothing',
    readings: [{ D: 10, F: 10 }],
    streamSample: {
      cluster: {
        leader: 'a',
        replicas: [replica('b', { current: false, lag: 500, activeMs: 90 }), replica('c')],
      },
    },
    finds: ['OK'],
  },
  'only the consumer has lost its leader': {
    why: 'the stream lives; that is found on the consumer',
    readings: still({ P: 4, D: 100, deliveredAt: -HOUR }),
    streamSample: { cluster: { leader: 'a', replicas: [replica('b'), replica('c')] } },
    sample: { cluster: { leader: '', replicas: [replica('b'), replica('c')] } },
    finds: ['OK'],
    consumer: 'NO_LEADER',
  },
  'full and refusing': {
    why: 'at its limit, and nothing came in',
    readings: still({ P: 100, D: 0, deliveredAt: null, messages: 100, L: 100 }),
    stream: { discard: 'new', maxMessages: 100 },
    finds: ['PUBLISHERS_REJECTED'],
    consumer: 'NO_CLIENT',
  },
  'full, and it moves': {
    why: 'publishers still get through',
    readings: [
      { P: 100, D: 0, messages: 100, L: 100 },
      { P: 100, D: 9, messages: 100, L: 109 },
    ],
    stream: { discard: 'new', maxMessages: 100, retention: 'workqueue' },
    finds: ['OK'],
  },
  'work queue with a gap, by numbers': {
    why: 'ten stored, five of them nobody gets',
    readings: still({ P: 5, D: 0, deliveredAt: null, messages: 10, L: 10 }),
    config: { filters: ['orders.a'] },
    stream: { retention: 'workqueue' },
    finds: ['WQ_FILTER_GAP'],
  },
  'work queue with a gap, by subjects': {
    why: 'the subjects say which',
    readings: still({ P: 5, D: 0, deliveredAt: null, messages: 10, L: 10 }),
    config: { filters: ['orders.a'] },
    stream: { retention: 'workqueue' },
    subjects: [
      { subject: 'orders.a', messages: 5 },
      { subject: 'orders.b', messages: 5 },
    ],
    finds: ['WQ_FILTER_GAP'],
  },
  'busy work queue read in two instants': {
    why: 'what was settled between the readings of stream and consumer is no gap',
    readings: [
      { P: 50, A: 10, D: 1000, messages: 80, L: 1060 },
      { P: 50, A: 10, D: 3000, messages: 95, L: 3060 },
      { P: 50, A: 10, D: 5000, messages: 85, L: 5060 },
    ],
    config: { filters: ['orders.a'] },
    stream: { retention: 'workqueue' },
    finds: ['OK'],
    consumer: 'OK',
  },
  'interest without consumers': {
    why: 'published, confirmed, dropped',
    readings: [
      { L: 100, messages: 0 },
      { L: 140, messages: 0 },
    ],
    stream: { retention: 'interest' },
    streamSample: { consumerCount: 0 },
    finds: ['INTEREST_NO_CONSUMER'],
  },
  'interest without consumers, and nobody publishes': {
    why: 'nothing is dropped',
    readings: [
      { L: 100, messages: 0 },
      { L: 100, messages: 0 },
    ],
    stream: { retention: 'interest' },
    streamSample: { consumerCount: 0 },
    finds: ['OK'],
  },
  'one durable keeps everything': {
    why: 'the other is done',
    readings: still({
      P: 900,
      D: 100,
      deliveredAt: -5 * HOUR,
      messages: 900,
      L: 1000,
      firstSeq: 101,
    }),
    stream: { retention: 'interest' },
    siblings: [{ name: 'quick', readings: still({ D: 1000, deliveredAt: -1000 }) }],
    finds: ['RETENTION_PINNED'],
    consumer: 'NO_CLIENT',
  },
  'mirror that was cut off': {
    why: 'silent for a minute; its lag of 0 means nothing',
    readings: idle,
    streamSample: mirror({ activeMs: MINUTE }),
    finds: ['MIRROR_SOURCE_LAG'],
  },
  'mirror that was never heard': {
    why: 'a day old, and no word from upstream',
    readings: idle,
    streamSample: mirror({ activeMs: undefined }),
    finds: ['MIRROR_SOURCE_LAG'],
  },
  'mirror made a moment ago': {
    why: 'it has had no time',
    readings: idle,
    streamSample: { ...mirror({ activeMs: undefined }), createdMs: T0 },
    finds: ['OK'],
  },
  'fifty-one leftovers': {
    why: 'consumers without a durable name that do nothing and stay for a day',
    readings: idle,
    siblings: Array.from({ length: 51 }, (_, index) => ({
      name: `e${String(index)}`,
      readings: still({ deliveredAt: null }),
      config: { durable: false, inactiveThresholdMs: 24 * HOUR },
    })),
    finds: ['EPHEMERAL_LEFTOVERS'],
  },
};

describe('the verdict on a stream', () => {
  it.each(Object.entries(CASES))('%s', (_name, one) => {
    const stream = diagnose(windowOf(one)).streams[0];
    expect(
      stream?.findings.map(({ id }) => id),
      one.why,
    ).toEqual(one.finds);
    if (one.consumer !== undefined) {
      expect(stream?.consumers.find(({ name }) => name === 'worker')?.verdict).toBe(one.consumer);
    }
  });

  it('calls a stream that did not answer leaderless only when others answered', () => {
    const window = windowOf({ readings: idle });
    const silent = {
      name: 'GONE',
      samples: [],
      consumers: [],
      unavailable: {
        kind: 'stream' as const,
        what: 'stream GONE',
        why: 'timeout' as const,
        detail: 'no answer within 6s',
      },
    };
    const verdictOf = (streams: ScanWindow['streams']) =>
      diagnose({ ...window, streams }).streams.find(({ name }) => name === 'GONE')?.verdict;
    expect(verdictOf([...window.streams, silent])).toBe('NO_LEADER');
    expect(verdictOf([silent])).toBe('UNKNOWN');
  });

  it('counts consumers that come and go', () => {
    const window = windowOf({ readings: idle });
    const [stream] = window.streams;
    const report = diagnose({ ...window, streams: [{ ...stream!, churned: 20 }] });
    expect(report.streams[0]?.verdict).toBe('CONSUMER_CHURN');
  });
});

describe('the verdict on an account', () => {
  const sample = (usedBytes: number, atMs: number) => ({
    atMs,
    streams: 1,
    consumers: 1,
    apiErrors: 0,
    usages: [{ kind: 'file' as const, usedBytes, limitBytes: 1000 }],
  });
  const found = (window: Partial<ScanWindow>) =>
    diagnose({ ...windowOf({ readings: idle }), ...window }).account.findings.map(({ id }) => id);

  it.each([
    ['nearly full', [sample(950, T0), sample(950, T0 + 4000)], ['STORE_NEAR_LIMIT']],
    [
      'full within hours at this pace',
      [sample(600, T0), sample(601, T0 + 4000)],
      ['STORE_NEAR_LIMIT'],
    ],
    ['half empty and filling', [sample(100, T0), sample(101, T0 + 4000)], []],
    [
      'unlimited',
      [{ ...sample(950, T0), usages: [{ kind: 'file' as const, usedBytes: 950 }] }],
      [],
    ],
  ])('%s', (_name, account, ids) => {
    expect(found({ account })).toEqual(ids);
  });

  it('is overloaded when requests are slow, not when a few of many time out', () => {
    expect(found({ api: { requests: 50, timeouts: 0, slowestMs: 4000, medianMs: 1500 } })).toEqual([
      'API_OVERLOADED',
    ]);
    expect(found({ api: { requests: 50, timeouts: 3, slowestMs: 6000, medianMs: 3 } })).toEqual([]);
  });
});
