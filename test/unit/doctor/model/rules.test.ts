import { describe, expect, it } from 'vitest';
import type {
  ConsumerSettings,
  Missing,
  StreamSettings,
} from '../../../../src/streams/model/snapshot.js';
import type { AuditId } from '../../../../src/doctor/model/doctor-id.js';
import { DEFAULT_DOCTOR_THRESHOLDS } from '../../../../src/doctor/model/thresholds.js';
import type { Severity } from '../../../../src/core/findings/severity.js';
import { T0 } from '../../backlog/model/histories.js';
import { auditOf, readingOf, type Case } from './readings.js';
import { unknownFlags } from './unknown-flags.js';

const ordered = { choices: { ordered: new Set(['ORDERS']), retriesTakeMs: 30_000 } };
const full = [
  { D: 10, F: 10, P: 90, messages: 100, firstSeq: 1 },
  { D: 10, F: 10, P: 90, messages: 100, firstSeq: 1 },
];
const idle = [
  { D: 10, F: 10 },
  { D: 10, F: 10 },
];
const waiting = [
  { D: 10, F: 0, P: 90, messages: 100, firstSeq: 1 },
  { D: 10, F: 0, P: 90, messages: 100, firstSeq: 1 },
];
const user = readingOf().connection.user!;
const three = readingOf().servers;
const open = (...subscriptions: readonly string[]): Case => ({
  history: {
    readings: idle,
    core: {
      open: [
        [
          {
            server: 'n1',
            cid: 7,
            atMs: T0,
            name: 'shop',
            address: '10.0.0.9:5000',
            pendingBytes: 0,
            outMessages: 0,
            inMessages: 0,
            subscriptionCount: subscriptions.length,
            subscriptions,
          },
        ],
      ],
    },
  },
});

interface Row {
  readonly id: AuditId;
  readonly fires: readonly (readonly [Severity, Case])[];
  readonly silent: readonly Case[];
}

const stream = (config: Partial<StreamSettings>): Case => ({
  history: { readings: idle, stream: config },
});
const consumer = (config: Partial<ConsumerSettings>): Case => ({
  history: { readings: idle, config },
});

