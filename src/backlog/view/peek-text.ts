import type { PeekResult, SubjectBacklog } from '../model/peek.js';
import { formatDurationMs } from '../../core/values/duration.js';
import { printableText } from '../../core/printable.js';
import { storedMessageJson, storedMessageText } from '../../streams/view/stored-message-text.js';
import type { Style } from '../../terminal/text/style.js';
import { textTable } from '../../terminal/text/table.js';
import { formatCount, formatPercent, plural } from '../../core/wording.js';

/** The messages at a consumer's ack floor and after it, each with its age. */
export function peekText({ messages, stream, consumer }: PeekResult, style: Style): string {
  if (messages.length === 0)
    return `Nothing is pending or in flight for the consumer ${consumer} of ${stream}.\n`;
  return messages
    .map(({ stored, ageMs, delivered }) => {
      const state = delivered ? style.warn('delivered before') : 'not delivered yet';
      return `${style.dim(`${formatDurationMs(ageMs)} old,`)} ${state}\n${storedMessageText(stored, { style, pretty: true })}`;
    })
    .join('\n');
}

/** One line per message, as `stream get` prints them, with `age_ms` and `delivered`. */
export function peekJson({ messages }: PeekResult): readonly string[] {
  return messages.map(({ stored, ageMs, delivered }) => {
    const extra = `"age_ms":${String(Math.round(ageMs))},"delivered":${String(delivered)}`;
    return storedMessageJson(stored).replace(/\}$/, `,${extra}}`);
  });
}

export function subjectsText(
  { subjects, subjectCount, messages: total, inexact }: SubjectBacklog,
  view: { readonly style: Style; readonly width: number | undefined },
): string {
  if (subjects.length === 0) return 'There are no messages.\n';
  const table = textTable({
    columns: ['Subject', { title: 'Messages', align: 'right' }, { title: 'Share', align: 'right' }],
    rows: subjects.map(({ subject, messages }) => [
      printableText(subject),
      formatCount(messages),
      formatPercent(messages / Math.max(1, total)),
    ]),
    ...view,
  });
  const more = subjectCount - subjects.length;
  const notes = [
    more > 0 ? `and ${plural(more, 'more subject')}\n` : '',
    inexact === undefined ? '' : NOTES[inexact],
  ];
  return `${table}${view.style.dim(notes.join(''))}`;
}

const NOTES: Readonly<Record<NonNullable<SubjectBacklog['inexact']>, string>> = {
  'whole stream':
    'These are the counts of the whole stream: counting from a position needs server 2.11\nand allow_direct on the stream.\n',
  pages:
    'Some subjects may be missing: part of the list could not be read, or it changed while\nit was read.\n',
  largest: 'Only the most frequent subjects of the stream were counted.\n',
  acknowledged:
    'Some of them may already be acknowledged out of order; servers do not report which.\n',
};

export function subjectsJson(backlog: SubjectBacklog): object {
  return {
    stream: backlog.stream,
    consumer: backlog.consumer ?? null,
    subject_count: backlog.subjectCount,
    messages: backlog.messages,
    exact: backlog.inexact === undefined,
    subjects: backlog.subjects,
  };
}
