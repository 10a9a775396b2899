import type { StoredMessage } from '../model/stored-message.js';
import { encodeMessageLine } from '../../core/message/payload-json.js';
import { printableText } from '../../core/printable.js';
import { bodyText, headerLines } from '../../messaging/view/message-text.js';
import type { Style } from '../../terminal/text/style.js';

interface ViewOptions {
  readonly style: Style;
  /** A body that is JSON is indented. */
  readonly pretty: boolean;
}

/** A message of a stream: sequence, time and subject, then headers and body, safe for a terminal. */
export function storedMessageText(stored: StoredMessage, options: ViewOptions): string {
  const { style } = options;
  const { stream, seq, time, message } = stored;
  const place = style.dim(`[${stream} ${seq}] ${printableText(time)}`);
  const headers = headerLines(message.headers, style);
  const body = bodyText(message.payload, options);
  const gap = headers !== '' && body !== '' ? '\n' : '';
  const end = body === '' || body.endsWith('\n') ? '' : '\n';
  return `${place} ${style.subject(printableText(message.subject))}\n${headers}${gap}${body}${end}`;
}

/** The message as `sub --json` writes messages, with `stream`, `seq` and `time`. */
export function storedMessageJson({ stream, seq, time, message }: StoredMessage): string {
  return encodeMessageLine(message, { stream, seq, time });
}
