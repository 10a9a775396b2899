import { Tally } from '../../core/message/tally.js';
import { formatPercent } from '../../terminal/text/numbers.js';
import type { Terminal } from '../../terminal/terminal.js';
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

/** What `queue-sub` shows: messages with their members, or a report; and always the shares. */
export function queueView(
  terminal: Terminal,
  options: ReadingOptions,
  { queue, members, report, top }: QueueViewOptions,
): ReadingView {
  if (report !== undefined) checkReportAlone(options);
  const tally = new Tally(performance.now(), members);
  const shares = { queue, members, tally, finalTable: report !== 'members' };
  switch (report) {
    case 'members':
      return withMemberShares(
        memberReportView(terminal, tally, { queue, members }),
        terminal,
        shares,
      );
    case 'subjects':
      return withMemberShares(subjectReportView(terminal, top), terminal, shares);
    case undefined: {
      const memberNote = (member: string): string =>
        members.length === 1 ? member : `${member} (${formatPercent(tally.share(member))})`;
      return withMemberShares(
        messageView(terminal, options, { queue, memberNote }),
        terminal,
        shares,
      );
    }
  }
}
