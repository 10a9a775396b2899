import type { ConsumerFacts } from '../../backlog/model/consumer-facts.js';
import type { ScanWindow, SubjectShare } from '../../backlog/model/series.js';
import type { ConsumerSample, ServerProblem, StreamSample } from '../../streams/model/snapshot.js';
import type { JetStreamAccount, UserFacts } from '../../connection/model/connection-facts.js';
import type { DoctorThresholds } from './thresholds.js';

/** What only the user knows. */
export interface AuditChoices {
  /** Streams where order matters, besides those whose metadata says so. */
  readonly ordered: ReadonlySet<string>;
  /** For how long publishers send a message again that was not acknowledged, in milliseconds. */
  readonly retriesTakeMs: number;
}

/** Sizes of a few messages, spread evenly over a stream. */
export interface SizeSample {
  readonly looked: number;
  readonly largest: {
    readonly seq: number;
    readonly subject: string;
    readonly sizeBytes: number;
  };
}

/** A stream that answered. */
export interface StreamAudit {
  readonly name: string;
  readonly last: StreamSample;
  /** Those that answered. */
  readonly consumers: readonly ConsumerSample[];
  /** All of its consumers were read. */
  readonly complete: boolean;
  /** The server that was asked belongs to a cluster. */
  readonly clustered: boolean;
  readonly subjects: readonly SubjectShare[] | undefined;
  /** Absent where none were looked at. */
  readonly sizes: SizeSample | undefined;
  readonly choices: AuditChoices;
  readonly thresholds: DoctorThresholds;
}

/** A consumer that answered, with what moved while it was looked at. */
export interface ConsumerAudit {
  readonly consumer: ConsumerFacts;
  readonly stream: StreamSample;
  /** Order matters on its stream. */
  readonly ordered: boolean;
  readonly thresholds: DoctorThresholds;
}

/** The connection that the audit was made over. */
export interface ConnectionAudit {
  readonly server: string;
  readonly version: string;
  /** `host:port`. */
  readonly address: string;
  readonly cluster: string | undefined;
  readonly authRequired: boolean;
  /** The server demands a certificate of the client. */
  readonly certificateRequired: boolean;
  readonly encrypted: boolean;
  /** A user, token, key or certificate was given. */
  readonly identified: boolean;
  /** Why whoever tries would guess the credentials in use; never the credentials. */
  readonly guessable: string | undefined;
  readonly maxPayloadBytes: number;
  readonly rttMs: number;
  /** Absent if the server did not report it. */
  readonly user: UserFacts | undefined;
}

/** A server that answered, as any account may see it. */
export interface SeenServer {
  readonly name: string;
  readonly version: string;
  readonly cluster: string | undefined;
  readonly jetstream: boolean;
}

/** What servers report only to the system account or on the monitoring port; parts are absent if this server does not report them. */
export interface ServerSettings extends SeenServer {
  /** Absent without JetStream. */
  readonly syncIntervalMs: number | undefined;
  readonly syncAlways: boolean;
  readonly routes: number;
  readonly routesTls: boolean;
  /** Members of the JetStream cluster, also those that are away. */
  readonly clusterSize: number | undefined;
  readonly connections: number;
  readonly maxConnections: number | undefined;
  readonly storageBytes: number;
  readonly maxStorageBytes: number | undefined;
  readonly memoryBytes: number;
  readonly maxMemoryBytes: number | undefined;
  /** The problems of its health check; absent if it does not report them. */
  readonly problems?: readonly ServerProblem[] | undefined;
}

/** The deployment as a whole. */
export interface DeploymentAudit {
  readonly connection: ConnectionAudit;
  readonly scan: ScanWindow;
  readonly servers: readonly SeenServer[];
  /** Undefined if no source reported any. */
  readonly settings: readonly ServerSettings[] | undefined;
  readonly jetStream: JetStreamAccount | undefined;
  /** All streams of the account were read, not only chosen ones. */
  readonly wholeAccount: boolean;
  readonly inboxPrefix: string;
  readonly thresholds: DoctorThresholds;
}
