import type { StreamAnswer } from '../../core/message/stream-answer.js';
import { streamAnswerNote, streamAnswerOf } from '../../core/message/stream-answer.js';
import { printableText } from '../../core/printable.js';
import type { HeadersStatus } from '../../core/message/message.js';
import { statusOf } from '../../core/message/raw-headers.js';
import type { NumberedReply } from '../model/request-outcome.js';
import { printableBody } from '../view/message-text.js';
import { replyHeading, replyJson } from '../view/request-text.js';
import type { Notices } from '../../terminal/notices.js';
import type { Output } from '../../terminal/output.js';

/** How replies go to stdout. */
export interface ReplyFormat {
  readonly type: 'text' | 'raw' | 'json';
  /** Separator between raw replies. */
  readonly delimiter: Uint8Array;
  /** Also print the round-trip time and headers of each reply to stderr. */
  readonly headings: boolean;
  /** Subject of the request; for the note that a stream answered. */
  readonly subject: string;
}

export interface ReplyPrinter {
  readonly print: (reply: NumberedReply) => void;
  /** Ends the last line on a terminal. */
  readonly end: () => void;
}

const LINE_FEED = 10;

/**
 * Prints replies as they arrive. Bodies go to a file or pipe byte for byte, and to a terminal with control characters
 * made visible.
 */
export function replyPrinter(out: Output, notices: Notices, format: ReplyFormat): ReplyPrinter {
  const { isTerminal } = out;
  let printed = 0;
  let isLineOpen = false;
  let isNoted = false;
  const warned = new Set<number>();
  const body = (payload: Uint8Array): void => {
    isLineOpen = payload.at(-1) !== LINE_FEED;
    if (isTerminal) out.text(printableBody(payload, format.type === 'raw' ? undefined : out.width));
    else out.bytes(payload);
  };
  /** Only once: all requests of a run go to the same subject. */
  const note = (answer: StreamAnswer): void => {
    if (!isNoted) notices.warn(printableText(streamAnswerNote(answer, format.subject)));
    isNoted = true;
  };
  const print = (reply: NumberedReply): void => {
    const ofStream = streamAnswerOf(reply.message);
    if (ofStream !== undefined) note(ofStream);
    const status = statusOf(reply.message.headers);
    if (format.headings) notices.notice(replyHeading(reply));
    else if (status !== undefined && format.type !== 'json' && !warned.has(status.code)) {
      warned.add(status.code);
      notices.warn(statusWarning(status));
    }
    if (format.type === 'json') out.line(replyJson(reply, ofStream));
    else {
      if (format.type === 'raw' && printed++ > 0) out.bytes(format.delimiter);
      body(reply.message.payload);
      if (format.type === 'text') out.text('\n');
    }
  };
  const end = (): void => {
    if (isTerminal && format.type === 'raw' && printed > 0 && isLineOpen) out.text('\n');
  };
  return { print, end };
}

/** The body alone would look like an empty answer. */
function statusWarning({ code, description }: HeadersStatus): string {
  return `a reply is a status: ${`${code} ${printableText(description)}`.trimEnd()}`;
}
