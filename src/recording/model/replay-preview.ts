import type { NatsxError } from '../../core/errors.js';

/** Messages of one subject, and the subject that they are published to. */
export interface ReplayedSubject {
  readonly from: string;
  readonly to: string;
  readonly messages: number;
}

/** What a replay would publish. */
export interface ReplayPreview {
  /** Messages in the range. */
  readonly messages: number;
  /** Messages outside of the range. */
  readonly leftOut: number;
  /** Messages in the range that match no mapping, if there are mappings. */
  readonly unmapped: number;
  /** Some of their subjects. */
  readonly unmappedSubjects: readonly string[];
  /** Mappings that match no message, as given. */
  readonly unusedMappings: readonly string[];
  readonly subjects: readonly ReplayedSubject[];
  /** Messages of subjects beyond the listed ones. */
  readonly otherSubjects: number;
  /** What would end the replay after these messages: a line that cannot be read. */
  readonly failure: NatsxError | undefined;
}
