/** `wire` speaks the protocol directly; `client` goes through the `@nats-io` client. */
export type EngineName = 'wire' | 'client';

export type PullAckPolicy = 'none' | 'explicit' | 'all';
export type StorageKind = 'file' | 'memory';

/** How messages are written to a stream: each acknowledged, one or many at a time, or in batches (ADR-50). */
export type PublishMode = 'sync' | 'async' | 'atomic' | 'fast';

interface RoleFacts {
  /** Whether it sends messages, requests or reads, so that it can follow a rate. */
  readonly sends: boolean;
  /** What its rate counts: messages sent, or messages (answers) received. */
  readonly counts: 'sent' | 'received';
}

/** What one client of a run does; `src/bench/run/roles` has the code. */
const ROLE_ROWS = {
  publisher: { sends: true, counts: 'sent' },
  subscriber: { sends: false, counts: 'received' },
  requester: { sends: true, counts: 'received' },
  responder: { sends: false, counts: 'received' },
  'js-publisher': { sends: true, counts: 'received' },
  'js-consumer': { sends: false, counts: 'received' },
  'js-getter': { sends: true, counts: 'received' },
} as const satisfies Readonly<Record<string, RoleFacts>>;

export type RoleName = keyof typeof ROLE_ROWS;

export const ROLES: Readonly<Record<RoleName, RoleFacts>> = ROLE_ROWS;

/** Clients that a scenario has. */
interface ClientFacts {
  readonly role: RoleName;
  /** How many there are by default. */
  readonly usual: number;
  readonly least: 0 | 1;
}

/** The groups of clients, in the order in which they are started. */
export const CLIENT_GROUPS = ['publishers', 'requesters', 'responders', 'subscribers'] as const;
export type ClientGroup = (typeof CLIENT_GROUPS)[number];

/** A line of the suite that `natsx bench` measures. */
interface SuiteLine {
  readonly label: string;
  readonly pubs?: number;
  readonly subs?: number;
  readonly window?: number;
  /** Ends the line after this many messages instead of a time. */
  readonly messages?: number;
}

export interface ScenarioFacts {
  /** What `--help` and the report call it. */
  readonly summary: string;
  readonly clients: Readonly<Partial<Record<ClientGroup, ClientFacts>>>;
  /** The role that is measured; `--clients` sets the number of its clients. */
  readonly measured: RoleName;
  /**
   * Who receives a message: `all` subscribers, `one` of the measured clients, or its own sender, as an `answer`; `none`
   * if only sending is measured.
   */
  readonly delivery: 'none' | 'all' | 'one' | 'answer';
  /** How arrivals are compared with what was sent: by sequence numbers in the bodies, or by their number. */
  readonly checks?: 'sequence' | 'count';
  /** Whether other programs send, unless this run has publishers. */
  readonly awaitsOthers?: true;
  /** How it uses a stream; without it, the scenario is core NATS. */
  readonly stream?: 'write' | 'consume' | 'get';
  /** What its latency spans; without it, none is measured. */
  readonly latency?: string;
  /** Unanswered messages of each client by default; without it, there is no `--window`. */
  readonly window?: number;
  /** Whether `bench saturate` can search its highest rate. */
  readonly saturates?: true;
  readonly suite: readonly SuiteLine[];
}