/** Each rule with deployments that it is about, and their nearest neighbours that it must leave alone. */
const TABLE: readonly Row[] = [
  {
    id: 'MEMORY_STORAGE',
    fires: [
      ['warning', stream({ storage: 'memory', replicas: 1 })],
      ['info', stream({ storage: 'memory' })],
    ],
    silent: [{}],
  },
  {
    id: 'ONE_REPLICA',
    fires: [
      ['warning', stream({ replicas: 1 })],
      ['info', { ...stream({ replicas: 1 }), connection: { cluster: undefined } }],
    ],
    silent: [{}],
  },
  {
    id: 'REPLICAS_EVEN',
    fires: [
      ['warning', stream({ replicas: 2 })],
      ['warning', stream({ replicas: 4 })],
    ],
    silent: [{}, stream({ replicas: 1 }), stream({ replicas: 5 })],
  },
  { id: 'STREAM_NO_ACK', fires: [['warning', stream({ noAck: true })]], silent: [{}] },
  {
    id: 'INTEREST_NO_DURABLE',
    fires: [
      [
        'warning',
        {
          history: {
            readings: idle,
            stream: { retention: 'interest' },
            config: { durable: false },
          },
        },
      ],
      [
        'info',
        {
          history: {
            readings: idle,
            stream: { retention: 'interest' },
            config: { filters: ['orders.new'] },
          },
        },
      ],
    ],
    silent: [stream({ retention: 'interest' }), consumer({ durable: false })],
  },
  {
    id: 'DUPLICATE_WINDOW_SHORT',
    fires: [
      ['warning', stream({ duplicateWindowMs: 29_999 })],
      ['warning', { terms: { choices: { ordered: new Set<string>(), retriesTakeMs: 120_001 } } }],
    ],
    silent: [
      stream({ duplicateWindowMs: 30_000 }),
      stream({ duplicateWindowMs: 1000, mirror: true }),
      stream({ duplicateWindowMs: 1000, sealed: true }),
    ],
  },
  {
    id: 'STREAM_LIMIT_NEAR',
    fires: [
      ['warning', { history: { readings: full, stream: { discard: 'new', maxMessages: 120 } } }],
      ['critical', { history: { readings: full, stream: { discard: 'new', maxMessages: 101 } } }],
    ],
    silent: [
      { history: { readings: full, stream: { discard: 'old', maxMessages: 100 } } },
      { history: { readings: full, stream: { discard: 'new', maxMessages: 200 } } },
      stream({ maxConsumers: 1 }),
    ],
  },
  {
    id: 'DISCARD_BEFORE_READ',
    fires: [
      ['critical', { history: { readings: waiting, stream: { maxMessages: 100 } } }],
      ['warning', { history: { readings: waiting, stream: { maxMessages: 120 } } }],
    ],
    silent: [
      { history: { readings: waiting, stream: { maxMessages: 100, discard: 'new' } } },
      { history: { readings: waiting, stream: { maxMessages: 200 } } },
      { history: { readings: idle, stream: { maxMessages: 10 } } },
      // Half of the stream is behind the reader.
      {
        history: {
          readings: [{ D: 50, F: 50, P: 50, messages: 100, firstSeq: 1 }],
          stream: { maxMessages: 100 },
        },
      },
    ],
  },
  {
    id: 'MAX_AGE_NEAR_BACKLOG',
    fires: [
      ['warning', aged(60_000)],
      ['critical', aged(95_000)],
    ],
    silent: [
      aged(40_000),
      { history: { ...aged(95_000).history!, stream: {} } },
      { history: { readings: idle, stream: { maxAgeMs: 100_000 } } },
    ],
  },
  {
    id: 'ACK_NONE',
    fires: [['warning', consumer({ ackPolicy: 'none' })]],
    silent: [{}, consumer({ ackPolicy: 'none', durable: false }), consumer({ ackPolicy: 'all' })],
  },
  {
    id: 'CONSUMER_STATE_AT_RISK',
    fires: [
      ['warning', consumer({ replicas: 1 })],
      ['warning', consumer({ memoryStorage: true })],
    ],
    silent: [
      {},
      consumer({ replicas: 3 }),
      consumer({ replicas: 1, durable: false }),
      {
        history: {
          readings: idle,
          stream: { storage: 'memory' },
          config: { memoryStorage: true },
        },
      },
    ],
  },
  {
    id: 'ACK_WAIT_TOO_SHORT',
    fires: [
      ['warning', working(5, 0)],
      ['critical', working(5, 3)],
    ],
    silent: [working(1, 0), { history: { readings: idle, config: { ackWaitMs: 10 } } }],
  },
  {
    id: 'UNREAD_EVICTED',
    fires: [
      [
        'critical',
        {
          history: {
            readings: [{ L: 50, firstSeq: 51, messages: 0, deliveredAt: null }],
            stream: { allowMsgTtl: true },
          },
        },
      ],
    ],
    silent: [{}, { history: { readings: [{ D: 50, F: 50, firstSeq: 51, messages: 0 }] } }],
  },
  {
    id: 'PERSIST_ASYNC',
    fires: [['warning', stream({ asyncPersist: true })]],
    silent: [{}],
  },
  {
    id: 'STORAGE_WRITE_ERROR',
    fires: [
      [
        'critical',
        {
          settings: [
            {
              problems: [
                {
                  account: '$G',
                  stream: 'F',
                  error:
                    "JetStream stream '$G > F' write error: write 4.blk: no space left on device",
                },
              ],
            },
          ],
        },
      ],
    ],
    silent: [{}, { settings: [{ problems: [] }] }, { settings: [{ problems: [{ error: 'x' }] }] }],
  },
  {
    id: 'SERVER_UNHEALTHY',
    fires: [['critical', { settings: [{ problems: [{ error: 'JetStream is not current' }] }] }]],
    silent: [{}, { settings: [{ problems: [] }] }],
  },
  {
    id: 'CURSOR_AHEAD',
    fires: [
      [
        'critical',
        {
          history: {
            readings: [
              { S: 99, F: 99, L: 8 },
              { S: 99, F: 99, L: 9 },
            ],
          },
        },
      ],
    ],
    silent: [
      {},
      {
        history: {
          readings: [
            { D: 10, F: 10, L: 10 },
            { D: 12, F: 12, L: 11 },
          ],
        },
      },
    ],
  },
  {
    id: 'MAX_DELIVER_UNLIMITED',
    fires: [
      ['info', consumer({ maxDeliver: undefined })],
      [
        'warning',
        {
          history: {
            readings: [{ D: 19, S: 12, F: 11, A: 1, R: 1 }],
            sample: { ackFloor: { consumerSeq: 11, streamSeq: 11 } },
            config: { maxDeliver: undefined },
          },
        },
      ],
    ],
    silent: [
      {},
      consumer({ maxDeliver: undefined, ackPolicy: 'none' }),
      consumer({ maxDeliver: undefined, durable: false }),
    ],
  },
  {
    id: 'ORDER_SEVERAL_IN_FLIGHT',
    fires: [
      ['warning', { terms: ordered }],
      ['warning', stream({ metadata: { 'io.natsx.ordered': 'true' } })],
      ['warning', { ...consumer({ maxAckPending: undefined }), terms: ordered }],
    ],
    silent: [
      {},
      stream({ metadata: { 'io.natsx.ordered': 'false' } }),
      { ...consumer({ maxAckPending: 1 }), terms: ordered },
      { ...consumer({ ackPolicy: 'none', durable: false }), terms: ordered },
    ],
  },
  {
    id: 'ORDER_BROKEN_BY_REDELIVERY',
    fires: [
      [
        'critical',
        { history: { readings: [{ D: 20, S: 15, F: 10, A: 5, R: 2 }] }, terms: ordered },
      ],
    ],
    silent: [
      { history: { readings: [{ D: 20, S: 15, F: 10, A: 5, R: 2 }] } },
      { history: { readings: [{ D: 12, S: 11, F: 10, A: 1, R: 1 }] }, terms: ordered },
      { terms: ordered },
    ],
  },
  {
    id: 'SUBJECT_DOMINATES',
    fires: [['info', shares(1500, 300, 200)]],
    silent: [shares(900, 700, 400), shares(1500, 500), shares(150, 30, 20)],
  },
  {
    id: 'GIANT_MESSAGES',
    fires: [
      ['info', sized(300 * 1024)],
      ['warning', sized(2 * 1024 * 1024)],
      ['info', sampled(300 * 1024)],
    ],
    silent: [sized(128 * 1024), sampled(200 * 1024)],
  },
  {
    id: 'SYNC_INTERVAL_LAZY',
    fires: [
      ['info', { settings: [{ syncIntervalMs: 120_000 }] }],
      ['warning', { ...stream({ replicas: 1 }), settings: [{ syncIntervalMs: 120_000 }] }],
    ],
    silent: [
      {},
      { settings: [{ syncIntervalMs: 120_000, syncAlways: true }] },
      { settings: [{ syncIntervalMs: undefined }] },
      { reading: { settings: undefined } },
    ],
  },
  {
    id: 'CORE_ONLY_SUBJECTS',
    fires: [['info', open('prices.*')]],
    silent: [
      open('orders.new', '_INBOX.abc.*', '$SRV.PING', '_R_.x.*'),
      { ...open('prices.*'), reading: { wholeAccount: false } },
    ],
  },
  {
    id: 'ACCOUNT_LIMIT_NEAR',
    fires: [
      ['warning', limited({ streams: 8, maxStreams: 10 })],
      ['critical', limited({ consumers: 100, maxConsumers: 100 })],
    ],
    silent: [limited({ streams: 7, maxStreams: 10 }), limited({ streams: 7, maxStreams: -1 })],
  },
  {
    id: 'SERVER_LIMIT_NEAR',
    fires: [
      ['warning', { settings: [{ connections: 85, maxConnections: 100 }] }],
      ['critical', { settings: [{ storageBytes: 99, maxStorageBytes: 100 }] }],
    ],
    silent: [{}, { settings: [{ memoryBytes: 70, maxMemoryBytes: 100 }] }],
  },
  {
    id: 'RTT_HIGH',
    fires: [
      ['info', { connection: { rttMs: 60 } }],
      ['warning', { connection: { rttMs: 300 } }],
    ],
    silent: [{ connection: { rttMs: 49 } }],
  },
  {
    id: 'NO_AUTHENTICATION',
    fires: [
      ['critical', { connection: { authRequired: false } }],
      ['critical', { connection: { identified: false } }],
      ['warning', { connection: { authRequired: false, address: '127.0.0.1:4222' } }],
      ['warning', { connection: { authRequired: false, address: '[::1]:4222' } }],
    ],
    silent: [{}, { connection: { authRequired: false, certificateRequired: true } }],
  },
  {
    id: 'GUESSABLE_CREDENTIALS',
    fires: [['critical', { connection: { guessable: 'the password is the user name' } }]],
    silent: [{}, { connection: { guessable: 'the password is empty', authRequired: false } }],
  },
  { id: 'NO_TLS', fires: [['warning', { connection: { encrypted: false } }]], silent: [{}] },
  {
    id: 'ROUTES_WITHOUT_TLS',
    fires: [['info', { settings: [{ routesTls: false }] }]],
    silent: [{}, { settings: [{ routesTls: false, routes: 0 }] }],
  },
  {
    id: 'WIDE_PERMISSIONS',
    fires: [
      ['warning', { connection: { user: { ...user, publish: { allow: undefined, deny: [] } } } }],
      ['warning', { connection: { user: { ...user, subscribe: { allow: ['>'], deny: [] } } } }],
    ],
    silent: [
      {},
      { connection: { user: undefined } },
      { connection: { user: { ...user, subscribe: { allow: ['>'], deny: ['secret.>'] } } } },
      { connection: { user: { ...user, publish: { allow: [], deny: [] } } } },
    ],
  },
  {
    id: 'CREDENTIALS_EXPIRE',
    fires: [
      ['warning', { connection: { user: { ...user, expiresInMs: 5 * 86_400_000 } } }],
      ['critical', { connection: { user: { ...user, expiresInMs: 3_600_000 } } }],
    ],
    silent: [{}, { connection: { user: { ...user, expiresInMs: 90 * 86_400_000 } } }],
  },
  {
    id: 'SINGLE_SERVER',
    fires: [
      ['warning', { connection: { cluster: undefined } }],
      ['warning', { reading: { servers: three.slice(0, 1), settings: undefined } }],
    ],
    silent: [{}, { reading: { servers: [], settings: undefined } }],
  },
  {
    id: 'CLUSTER_SIZE_EVEN',
    fires: [
      ['warning', { settings: [{ clusterSize: 4 }] }],
      ['warning', { reading: { servers: three.slice(0, 2), settings: undefined } }],
    ],
    silent: [
      {},
      { reading: { servers: [], settings: undefined } },
      // One is down; the metadata group still counts it.
      { reading: { servers: three.slice(0, 2) } },
    ],
  },
  {
    id: 'NO_META_LEADER',
    fires: [['critical', unread('streams', 'no-leader')]],
    silent: [{}, unread('streams', 'denied'), unread('stream', 'no-leader')],
  },
  {
    id: 'PAYLOAD_LIMIT_LARGE',
    fires: [['info', { connection: { maxPayloadBytes: 64 * 1024 * 1024 } }]],
    silent: [{}, { connection: { maxPayloadBytes: 8 * 1024 * 1024 } }],
  },
  {
    id: 'VERSIONS_DIFFER',
    fires: [['warning', { reading: { servers: [...three, { ...three[0]!, version: '2.12.1' }] } }]],
    silent: [{}],
  },
  {
    id: 'KNOWN_BUGS',
    fires: [
      ['warning', { connection: { version: '2.12.6' } }],
      ['critical', { connection: { version: '2.10.22' } }],
      ['critical', { reading: { servers: [{ ...three[0]!, version: '2.9.10' }] } }],
    ],
    silent: [{}, { connection: { version: '2.12.7' } }, { connection: { version: 'dev' } }],
  },
];

