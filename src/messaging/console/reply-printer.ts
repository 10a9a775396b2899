import type { StreamAnswer } from '../../core/message/stream-answer.js';
import { streamAnswerNote, streamAnswerOf } from '../../core/message/stream-answer.js';
import { printableBytes, printableText } from '../../core/printable.js';
import type { HeadersStatus } from '../../core/message/message.js';
import { statusOf } from '../../core/message/raw-headers.js';
import type { NumberedReply } from '../model/request-outcome.js';
import { replyHeading, replyJson } from '../view/request-text.js';
import type { Notices } from '../../terminal/notices.js';
import type { Output } from '../../terminal/output.js';

/** How replies go to stdout. */
export interface ReplyFormat {
  readonly type: 'text' | 'raw' | 'json';
  /** What stands between raw replies. */
  readonly delimiter: Uint8Array;
  /** Also tell, on stderr, the round trip and the headers of each. */
  readonly headings: boolean;
  /** What was asked; for the note that a stream answered. */
  readonly subject: string;
}

export interface ReplyPrinter {
  readonly print: (reply: NumberedReply) => void;
  /** Ends the last line of a terminal, so that nothing is written behind it. */
  readonly end: () => void;
}

const LINE_FEED = 10;

/**
 * Prints replies as they come. Bodies go to a file or a pipe byte for byte, and to a terminal without anything that it
 * could obey.
 */
export function replyPrinter(out: Output, notices: Notices, format: ReplyFormat): ReplyPrinter {
  const { isTerminal } = out;
  let printed = 0;
  let isLineOpen = false;
  let isNoted = false;
  const body = (payload: Uint8Array): void => {
    isLineOpen = payload.at(-1) !== LINE_FEED;
    if (isTerminal) out.text(printableBytes(payload, { keepLines: true }));
    else out.bytes(payload);
  };
  /** Once: every request of a run goes to the same place. */
  const note = (answer: StreamAnswer): void => {
    if (!isNoted) notices.warn(printableText(streamAnswerNote(answer, format.subject)));
    isNoted = true;
  };
  const print = (reply: NumberedReply): void => {
    const ofStream = streamAnswerOf(reply.message);
    if (ofStream !== undefined) note(ofStream);
    const status = statusOf(reply.message.headers);
    if (format.headings) notices.notice(replyHeading(reply));
    else if (status !== undefined && format.type !== 'json') notices.warn(statusWarning(status));
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

/** A body alone would look like an empty answer. */
function statusWarning({ code, description }: HeadersStatus): string {
  return `a reply is a status: ${`${code} ${printableText(description)}`.trimEnd()}`;
}
