import { Tally } from '../../core/message/tally.js';
import { formatPercent } from '../../terminal/text/numbers.js';
import type { Desk } from '../../terminal/desk.js';
import { checkReportAlone, messageView } from './message-view.js';
import type { ReadingOptions } from '../flags/reading-options.js';
import { memberReportView, subjectReportView, withMemberShares } from './reading-views.js';
import type { ReadingView } from './reading.js';

export interface QueueViewOptions {
  readonly queue: string;
  readonly members: readonly string[];
  readonly report: 'members' | 'subjects' | undefined;
  readonly top: number;
}

/** What `queue-sub` shows: messages with who got them, or a report; and the shares in any case. */
export function queueView(
  desk: Desk,
  options: ReadingOptions,
  { queue, members, report, top }: QueueViewOptions,
): ReadingView {
  if (report !== undefined) checkReportAlone(options);
  const tally = new Tally(performance.now(), members);
  const shares = { queue, members, tally, finalTable: report !== 'members' };
  switch (report) {
    case 'members':
      return withMemberShares(memberReportView(desk, tally, { queue, members }), desk, shares);
    case 'subjects':
      return withMemberShares(subjectReportView(desk, top), desk, shares);
    case undefined: {
      const memberNote = (member: string): string =>
        members.length === 1 ? member : `${member} (${formatPercent(tally.share(member))})`;
      return withMemberShares(messageView(desk, options, { queue, memberNote }), desk, shares);
    }
  }
}
