import { explainPattern } from '../../core/subject/subject-words.js';
import { hasWildcard } from '../../core/subject/subject.js';
import type { StreamInfo } from '../model/stream-info.js';
import { plural } from '../../core/wording.js';
import type { Notices } from '../../terminal/notices.js';
import { overlaps } from '../../messaging/flags/reading-options.js';

/** More pairs would only repeat the same. */
const MOST_OVERLAPS = 3;

/** How the subscriptions share their messages. */
interface QueueGroup {
  /** Undefined: no queue group. */
  readonly queue: string | undefined;
  /** Members in this process, if there can be several. */
  readonly members?: number;
}

/**
 * Prints that natsx is subscribed: scripts wait for this line. What wildcards match is explained with --verbose.
 */
export function announceSubscribed(
  notices: Notices,
  patterns: readonly string[],
  group?: QueueGroup,
): void {
  for (const [first, second] of overlaps(patterns).slice(0, MOST_OVERLAPS)) {
    notices.notice(`${first} and ${second} overlap: messages that match both arrive twice`);
  }
  for (const pattern of patterns.filter(hasWildcard)) notices.detail(explainPattern(pattern));
  notices.notice(`subscribed to ${patterns.join(', ')}${groupNote(group)}`);
}

function groupNote({ queue, members }: QueueGroup = { queue: undefined }): string {
  if (queue === undefined) return '';
  const here = members === undefined ? '' : ` (${plural(members, 'member')} here)`;
  return ` in queue group ${queue}${here}`;
}

/** Prints that reading a stream has started. */
export function announceStream(
  notices: Notices,
  { config, state }: StreamInfo,
  how: {
    readonly direct: boolean;
    readonly patterns: readonly string[];
    readonly remarks: readonly string[];
  },
): void {
  const { direct, patterns, remarks } = how;
  const what = patterns.length === 0 ? '' : `${patterns.join(', ')} of `;
  notices.notice(
    `reading ${what}the stream ${config.name}, which now ends at sequence ${state.last_seq}`,
  );
  for (const remark of remarks) notices.notice(remark);
  if (direct)
    notices.notice('a work queue is read without a consumer, which would take its messages');
}
