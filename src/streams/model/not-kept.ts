import { matchesSubject, compileAnySubjectMatcher } from '../../core/subject/subject-match.js';
import type { ConsumerConfig } from './consumer-info.js';
import { filtersOf } from './interest.js';
import type { StreamInfo } from './stream-info.js';
import type { StoredCount } from './stored-subjects.js';

/** Messages that a stream acknowledged but did not keep, because it keeps messages only for its consumers and has none for these. */
export interface NotKept extends StoredCount {
  readonly stream: string;
  /** The first of the subjects, and their number. */
  readonly subject: string;
  readonly subjects: number;
}

/**
 * What an interest stream did not keep; undefined when it kept everything, or when that is not known.
 *
 * @param consumers the configurations of all its consumers
 */
export function notKeptBy(
  { config, state }: StreamInfo,
  consumers: readonly ConsumerConfig[],
  stored: ReadonlyMap<string, StoredCount>,
): NotKept | undefined {
  // Consumers that are counted but not listed are the server's own, for mirrors and sources.
  if (config.retention !== 'interest' || consumers.length < state.consumer_count) return undefined;
  const isWanted = compileAnySubjectMatcher(consumers.flatMap(filtersOf));
  const isMapped = (subject: string): boolean =>
    config['subject_transform'] !== undefined ||
    !(config.subjects ?? []).some((pattern) => matchesSubject(pattern, subject));
  const lost = [...stored].filter(
    // How a mapping changed a subject is not known here.
    ([subject]) => consumers.length === 0 || (!isMapped(subject) && !isWanted(subject)),
  );
  const [first] = lost;
  if (first === undefined) return undefined;
  return {
    stream: config.name,
    subject: first[0],
    subjects: lost.length,
    messages: lost.reduce((sum, [, { messages }]) => sum + messages, 0),
    bytes: lost.reduce((sum, [, { bytes }]) => sum + bytes, 0),
  };
}