const SCENARIO_ROWS = {
  pub: {
    summary: 'publish as fast as the server accepts, or at a given rate',
    clients: { publishers: { role: 'publisher', usual: 1, least: 1 } },
    measured: 'publisher',
    delivery: 'none',
    suite: [{ label: 'publish' }],
  },
  sub: {
    summary: 'receive what other clients publish on a subject',
    clients: {
      publishers: { role: 'publisher', usual: 0, least: 0 },
      subscribers: { role: 'subscriber', usual: 1, least: 1 },
    },
    measured: 'subscriber',
    delivery: 'all',
    checks: 'count',
    awaitsOthers: true,
    suite: [{ label: 'subscribe', pubs: 1 }],
  },
  pubsub: {
    summary: 'publish and deliver to each subscriber: rate, one-way latency, loss',
    clients: {
      publishers: { role: 'publisher', usual: 1, least: 1 },
      subscribers: { role: 'subscriber', usual: 1, least: 1 },
    },
    measured: 'subscriber',
    delivery: 'all',
    checks: 'sequence',
    latency: 'publish to deliver, one way',
    saturates: true,
    suite: [{ label: 'publish → subscribe' }, { label: 'fan-out to 4', subs: 4 }],
  },
  queue: {
    summary: 'publish to a queue group that shares the messages',
    clients: {
      publishers: { role: 'publisher', usual: 1, least: 1 },
      subscribers: { role: 'subscriber', usual: 2, least: 1 },
    },
    measured: 'subscriber',
    delivery: 'one',
    checks: 'sequence',
    latency: 'publish to deliver, one way',
    saturates: true,
    suite: [{ label: 'queue group of 3', subs: 3 }],
  },
  request: {
    summary: 'send requests and measure rate and round trip',
    clients: {
      requesters: { role: 'requester', usual: 1, least: 1 },
      responders: { role: 'responder', usual: 1, least: 0 },
    },
    measured: 'requester',
    delivery: 'answer',
    latency: 'request to reply, round trip',
    window: 1,
    saturates: true,
    suite: [{ label: 'request → reply' }],
  },
  reply: {
    summary: 'answer requests from other clients, such as bench request',
    clients: { responders: { role: 'responder', usual: 1, least: 1 } },
    measured: 'responder',
    delivery: 'one',
    awaitsOthers: true,
    suite: [],
  },
  'js-pub': {
    summary: 'publish to a stream and wait for acknowledgements',
    clients: { publishers: { role: 'js-publisher', usual: 1, least: 1 } },
    measured: 'js-publisher',
    delivery: 'answer',
    stream: 'write',
    latency: 'publish to acknowledgement, round trip',
    window: 500,
    saturates: true,
    suite: [
      { label: 'stream publish, one at a time', window: 1 },
      { label: 'stream publish, 500 in flight' },
    ],
  },
  'js-consume': {
    summary: 'consume a stream with a pull consumer',
    clients: { subscribers: { role: 'js-consumer', usual: 1, least: 1 } },
    measured: 'js-consumer',
    delivery: 'one',
    checks: 'sequence',
    stream: 'consume',
    suite: [{ label: 'stream consume, explicit acks', messages: 100_000 }],
  },
  'js-get': {
    summary: 'read single messages of a stream by sequence',
    clients: { subscribers: { role: 'js-getter', usual: 1, least: 1 } },
    measured: 'js-getter',
    delivery: 'answer',
    stream: 'get',
    latency: 'direct get, round trip',
    window: 1,
    suite: [],
  },
} as const satisfies Readonly<Record<string, ScenarioFacts>>;

export type Scenario = keyof typeof SCENARIO_ROWS;

/** One row for each scenario. The plan, the run, the report, the suite and the help read their facts here. */
export const SCENARIOS: Readonly<Record<Scenario, ScenarioFacts>> = SCENARIO_ROWS;

/** Scenarios of which that is true, in the order of the table. */
export function scenariosWhere(isTrue: (facts: ScenarioFacts) => boolean): readonly Scenario[] {
  const names = Object.keys(SCENARIOS) as Scenario[];
  return names.filter((name) => isTrue(SCENARIOS[name]));
}

/** Whether a scenario always sends its load itself: then it can follow a rate. */
export function alwaysSends({ clients }: ScenarioFacts): boolean {
  return Object.values(clients).some(({ role, least }) => least > 0 && ROLES[role].sends);
}

/** Whether what was sent counts, and not what was received. */
export function countsSent(scenario: Scenario): boolean {
  return ROLES[SCENARIOS[scenario].measured].counts === 'sent';
}
