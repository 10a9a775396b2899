import { printableText } from '../../core/printable.js';
import { textTable } from '../../terminal/text/table.js';
import type { SubjectCounts } from '../model/subject-counts.js';
import type { ListingView } from './listing-text.js';
import { formatCount, plural } from '../../core/wording.js';

/** The subjects of a stream that were asked for. */
export interface StreamSubjectCounts extends SubjectCounts {
  readonly stream: string;
  readonly filter?: string | undefined;
}

/** A line per subject, then the total. */
export function subjectCountsText(counts: StreamSubjectCounts, view: ListingView): string {
  const { stream, filter, subjects, subjectCount, messages } = counts;
  const matching = filter === undefined ? '' : ` that match ${printableText(filter)}`;
  if (subjectCount === 0) return `${stream} stores no messages${matching}.\n`;
  const table = textTable({
    columns: ['Subject', { title: 'Messages', align: 'right' }],
    rows: subjects.map((one) => [
      view.style.subject(printableText(one.subject)),
      formatCount(one.messages),
    ]),
    ...view,
  });
  const hidden = subjectCount - subjects.length;
  const more = hidden === 0 ? '' : `, ${formatCount(hidden)} of them not shown`;
  const total = `${plural(subjectCount, 'subject')}${more}, ${plural(messages, 'message')}`;
  return `${table}${view.style.dim(total)}\n`;
}

export function subjectCountsJson(counts: StreamSubjectCounts): object {
  const { stream, filter, subjects, subjectCount, messages } = counts;
  return { stream, filter: filter ?? null, subject_count: subjectCount, messages, subjects };
}
