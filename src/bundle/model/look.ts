import type { ScanWindow } from '../../backlog/model/series.js';
import type { AuditReading } from '../../doctor/model/reading.js';

/** What `natsx doctor` reads beside the window. */
export type AuditBeside = Omit<AuditReading, 'scan'>;

/** Everything that `natsx backlog` and `natsx doctor` judge, from one look. */
export interface Look {
  readonly window: ScanWindow;
  readonly audit: AuditBeside;
}
