import { patternsOverlap } from '../../../core/subject/subject-match.js';
import type { ConsumerConfig } from '../../model/consumer-info.js';
import { filtersOf } from '../../model/interest.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import { streamIfAllowed } from './other-consumers.js';

/**
 * What is likely wrong with the filters of a consumer: servers accept one that matches no subject of the stream.
 *
 * @returns sentences without a full stop
 */
export async function filterWarnings(
  api: JetStreamApi,
  stream: string,
  config: ConsumerConfig,
): Promise<readonly string[]> {
  const filters = filtersOf(config).filter((filter) => filter !== '>');
  if (filters.length === 0) return [];
  const found = await streamIfAllowed(api, stream);
  if (found === undefined) return [];
  const { subjects = [], mirror, sources, subject_transform: mapping } = found.config;
  // What a mirror or source copies, and what a mapping makes of subjects, is not in the subjects of the stream.
  if ([mirror, sources, mapping].some((one) => one !== undefined && one !== null)) return [];
  if (subjects.length === 0) return [];
  return filters
    .filter((filter) => !subjects.some((subject) => patternsOverlap(subject, filter)))
    .map(
      (filter) =>
        `the filter ${filter} matches no subject of the stream ${stream}, which stores ${subjects.join(', ')}`,
    );
}
