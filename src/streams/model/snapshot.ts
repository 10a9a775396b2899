/** One reading of the server. Times are milliseconds since the epoch by the server's clock. */

export type AckPolicy = 'none' | 'all' | 'explicit' | 'flow_control';
export type Retention = 'limits' | 'interest' | 'workqueue';

/** State of a raft group; absent on a server that is not in a cluster. */
export interface ClusterState {
  /** Empty or absent: the group has no leader. */
  readonly leader?: string | undefined;
  readonly leaderSinceMs?: number | undefined;
  readonly replicas: readonly ReplicaState[];
}

export interface ReplicaState {
  readonly name: string;
  readonly current: boolean;
  readonly offline: boolean;
  /** How long ago the leader heard from it; 0 can mean "never", see {@link ReplicaState.current}. */
  readonly activeMs: number;
  /** Raft operations behind. */
  readonly lag: number;
  /** It joins the group in a migration and has no vote yet. */
  readonly pending?: boolean | undefined;
}

/** What a snapshot keeps of `StreamConfig`, with its limits in milliseconds and absent where there are none. */
export interface StreamSettings {
  readonly retention: Retention;
  readonly discard: 'old' | 'new';
  /** Absent limits mean unlimited. */
  readonly maxMessages?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly maxAgeMs?: number | undefined;
  readonly maxMessagesPerSubject?: number | undefined;
  readonly subjects: readonly string[];
  readonly replicas: number;
  readonly allowDirect: boolean;
  readonly sealed?: boolean | undefined;
  readonly storage?: 'file' | 'memory' | undefined;
  /** How long a message id is remembered. */
  readonly duplicateWindowMs?: number | undefined;
  /** Messages are acknowledged before they are written to disk. */
  readonly asyncPersist?: boolean | undefined;
  /** Messages may have their own time to live. */
  readonly allowMsgTtl?: boolean | undefined;
  /** Stored messages may schedule another message. */
  readonly allowSchedules?: boolean | undefined;
  /** Publishers get no acknowledgement. */
  readonly noAck?: boolean | undefined;
  /** Absent: as many as the server allows. */
  readonly maxConsumers?: number | undefined;
  /** A copy of another stream; nothing is published to it. */
  readonly mirror?: boolean | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** The other settings by the server's names; what is off or without limit is left out, and so are secrets. Absent: not read. */
  readonly others?: OtherSettings | undefined;
}

export type OtherSettings = Readonly<Record<string, string | number | boolean>>;

/** A mirror's or source's upstream as the stream sees it. */
export interface UpstreamState {
  readonly kind: 'mirror' | 'source';
  readonly name: string;
  readonly lag: number;
  /** How long ago the last contact was; absent: none yet. */
  readonly activeMs?: number | undefined;
  readonly error?: string | undefined;
  /** API prefix of another domain or account. */
  readonly external?: string | undefined;
}

export interface StreamSample {
  readonly name: string;
  readonly atMs: number;
  readonly createdMs?: number | undefined;
  readonly config: StreamSettings;
  readonly messages: number;
  readonly bytes: number;
  readonly firstSeq: number;
  readonly firstMs?: number | undefined;
  readonly lastSeq: number;
  readonly lastMs?: number | undefined;
  readonly deleted: number;
  readonly subjectCount?: number | undefined;
  readonly consumerCount: number;
  readonly cluster?: ClusterState | undefined;
  readonly upstreams: readonly UpstreamState[];
}

/** What a snapshot keeps of `ConsumerConfig`. */
export interface ConsumerSettings {
  readonly durable: boolean;
  readonly ackPolicy: AckPolicy;
  readonly ackWaitMs: number;
  /** Absent: unlimited. */
  readonly maxDeliver?: number | undefined;
  readonly backoffMs: readonly number[];
  /** Absent: unlimited. */
  readonly maxAckPending?: number | undefined;
  readonly maxWaiting: number;
  /** Empty: the whole stream. */
  readonly filters: readonly string[];
  readonly deliverPolicy: string;
  readonly startSeq?: number | undefined;
  readonly startMs?: number | undefined;
  readonly replayOriginal: boolean;
  readonly rateLimitBitsPerS?: number | undefined;
  readonly headersOnly: boolean;
  readonly maxBatch?: number | undefined;
  readonly maxExpiresMs?: number | undefined;
  readonly maxBytes?: number | undefined;
  /** Present: a push consumer. */
  readonly deliverSubject?: string | undefined;
  readonly deliverGroup?: string | undefined;
  readonly flowControl: boolean;
  readonly inactiveThresholdMs?: number | undefined;
  readonly priorityPolicy?: string | undefined;
  readonly priorityTimeoutMs?: number | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** Its own number of replicas; absent: the stream's. */
  readonly replicas?: number | undefined;
  /** Its state is kept in memory, whatever the stream's storage. */
  readonly memoryStorage?: boolean | undefined;
  /** As for streams. */
  readonly others?: OtherSettings | undefined;
}

export interface Position {
  readonly consumerSeq: number;
  readonly streamSeq: number;
  /** Only in the leader's memory: absent after a restart, which does not mean "never". */
  readonly lastActiveMs?: number | undefined;
}

export interface PriorityGroup {
  readonly group: string;
  readonly pinnedClientId?: string | undefined;
  readonly pinnedMs?: number | undefined;
}

