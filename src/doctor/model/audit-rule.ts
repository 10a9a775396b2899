import type { Rule } from '../../core/findings/rule.js';
import type { DoctorId, SharedId } from './doctor-id.js';

/** What a finding puts at risk, in the order in which a report shows them. */
export const AREAS = [
  'loss',
  'duplicates',
  'order',
  'bottlenecks',
  'exposure',
  'availability',
] as const;
export type Area = (typeof AREAS)[number];

/** A rule of the audit: a rule of the findings machinery that knows which promise it guards. */
export interface AuditRule<Facts> extends Rule<Facts, DoctorId | SharedId> {
  readonly area: Area;
}
