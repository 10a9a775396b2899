import { explainPattern } from '../../core/subject/subject-words.js';
import { hasWildcard } from '../../core/subject/subject.js';
import type { StreamInfo } from '../model/stream-info.js';
import { formatAmount } from '../../terminal/text/numbers.js';
import type { Notices } from '../../terminal/notices.js';
import { overlaps } from '../../messaging/flags/reading-options.js';

/** More pairs than these only repeat themselves. */
const MOST_OVERLAPS = 3;

/** How the subscriptions share their messages. */
interface QueueGroup {
  /** Undefined: they do not. */
  readonly queue: string | undefined;
  /** Members in this process, where there may be several. */
  readonly members?: number;
}

/**
 * Says that the subscriptions stand: scripts wait for this line. What wildcards match is explained to a person at the
 * terminal, and to whoever asks for more.
 */
export function announceSubscribed(
  notices: Notices,
  patterns: readonly string[],
  group?: QueueGroup,
): void {
  for (const [first, second] of overlaps(patterns).slice(0, MOST_OVERLAPS)) {
    notices.notice(`${first} and ${second} overlap: what matches both arrives twice`);
  }
  for (const pattern of patterns.filter(hasWildcard)) {
    if (notices.isTerminal) notices.notice(explainPattern(pattern));
    else notices.detail(explainPattern(pattern));
  }
  notices.notice(`subscribed to ${patterns.join(', ')}${groupNote(group)}`);
}

function groupNote({ queue, members }: QueueGroup = { queue: undefined }): string {
  if (queue === undefined) return '';
  const here = members === undefined ? '' : ` (${formatAmount(members, 'member')} here)`;
  return ` in queue group ${queue}${here}`;
}

/** Says that reading a stream has begun. */
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
    `reading ${what}the stream ${config.name}, which ends at sequence ${state.last_seq} now`,
  );
  for (const remark of remarks) notices.notice(remark);
  if (direct) notices.notice('a work queue is read message by message, without a consumer');
}