export interface ConsumerSample {
  readonly stream: string;
  readonly name: string;
  readonly atMs: number;
  readonly createdMs?: number | undefined;
  readonly config: ConsumerSettings;
  readonly delivered: Position;
  readonly ackFloor: Position;
  /** Matching messages after the delivered cursor, never delivered. */
  readonly pending: number;
  readonly ackPending: number;
  /** Messages that are currently known as delivered more than once: a gauge. */
  readonly redelivered: number;
  /** Pull requests that wait at the leader; not clients, not messages. */
  readonly waiting: number;
  readonly pushBound: boolean;
  readonly paused: boolean;
  readonly pauseRemainingMs?: number | undefined;
  readonly cluster?: ClusterState | undefined;
  readonly priorityGroups: readonly PriorityGroup[];
}

export interface AccountSample {
  readonly atMs: number;
  readonly usages: readonly StorageUsage[];
  readonly streams: number;
  readonly consumers: number;
  readonly apiErrors: number;
  readonly domain?: string | undefined;
}

/** Used and allowed bytes of one kind of storage, account-wide or of a tier. */
export interface StorageUsage {
  readonly tier?: string | undefined;
  readonly kind: 'file' | 'memory';
  readonly usedBytes: number;
  /** Absent: unlimited. */
  readonly limitBytes?: number | undefined;
}

export interface ConnectionSample {
  readonly server: string;
  readonly cid: number;
  readonly atMs: number;
  readonly name: string;
  readonly address: string;
  readonly language?: string | undefined;
  readonly rttMs?: number | undefined;
  readonly startMs?: number | undefined;
  readonly lastActivityMs?: number | undefined;
  readonly pendingBytes: number;
  readonly outMessages: number;
  readonly inMessages: number;
  /** Absent before server 2.12. */
  readonly stalls?: number | undefined;
  readonly subscriptionCount: number;
  readonly subscriptions: readonly string[];
}

export interface ClosedConnection {
  readonly server: string;
  readonly cid: number;
  readonly name: string;
  readonly address: string;
  readonly startMs?: number | undefined;
  readonly stopMs: number;
  /** The last message to or from it. */
  readonly lastActivityMs?: number | undefined;
  readonly outMessages?: number | undefined;
  readonly inMessages?: number | undefined;
  readonly reason: string;
  readonly subscriptions: readonly string[];
  readonly subscriptionCount: number;
}

/** Counters of the account on one server. */
export interface ServerStatistics {
  readonly server: string;
  readonly atMs: number;
  readonly connections: number;
  readonly slowConsumers: number;
}

/** What a server reports to a system account or on its monitoring port, for all accounts. */
export interface ServerSample {
  readonly server: string;
  readonly atMs: number;
  readonly startMs?: number | undefined;
  /** Unsent bytes at which it disconnects a client. */
  readonly maxPendingBytes?: number | undefined;
  /** Counted since its start. */
  readonly slowConsumers: number;
  /** How often it stalled a publisher; absent before server 2.12. */
  readonly stalledClients?: number | undefined;
  /** Requests to the JetStream API that wait on it, with those of the meta group that it leads. */
  readonly apiQueue?: number | undefined;
  /** JetStream's store on this server; absent without JetStream. */
  readonly stores?: readonly ServerStore[] | undefined;
  /** Problems that it reports; absent if it was not asked, or does not report any kind of problem. */
  readonly problems?: readonly ServerProblem[] | undefined;
}

/** What JetStream uses of a server's file or memory store, all accounts together. */
export interface ServerStore {
  readonly kind: 'file' | 'memory';
  readonly usedBytes: number;
  readonly limitBytes: number;
}

/** A line of a server's health report. */
export interface ServerProblem {
  readonly account?: string | undefined;
  readonly stream?: string | undefined;
  readonly consumer?: string | undefined;
  readonly error: string;
}

export interface ServerIdentity {
  readonly name: string;
  readonly version: string;
  readonly cluster?: string | undefined;
  readonly domain?: string | undefined;
  readonly jetstream: boolean;
}

/** What could not be read: `streams` and `consumers` are lists, `stream` and `consumer` one of them. */
export type MissingKind =
  | 'streams'
  | 'stream'
  | 'consumers'
  | 'consumer'
  | 'messages'
  | 'connections'
  | 'some-connections'
  | 'closed-connections'
  | 'clients'
  | 'advisories'
  | 'servers'
  | 'user'
  | 'rates'
  | 'jetstream';

/** Something that was asked for but not answered, and what is missing because of it. */
export interface Missing {
  /** For code to compare; the text in `what` is for people. */
  readonly kind: MissingKind;
  /** `stream ORDERS`, `consumer ORDERS/worker`, `connections`, … */
  readonly what: string;
  readonly why: 'denied' | 'timeout' | 'no-leader' | 'offline' | 'unsupported' | 'error';
  /** In words, with the permission or the server version that would be needed. */
  readonly detail: string;
  readonly stream?: string | undefined;
  readonly consumer?: string | undefined;
  /** What to do about it, if that is known. */
  readonly hint?: string | undefined;
  /** The figures are complete without it; a verdict that needs it says so. */
  readonly isBeside?: boolean | undefined;
}

/** The message that has waited longest, or is the next one. */
export interface WaitingMessage {
  readonly seq?: number | undefined;
  readonly storedMs: number;
  readonly subject?: string | undefined;
  readonly sizeBytes?: number | undefined;
  /** The time was interpolated, because the message could not be read. */
  readonly estimated: boolean;
}

/** How the JetStream API behaved while it was read. */
export interface ApiFacts {
  readonly requests: number;
  readonly timeouts: number;
  readonly slowestMs: number;
  readonly medianMs: number;
}