function aged(ageMs: number): Case {
  return {
    history: {
      readings: waiting,
      stream: { maxAgeMs: 100_000 },
      lookups: { oldest: { seq: 1, storedMs: T0 + 2000 - ageMs, estimated: false } },
    },
  };
}

/** Ten messages a second are finished; with so many in flight at a time. */
function working(inFlight: number, redeliveries: number): Case {
  const at = (step: number) => ({
    D: 100 + 20 * step + inFlight + redeliveries * step,
    S: 100 + 20 * step + inFlight,
    F: 100 + 20 * step,
    A: inFlight,
    P: 100,
    R: redeliveries,
  });
  return { history: { readings: [at(0), at(1), at(2)], config: { ackWaitMs: 500 } } };
}

function shares(...messages: readonly number[]): Case {
  const total = messages.reduce((sum, count) => sum + count, 0);
  return {
    history: { readings: idle, streamSample: { messages: total } },
    reading: {
      subjects: new Map([
        [
          'ORDERS',
          messages.map((count, place) => ({ subject: `s${String(place)}`, messages: count })),
        ],
      ]),
    },
  };
}

function sized(bytes: number): Case {
  return { history: { readings: idle, streamSample: { messages: 10, bytes: 10 * bytes } } };
}

function unread(kind: Missing['kind'], why: Missing['why']): Case {
  const { scan } = readingOf();
  return {
    reading: { scan: { ...scan, missing: [{ kind, what: kind, why, detail: 'unavailable' }] } },
  };
}

