import type {
  AccountSample,
  ApiFacts,
  ClosedConnection,
  ConnectionSample,
  ConsumerSample,
  Missing,
  ServerIdentity,
  ServerSample,
  ServerStatistics,
  WaitingMessage,
  StreamSample,
} from '../../streams/model/snapshot.js';

/** What listening to acknowledgements and pull requests showed during the window. */
export interface TapFacts {
  readonly durationMs: number;
  readonly acks: number;
  readonly naks: number;
  readonly delayedNaks: number;
  readonly maxNakDelayMs?: number | undefined;
  readonly inProgress: number;
  /** Messages with an "in progress" that were not settled by the end; absent if not counted. */
  readonly working?: number | undefined;
  readonly terms: number;
  /** Acknowledgements of a message's second or later delivery. */
  readonly lateAcks: number;
  readonly pulls: number;
  readonly medianBatch?: number | undefined;
  readonly maxBatch?: number | undefined;
  readonly maxExpiresMs?: number | undefined;
  /** The smallest max_bytes that a pull asked with. */
  readonly minMaxBytes?: number | undefined;
  readonly pullers: number;
}

/** What clients asked for, as far as their pull requests were observed. */
export type PullFacts = Pick<TapFacts, 'pulls' | 'maxBatch' | 'maxExpiresMs' | 'minMaxBytes'>;

/** What the server announced about a consumer during the window. */
export interface AdvisoryFacts {
  readonly durationMs: number;
  readonly naked: number;
  /** Stream sequences with the most naks, worst first. */
  readonly nakedSeqs: readonly number[];
  readonly exhaustedSeqs: readonly number[];
  /** When messages in flight were removed from the stream, whatever removed them; by the server's clock. */
  readonly deletedUnackedMs: readonly number[];
  /** Consumers created or deleted; counted for the stream. */
  readonly changes?: number | undefined;
}

/** Publish rates into the filter over the last minute and hour, messages per second. */
export interface PublishHistory {
  readonly perSecondLastMinute: number;
  readonly perSecondLastHour: number;
  /** How much history there is. */
  readonly coveredMs: number;
}

export interface SubjectShare {
  readonly subject: string;
  readonly messages: number;
}

/** Stored messages that schedule another one, as far as a bounded search found them. */
export interface ScheduleFacts {
  /** How many messages of which subject are schedules. */
  readonly bySubject: ReadonlyMap<string, number>;
  /** Those that are due once, and when. */
  readonly due: readonly ScheduledMessage[];
  /** The subjects that the server will publish on. */
  readonly targets: ReadonlySet<string>;
  /** Subjects that were not checked, because there were too many. */
  readonly unseen: ReadonlySet<string>;
}

export interface ScheduledMessage {
  readonly seq: number;
  readonly subject: string;
  readonly dueMs: number;
  readonly target?: string | undefined;
}

/** What was looked up for one consumer beyond its samples; each part is optional because each costs requests or rights. */
export interface ConsumerLookups {
  readonly oldestAtStart?: WaitingMessage | undefined;
  readonly oldest?: WaitingMessage | undefined;
  readonly next?: WaitingMessage | undefined;
  /** When the first of the next few messages expires by its own time to live. */
  readonly expiresMs?: number | undefined;
  /** Its filter matches none of the subjects that the stream has; the nearest of them, where they could be listed. */
  readonly unmatchedFilter?: { readonly nearest: readonly string[] } | undefined;
  /** Messages that matched the filter between the first and the last sample, counted by the server. */
  readonly publishedInFilter?: number | undefined;
  readonly history?: PublishHistory | undefined;
  /** What the backlog consists of, biggest first. */
  readonly subjects?: readonly SubjectShare[] | undefined;
  /** Only for a stream. */
  readonly schedules?: ScheduleFacts | undefined;
  readonly tap?: TapFacts | undefined;
  /** If only pull requests were observed; a tap has them as well. */
  readonly pulls?: PullFacts | undefined;
  /** Reply subjects of the latest pull requests: the clients that subscribe there have sent them. */
  readonly pullInboxes?: readonly string[] | undefined;
  readonly advisories?: AdvisoryFacts | undefined;
}

export interface ConsumerSeries {
  readonly stream: string;
  readonly name: string;
  /** In the order of time; empty when the server never answered for it. */
  readonly samples: readonly ConsumerSample[];
  readonly lookups?: ConsumerLookups | undefined;
  readonly unavailable?: Missing | undefined;
}

export interface StreamSeries {
  readonly name: string;
  readonly samples: readonly StreamSample[];
  readonly consumers: readonly ConsumerSeries[];
  /** Messages by subject, where a reader asked for them. */
  readonly subjects?: readonly SubjectShare[] | undefined;
  /** Where the stream allows them and subjects could be read. */
  readonly schedules?: ScheduleFacts | undefined;
  /** Names that appeared or vanished during the window. */
  readonly churned?: number | undefined;
  readonly unavailable?: Missing | undefined;
}

export interface CoreSeries {
  /** First and last reading, joined by server and cid; absent when connections could not be read. */
  readonly open?: readonly (readonly ConnectionSample[])[] | undefined;
  readonly closed?: readonly ClosedConnection[] | undefined;
  readonly statistics?: readonly (readonly ServerStatistics[])[] | undefined;
  /** The server's max_pending, if a system account or the monitoring port reported it. */
  readonly maxPendingBytes?: number | undefined;
  /** First and last reading of the servers themselves, where a system account or the monitoring port was given. */
  readonly servers?: readonly (readonly ServerSample[])[] | undefined;
}

/** Everything one run has read: the input of the diagnosis. */
export interface ScanWindow {
  readonly atMs: number;
  readonly windowMs: number;
  readonly server: ServerIdentity;
  readonly account: readonly AccountSample[];
  readonly streams: readonly StreamSeries[];
  readonly core: CoreSeries;
  /** JetStream belongs to another domain or account: the connections of `core` are not those of its clients. */
  readonly elsewhere?: boolean | undefined;
  readonly api?: ApiFacts | undefined;
  readonly missing: readonly Missing[];
}
