import type { Severity } from '../../core/findings/severity.js';
import type { Confidence } from './confidence.js';
import type { ConsumerFacts } from './consumer-facts.js';
import type { FindingId } from './finding-id.js';
import type { BacklogFinding } from './rules/rule-types.js';
import type {
  ClosedConnection,
  ConnectionSample,
  Missing,
  ServerIdentity,
  StreamSample,
} from '../../streams/model/snapshot.js';

/** What a run of `backlog` found out: the value behind the tables, the JSON, the checks and the metrics. */
export interface BacklogReport {
  readonly atMs: number;
  readonly windowMs: number;
  readonly server: ServerIdentity;
  /** Everything that was asked for answered. */
  readonly complete: boolean;
  readonly missing: readonly Missing[];
  readonly account: { readonly findings: readonly BacklogFinding[] };
  readonly streams: readonly StreamReport[];
  readonly connections: readonly ConnectionFindings[];
}

interface Judged {
  /** Id of the first finding: the most likely cause. */
  readonly verdict: FindingId;
  /** Of the worst finding. */
  readonly severity: Severity;
  /** Never empty. */
  readonly findings: readonly BacklogFinding[];
  /** The verdict in a sentence, with the loss that threatens if there is one. */
  readonly headline: string;
}

export interface StreamReport extends Judged {
  readonly name: string;
  /** Absent when the server never answered for it. */
  readonly sample?: StreamSample | undefined;
  readonly ingestPerS?: number | undefined;
  /** The earliest loss of any consumer's unread messages, in seconds. */
  readonly timeToLossS?: number | undefined;
  readonly consumers: readonly ConsumerReport[];
}

export interface ConsumerReport extends Judged {
  readonly stream: string;
  readonly name: string;
  readonly confidence: Confidence;
  /** Absent when the server never answered for it; its numbers are unknown then, not 0. */
  readonly facts?: ConsumerFacts | undefined;
}

export interface ConnectionFindings {
  readonly name: string;
  readonly severity: Severity;
  readonly findings: readonly BacklogFinding[];
  readonly open?: ConnectionSample | undefined;
  readonly lastClosed?: ClosedConnection | undefined;
}
