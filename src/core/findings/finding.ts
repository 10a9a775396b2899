import type { Severity } from './severity.js';

/** Numbers and names that a finding rests on. Keys are snake_case and carry their unit (`_ms`, `_per_s`, `_bytes`). */
export type Evidence = Readonly<Record<string, EvidenceValue>>;

export type EvidenceValue =
  string | number | boolean | null | readonly (string | number)[] | readonly Evidence[];

/** One finding about a consumer, a stream, an account or a connection. */
export interface Finding<Id extends string = string> {
  readonly id: Id;
  readonly severity: Severity;
  /** One sentence for a tired reader, with the numbers that matter. */
  readonly summary: string;
  readonly evidence: Evidence;
  /** Commands that can be run as they are, the most useful first; may be empty. */
  readonly remedy: readonly string[];
}
