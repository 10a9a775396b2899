import type { JetStreamScope } from '../../connection/model/api-scope.js';
import type { HeaderPolicy } from '../model/replay-headers.js';
import type { ReplayPace } from '../../core/values/pace.js';
import type { SubjectMapper, SubjectMapping } from '../../core/subject/subject-mapping.js';

/** Which messages of a recording are wanted; sequences and times are those of the originals. */
export interface ReplayRange extends ReplayTimes {
  readonly fromSeq?: number | undefined;
  readonly toSeq?: number | undefined;
}

/** The times of a range, in milliseconds since the epoch. */
export interface ReplayTimes {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** How far a replay is. */
export interface ReplayWorkProgress {
  readonly messages: number;
  /** How many there will be; undefined until the file has been read. */
  readonly goal: number | undefined;
  readonly elapsedMs: number;
}

export interface ReplayRequest {
  readonly path: string;
  readonly jetstream: boolean;
  /** How many messages may wait for their acknowledgement. */
  readonly window: number;
  readonly scope: JetStreamScope;
  readonly pace: ReplayPace;
  readonly mapSubject: SubjectMapper;
  /** What each mapping matches: where there are any, one of them has to match a message. */
  readonly mappings: readonly SubjectMapping[];
  readonly headers: HeaderPolicy;
  readonly range: ReplayRange;
  /** Goes on where an earlier replay has stopped; without one, messages get an id. */
  readonly resume: boolean;
  /** Goes on as well when nobody can tell what the earlier replay has stored. */
  readonly acceptDuplicates: boolean;
  /** What is asked for in one text: a replay goes on only with the same. */
  readonly plan: string;
  readonly watch: {
    /** Publishing has begun. */
    started(progress: () => ReplayWorkProgress): void;
    notice(text: string): void;
  };
}
