/** What is measured. */
export type Scenario =
  'pub' | 'sub' | 'pubsub' | 'queue' | 'request' | 'reply' | 'js-pub' | 'js-consume' | 'js-get';

/** `wire` speaks the protocol directly; `client` goes through the `@nats-io` client. */
export type EngineName = 'wire' | 'client';

export type PullAckPolicy = 'none' | 'explicit' | 'all';
export type StorageKind = 'file' | 'memory';

/** What one connection of a run does. */
export type Role =
  | 'publisher'
  | 'subscriber'
  | 'requester'
  | 'responder'
  | 'js-publisher'
  | 'js-consumer'
  | 'js-getter';

export interface ScenarioFacts {
  /** The role whose clients are measured; `--clients` sets their number. */
  readonly measured: Role;
  /** The roles that are needed beside it. */
  readonly sending: Role | undefined;
  /** Whether messages carry sequence numbers, so that loss, duplicates and order are checked. */
  readonly checksSequence: boolean;
  readonly jetStream: boolean;
  /** What its latency counts; `undefined`: it has none worth the name. */
  readonly latency: string | undefined;
  readonly summary: string;
}

/** One row for each scenario: what the engine, the plan and the renderer need to know of it. */
export const SCENARIOS: Readonly<Record<Scenario, ScenarioFacts>> = {
  pub: {
    measured: 'publisher',
    sending: 'publisher',
    checksSequence: false,
    jetStream: false,
    latency: undefined,
    summary: 'publish to the server',
  },
  sub: {
    measured: 'subscriber',
    sending: undefined,
    checksSequence: false,
    jetStream: false,
    latency: undefined,
    summary: 'receive what others publish',
  },
  pubsub: {
    measured: 'subscriber',
    sending: 'publisher',
    checksSequence: true,
    jetStream: false,
    latency: 'publish to deliver, one way',
    summary: 'publish and deliver to each subscriber',
  },
  queue: {
    measured: 'subscriber',
    sending: 'publisher',
    checksSequence: true,
    jetStream: false,
    latency: 'publish to deliver, one way',
    summary: 'publish and share among a queue group',
  },
  request: {
    measured: 'requester',
    sending: 'requester',
    checksSequence: false,
    jetStream: false,
    latency: 'request to reply, round trip',
    summary: 'request and reply',
  },
  reply: {
    measured: 'responder',
    sending: undefined,
    checksSequence: false,
    jetStream: false,
    latency: undefined,
    summary: 'answer requests of others',
  },
  'js-pub': {
    measured: 'js-publisher',
    sending: 'js-publisher',
    checksSequence: false,
    jetStream: true,
    latency: 'publish to acknowledgement, round trip',
    summary: 'publish into a stream',
  },
  'js-consume': {
    measured: 'js-consumer',
    sending: undefined,
    checksSequence: true,
    jetStream: true,
    latency: undefined,
    summary: 'consume a stream with a pull consumer',
  },
  'js-get': {
    measured: 'js-getter',
    sending: 'js-getter',
    checksSequence: false,
    jetStream: true,
    latency: 'direct get, round trip',
    summary: 'read single messages of a stream by sequence',
  },
};
