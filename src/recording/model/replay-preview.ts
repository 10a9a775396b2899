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
  /** Messages outside of it. */
  readonly leftOut: number;
  /** Messages in the range that no mapping matches, where there are mappings. */
  readonly unmapped: number;
  /** A few of their subjects. */
  readonly unmappedSubjects: readonly string[];
  /** Mappings that match no message, as they were given. */
  readonly unusedMappings: readonly string[];
  readonly subjects: readonly ReplayedSubject[];
  /** Messages of subjects that are not listed, because there are too many. */
  readonly otherSubjects: number;
  /** What would end the replay behind these messages: a line that cannot be read. */
  readonly failure: NatsxError | undefined;
}
