import type { ScanWindow, SubjectShare } from '../../backlog/model/series.js';
import type { JetStreamFacts } from '../../connection/model/connection-facts.js';
import type { ConnectionAudit, SeenServer, ServerSettings, SizeSample } from './facts.js';
import type { MissingPart } from './report.js';

/** Everything that one audit has read: the input of its rules. */
export interface AuditReading {
  readonly scan: ScanWindow;
  readonly connection: ConnectionAudit;
  readonly jetStream: JetStreamFacts;
  readonly servers: readonly SeenServer[];
  /** Undefined if there was no source, or none reported any. */
  readonly settings: readonly ServerSettings[] | undefined;
  /** By stream; only where counting was worth it. */
  readonly subjects: ReadonlyMap<string, readonly SubjectShare[]>;
  /** By stream; only where large messages can hide behind the average. */
  readonly sizes: ReadonlyMap<string, SizeSample>;
  readonly wholeAccount: boolean;
  readonly inboxPrefix: string;
  /** Read from an archive of another program: `missing` lists all that it does not have. */
  readonly archived?: boolean | undefined;
  /** What failed while reading, besides what the scan lists itself. */
  readonly missing: readonly MissingPart[];
}
