import { encodeMessageLine } from '../../core/message/payload-json.js';
import type { Exchange } from '../../core/message/reading.js';
import type { MessageText } from './message-text.js';
import type { Style } from '../../terminal/text/style.js';
import { formatDuration } from '../../core/values/duration.js';

/** Times for the first line of a message. */
export interface ExchangeTimes {
  readonly sinceStartMs: number;
  readonly sincePreviousMs: number;
}

/** A request with its reply, or with a line that says that there is none. */
export function exchangeText(
  exchange: Exchange,
  times: ExchangeTimes,
  look: { readonly style: Style; readonly messageText: MessageText },
): string {
  const { request, count, outcome, reply } = exchange;
  const first = (exchange.replyNumber ?? 1) === 1;
  const shown = first ? look.messageText(request, { count, ...times }) : '';
  switch (outcome) {
    case 'no-reply-wanted':
      return shown;
    case 'reply-elsewhere':
      return `${shown}${look.style.dim(`[#${count}] its reply subject is not below the watched --inbox-prefix`)}\n\n`;
    case 'no-reply':
      return `${shown}${look.style.warn(`[#${count}] no reply`)}\n\n`;
    case 'no-responders':
      return `${shown}${look.style.warn(`[#${count}] no responders`)}\n\n`;
    case 'replied':
      return shown + (reply === undefined ? '' : replyText(exchange, times, look.messageText));
  }
}

/** The same as one line of JSON, without a line feed. */
export function exchangeJson({ request, outcome, reply, ...rest }: Exchange): string {
  const members = [`"request":${encodeMessageLine(request)}`, `"outcome":"${outcome}"`];
  if (outcome === 'replied' && reply !== undefined) {
    members.push(`"reply":${encodeMessageLine(reply)}`, `"reply_number":${rest.replyNumber ?? 1}`);
  }
  if (rest.latencyNs !== undefined) members.push(`"latency_ns":${Math.round(rest.latencyNs)}`);
  return `{${members.join(',')}}`;
}

function replyText(exchange: Exchange, times: ExchangeTimes, messageText: MessageText): string {
  const { reply, count, latencyNs = Number.NaN, replyNumber = 1 } = exchange;
  if (reply === undefined) return '';
  const nth = replyNumber === 1 ? 'reply' : `reply ${replyNumber}`;
  return messageText(reply, { count, ...times, note: `${nth} after ${formatDuration(latencyNs)}` });
}
