import { Tally } from '../../core/message/tally.js';
import { queueShareJson, queueShareLine, queueShareText } from '../view/queue-share.js';
import { subjectReportJson, subjectReportText } from '../view/subject-report.js';
import { createStyle } from '../../terminal/text/style.js';
import type { Terminal } from '../../terminal/terminal.js';
import { LiveView } from '../../terminal/live-view.js';
import { MessageFiles } from './message-files.js';
import { furtherKeys, createMessagePrinter, type PrinterOptions } from './message-printer.js';
import type { Progress } from '../../terminal/notices.js';
import type { ReadingView } from './subscription-run.js';
import { usageError } from '../../core/errors.js';
import type { ReadingOptions } from '../flags/reading-options.js';
import { formatPercent } from '../../core/wording.js';

/** Lines that a live table leaves free for its heading, its totals and the prompt. */
const LINES_BESIDES = 5;
const REFRESH_MS = 1_000;

/** A file for each message. */
function filesView(files: MessageFiles, queue?: string): ReadingView {
  return {
    start: () => files.begin(),
    message: (message, _count, member) => files.write(message, furtherKeys(message, queue, member)),
  };
}

/** A table of subjects: live on a terminal, final everywhere, one document with `--json`. */
export function subjectReportView(
  { out, notices, style, json }: Terminal,
  top: number,
): ReadingView {
  let tally = new Tally(performance.now());
  const draw = (rates: 'window' | 'mean', most: number): string => {
    const report = { rows: tally.rows(performance.now(), rates), totals: tally.totals };
    return subjectReportText(report, { style, width: out.width, top: most });
  };
  const live = new LiveView(out, notices, () => {
    tally.closeWindow(performance.now());
    return draw('window', Math.min(top, Math.max(1, (out.height ?? 24) - LINES_BESIDES)));
  });
  return {
    start: () => {
      if (tally.totals.messages === 0) tally = new Tally(performance.now());
      if (out.isTerminal && !json) live.start();
    },
    message: (message) => tally.add(message.subject, message.payloadSize),
    finish: (outcome) => {
      live.stop();
      const rows = tally.rows(performance.now(), 'mean');
      if (json) out.json(subjectReportJson({ rows, totals: tally.totals }, outcome));
      else out.text(draw('mean', top));
    },
  };
}

export interface MemberShareOptions {
  readonly queue: string;
  readonly members: readonly string[];
}

/** The shares of the members of a queue group instead of their messages. */
function memberReportView(
  { out, notices, style, json }: Terminal,
  tally: Tally,
  { queue }: MemberShareOptions,
): ReadingView {
  const draw = (rates: 'window' | 'mean'): string =>
    queueShareText(tally.rows(performance.now(), rates), { style, width: out.width });
  const live = new LiveView(out, notices, () => {
    tally.closeWindow(performance.now());
    return draw('window');
  });
  return {
    start: () => {
      if (out.isTerminal && !json) live.start();
    },
    message: () => undefined,
    finish: (outcome) => {
      live.stop();
      const rows = tally.rows(performance.now(), 'mean');
      if (json) out.json(queueShareJson(queue, rows, outcome));
      else out.text(draw('mean'));
    },
  };
}

/** Adds the shares of the members to another view: live on a terminal's stderr, and at the end. */
function withMemberShares(
  view: ReadingView,
  terminal: Terminal,
  options: MemberShareOptions & { readonly tally: Tally; readonly finalTable: boolean },
): ReadingView {
  const { tally } = options;
  const { notices, out } = terminal;
  let progress: Progress | undefined;
  let timer: NodeJS.Timeout | undefined;
  const line = (): string => queueShareLine(tally.rows(performance.now(), 'mean'));
  return {
    start: () => {
      view.start?.();
      // On one terminal, each message already shows its member.
      if (out.isTerminal || !notices.isTerminal) return;
      progress = notices.progress(line());
      timer = setInterval(() => progress?.update(line()), REFRESH_MS);
    },
    message: (message, count, member) => {
      tally.add(member ?? '', message.payloadSize);
      view.message(message, count, member);
    },
    finish: (outcome) => {
      clearInterval(timer);
      progress?.stop();
      view.finish?.(outcome);
      if (options.finalTable) {
        const look = { style: createStyle(false), width: notices.width };
        notices.notice(queueShareText(tally.rows(performance.now(), 'mean'), look).trimEnd());
      }
      notices.notice(`shares of ${options.queue} in this process; other members are not shown`);
    },
  };
}

/** Writes each message to stdout in the requested form, or to a separate file. */
export function messageView(
  terminal: Terminal,
  { form, outputDir }: Pick<ReadingOptions, 'form' | 'outputDir'>,
  about: Pick<PrinterOptions, 'queue' | 'memberNote'> = {},
): ReadingView {
  if (outputDir !== undefined) {
    if (form.kind === 'format') {
      throw usageError(
        '--output-dir and --format exclude each other',
        'files have JSON, or payloads with --raw',
      );
    }
    return filesView(new MessageFiles(outputDir, form.kind === 'raw'), about.queue);
  }
  return { message: createMessagePrinter(terminal.out, { form, style: terminal.style, ...about }) };
}

/** A report replaces the messages. @throws {NatsxError} usage */
export function checkReportAlone({ form, outputDir }: ReadingOptions): void {
  const isPlain = form.kind === 'json' || (form.kind === 'text' && form.show === 'all');
  if (isPlain && outputDir === undefined) return;
  throw usageError(
    '--report prints a table instead of messages',
    'leave out the flags that print messages',
  );
}

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
