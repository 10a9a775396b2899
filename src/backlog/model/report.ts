import type { Severity } from '../../core/findings/severity.js';
import type { Confidence } from './confidence.js';
import type { ConsumerFacts } from './consumer-facts.js';
import type { FindingId } from './finding-id.js';
import type { PlacedMemory } from './memory/memory-facts.js';
import type { BacklogFinding } from './rules/rule-types.js';
import type {
  ClosedConnection,
  ConnectionSample,
  Missing,
  ServerIdentity,
  StreamSample,
} from '../../streams/model/snapshot.js';

/** The result of a backlog reading, behind the tables, the JSON, the checks and the metrics. */
export interface BacklogReport {
  readonly atMs: number;
  readonly windowMs: number;
  readonly server: ServerIdentity;
  /** Everything that was asked for was answered. */
  readonly complete: boolean;
  readonly missing: readonly Missing[];
  readonly account: { readonly findings: readonly BacklogFinding[] };
  readonly streams: readonly StreamReport[];
  readonly connections: readonly ConnectionFindings[];
  /** What earlier readings add, oldest first; each is among the findings of its place as well. */
  readonly memory?: readonly PlacedMemory[] | undefined;
}

interface Judged {
  /** Id of the first finding: the most likely cause. */
  readonly verdict: FindingId;
  /** Of the worst finding. */
  readonly severity: Severity;
  /** Never empty. */
  readonly findings: readonly BacklogFinding[];
  /** The verdict in a sentence, with imminent or past loss if there is any. */
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
  /** Absent if the server never answered for it; its numbers are then unknown, not 0. */
  readonly facts?: ConsumerFacts | undefined;
}

export interface ConnectionFindings {
  readonly name: string;
  readonly severity: Severity;
  readonly findings: readonly BacklogFinding[];
  readonly open?: ConnectionSample | undefined;
  readonly lastClosed?: ClosedConnection | undefined;
}