/** A small average, and the largest of a few messages that were looked at. */
function sampled(largestBytes: number): Case {
  const largest = { seq: 7, subject: 'orders.new', sizeBytes: largestBytes };
  return { ...sized(100), reading: { sizes: new Map([['ORDERS', { looked: 3, largest }]]) } };
}

function limited(account: object): Case {
  const { jetStream } = readingOf();
  if (jetStream.state !== 'on') throw new Error('JetStream is on in every reading');
  return {
    reading: { jetStream: { state: 'on', account: { ...jetStream.account, ...account } } },
  };
}

const severityOf = (id: AuditId, change: Case): Severity | undefined =>
  auditOf(change).findings.find((finding) => finding.id === id)?.severity;

describe('an orderly deployment', () => {
  it('gives no finding at all', () => {
    expect(auditOf()).toMatchObject({ findings: [], missing: [], severity: 'ok' });
  });
});

describe.each(TABLE)('$id', ({ id, fires, silent }) => {
  it.each(fires)('is a finding: %s', (severity, change) => {
    expect(severityOf(id, change)).toBe(severity);
  });

  it.each(silent.map((change) => [change] as const))('is none (%#)', (change) => {
    expect(severityOf(id, change)).toBeUndefined();
  });

  it('comes with commands that natsx takes as they are pasted', async () => {
    for (const [, change] of fires) {
      const found = auditOf(change).findings.filter((finding) => finding.id === id);
      for (const command of found.flatMap(({ remedy }) => remedy)) {
        expect(await unknownFlags(command), command).toEqual([]);
      }
    }
  });

  it('comes with a sentence, and commands of nats or natsx', () => {
    const [, change] = fires[0]!;
    const found = auditOf(change).findings.find((finding) => finding.id === id);
    expect(found?.summary).toMatch(/^[^a-z].*\.$|^[a-z]\S* .*\.$/);
    for (const command of found?.remedy ?? []) expect(command).toMatch(/(^|\| )(nats|natsx) /);
    expect(found?.remedy.length).toBeGreaterThan(0);
  });
});

