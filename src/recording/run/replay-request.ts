import type { JetStreamScope } from '../../connection/model/api-scope.js';
import type { RecordingInput } from './recorded-messages.js';
import type { HeaderPolicy } from '../model/replay-headers.js';
import type { ReplayPace } from '../../core/values/pace.js';
import type { SubjectMapper, SubjectMapping } from '../../core/subject/subject-mapping.js';
import { recordedTimeMs, type RecordedMessage } from '../model/recorded-line.js';

/** Which messages of a recording are published; by original sequences and times. */
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
  /** How many there will be; undefined until the file has been counted. */
  readonly goal: number | undefined;
  readonly elapsedMs: number;
}

export interface ReplayRequest extends RecordingInput {
  readonly jetstream: boolean;
  /** How many messages may wait for their acknowledgement. */
  readonly window: number;
  readonly scope: JetStreamScope;
  readonly pace: ReplayPace;
  /** For stdin it throws for a subject that matches no mapping. */
  readonly mapSubject: SubjectMapper;
  /** The mappings; if there are any, at least one message must match. */
  readonly mappings: readonly SubjectMapping[];
  readonly headers: HeaderPolicy;
  readonly range: ReplayRange;
  /** Continues where an earlier replay stopped; if there was none, messages get an id. */
  readonly resume: boolean;
  /** Continues even if it is unknown what the earlier replay has stored. */
  readonly acceptDuplicates: boolean;
  /** The flags as one text: a replay continues only with the same flags. */
  readonly plan: string;
  readonly watch: {
    /** Publishing has begun. */
    started(progress: () => ReplayWorkProgress): void;
    notice(text: string): void;
  };
}

/** Whether a message of a recording is in the range. Messages without a time are in every range of times. */
export function isInRange(range: ReplayRange, recorded: RecordedMessage): boolean {
  const { fromSeq, toSeq, fromMs, toMs } = range;
  const { seq } = recorded;
  if (seq !== undefined && (seq < (fromSeq ?? 0) || seq > (toSeq ?? Infinity))) return false;
  if (fromMs === undefined && toMs === undefined) return true;
  const timeMs = recordedTimeMs(recorded);
  if (timeMs === undefined) return true;
  return timeMs >= (fromMs ?? -Infinity) && timeMs <= (toMs ?? Infinity);
}

/** Whether the range has any bound. */
export function isBounded(range: ReplayRange): boolean {
  return Object.values(range).some((bound) => bound !== undefined);
}
