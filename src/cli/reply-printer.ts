import { printableBytes } from '../domain/printable.js';
import type { TimedReply } from '../domain/request-outcome.js';
import { replyHeading, replyJson } from '../render/request-text.js';
import type { Notices } from './notices.js';
import type { Output } from './output.js';

/** How replies go to stdout. */
export interface ReplyFormat {
  readonly type: 'text' | 'raw' | 'json';
  /** What stands between raw replies. */
  readonly delimiter: Uint8Array;
  /** Also tell, on stderr, the round trip and the headers of each. */
  readonly headings: boolean;
}

/**
 * Prints replies as they come. Bodies go to a file or a pipe byte for byte, and to a terminal without anything that it
 * could obey.
 */
export function replyPrinter(
  out: Output,
  notices: Notices,
  format: ReplyFormat,
): (reply: TimedReply) => void {
  const { isTerminal } = out;
  let printed = 0;
  const body = (payload: Uint8Array): void => {
    if (isTerminal) out.text(printableBytes(payload, { keepLines: true }));
    else out.bytes(payload);
  };
  return (reply) => {
    if (format.headings) notices.notice(replyHeading(reply));
    if (format.type === 'json') out.line(replyJson(reply));
    else {
      if (format.type === 'raw' && printed++ > 0) out.bytes(format.delimiter);
      body(reply.message.payload);
      if (format.type === 'text') out.text('\n');
    }
  };
}