describe('the remedy of a short duplicate window', () => {
  it.each([
    [undefined, '--duplicate-window 2m'],
    [60_000, '--duplicate-window 1m'],
    [10_000, '--max-age 2m --duplicate-window 2m'],
  ])('fits a maximum age of %s ms', (maxAgeMs, flags) => {
    const { findings } = auditOf(stream({ duplicateWindowMs: 5000, maxAgeMs }));
    const found = findings.find(({ id }) => id === 'DUPLICATE_WINDOW_SHORT');
    expect(found?.remedy).toEqual([`natsx stream edit ORDERS ${flags} --yes`]);
  });
});

describe('the remedy of a consumer that cannot be changed', () => {
  const remedy = (id: AuditId, change: Case): readonly string[] | undefined =>
    auditOf(change).findings.find((finding) => finding.id === id)?.remedy;
  const remove = 'natsx consumer rm ORDERS worker --yes';

  it('is another one that begins where it stands', () => {
    expect(remedy('CONSUMER_STATE_AT_RISK', consumer({ memoryStorage: true }))).toEqual([
      'natsx consumer create ORDERS worker-kept --start-seq 11',
      remove,
    ]);
    expect(remedy('ACK_NONE', consumer({ ackPolicy: 'none', filters: ['a', 'b.>'] }))).toEqual([
      "natsx consumer create ORDERS worker-acked --filter 'a,b.>' --start-seq 11",
      remove,
    ]);
  });

  it('comes after its removal on a work queue', () => {
    const queue: Case = {
      history: {
        readings: idle,
        stream: { retention: 'workqueue' },
        config: { ackPolicy: 'none' },
      },
    };
    expect(remedy('ACK_NONE', queue)).toEqual([
      remove,
      'natsx consumer create ORDERS worker-acked',
    ]);
  });

  it('is an edit where only replicas are missing', () => {
    expect(remedy('CONSUMER_STATE_AT_RISK', consumer({ replicas: 1 }))).toEqual([
      'natsx consumer edit ORDERS worker --replicas 3 --yes',
    ]);
  });
});

describe('who may not ask for connections', () => {
  const { scan } = readingOf();
  const denied = { kind: 'connections', what: 'connections', why: 'denied', detail: '' } as const;
  const reading = { scan: { ...scan, missing: [denied] }, servers: [] };
  const notJudged = (cluster: string | undefined): readonly string[] =>
    auditOf({ connection: { cluster }, reading }).missing.flatMap(({ rules }) => rules);

  it('is not told how large a cluster is', () => {
    expect(severityOf('SINGLE_SERVER', { reading })).toBeUndefined();
    expect(notJudged('prod')).toEqual(expect.arrayContaining(['SINGLE_SERVER']));
  });

  it('is told that a server without a cluster is alone, once', () => {
    expect(severityOf('SINGLE_SERVER', { connection: { cluster: undefined }, reading })).toBe(
      'warning',
    );
    expect(notJudged(undefined)).not.toContain('SINGLE_SERVER');
    expect(notJudged(undefined)).toContain('CORE_ONLY_SUBJECTS');
  });
});

describe('what looks like trouble and is none', () => {
  it('is no poison when a worker restarts and everything in flight comes again once', () => {
    const restarted: Case = {
      history: {
        readings: [{ D: 120, S: 70, F: 20, A: 50, R: 50 }],
        sample: { ackFloor: { consumerSeq: 20, streamSeq: 20 } },
        config: { maxDeliver: undefined },
      },
    };
    expect(severityOf('MAX_DELIVER_UNLIMITED', restarted)).toBe('info');
  });
});

describe('a raft group whose replicas were not heard', () => {
  const replicas = ['n2', 'n3'].map((name) => ({
    name,
    current: false,
    offline: false,
    activeMs: 0,
    lag: 0,
  }));
  const group = (leaderSinceMs: number): Case => ({
    history: {
      readings: idle,
      streamSample: { cluster: { leader: 'n1', leaderSinceMs, replicas } },
    },
  });
  const ids = (change: Case) => auditOf(change).findings.map(({ id }) => id);

  it('is at risk when its leader is old, and not judged when it is new', () => {
    expect(ids(group(T0 - 60_000))).toContain('QUORUM_AT_RISK');
    expect(ids(group(T0 - 1000))).toEqual([]);
  });
});

describe('the table', () => {
  it('has every id, so that no rule is without a test', async () => {
    const { AUDIT_TEXTS } = await import('../../../../src/doctor/model/rule-table.js');
    const { GROUP_RULES } = await import('../../../../src/backlog/model/rules/raft-group.js');
    const groups = GROUP_RULES.map(({ id }) => id as string);
    const own = AUDIT_TEXTS.map(({ id }) => id as string).filter((id) => !groups.includes(id));
    expect(TABLE.map(({ id }) => id as string).toSorted()).toEqual(own.toSorted());
  });

  it('follows the thresholds, which are data', () => {
    const thresholds = { ...DEFAULT_DOCTOR_THRESHOLDS, rttNoteMs: 0.1 };
    expect(severityOf('RTT_HIGH', { terms: { thresholds } })).toBe('info');
  });
});
