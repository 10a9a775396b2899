import { formatDurationMs } from '../../core/values/duration.js';
import { localTimeOfDay } from '../../core/values/local-time.js';
import type { Timestamps } from '../../core/message/reading.js';
import type { MessageHeaders, ReceivedMessage } from '../../core/message/message.js';
import { decodeUtf8, printableBytes, printableText } from '../../core/printable.js';
import { shownHeaders } from '../../core/message/shown-headers.js';
import { prettyJson } from '../../terminal/text/json-pretty.js';
import type { Style } from '../../terminal/text/style.js';
import { plural } from '../../core/wording.js';

export interface MessageTextOptions {
  readonly style: Style;
  /** Indent bodies that are JSON. */
  readonly pretty: boolean;
  readonly timestamps: Timestamps;
  /** Of a terminal, where long binary bodies are cut; undefined elsewhere. */
  readonly columns?: number | undefined;
  /** How much of a message is shown. */
  readonly show: 'all' | 'headers' | 'subject';
}

/** Facts about a message that are not in it. */
export interface MessageTextFacts {
  /** Number of the message since the start, from 1. */
  readonly count: number;
  readonly sinceStartMs: number;
  /** 0 for the first one. */
  readonly sincePreviousMs: number;
  /** Further words for the first line, such as a worker or a stream sequence. */
  readonly note?: string | undefined;
}

/** A message as text for a terminal, ending with a line feed (and a blank line where there is a body). */
export type MessageText = (message: ReceivedMessage, facts: MessageTextFacts) => string;

/** Returns the function that formats messages; everything in a message is made safe for a terminal. */
export function createMessageText(options: MessageTextOptions): MessageText {
  const { style, show } = options;
  return (message, facts) => {
    const first = `${firstLine(message, facts, options)}\n`;
    if (show === 'subject') return first;
    const headers = headerLines(message.headers, style);
    if (show === 'headers') return first + headers;
    const body = bodyText(message.payload, options);
    const gap = headers !== '' && body !== '' ? '\n' : '';
    return `${first}${headers}${gap}${body}${body === '' || body.endsWith('\n') ? '' : '\n'}\n`;
  };
}

/** Headers as lines `Name: value`, each ending with a line feed, after the status if there is one. */
export function headerLines(headers: MessageHeaders | undefined, style: Style): string {
  return shownHeaders(headers)
    .map(({ name, value }) => `${name === undefined ? '' : `${style.key(`${name}:`)} `}${value}\n`)
    .join('');
}

/** A body, safe for a terminal; indented if requested and it is JSON. */
export function bodyText(
  payload: Uint8Array,
  options: Pick<MessageTextOptions, 'style' | 'pretty' | 'columns'>,
): string {
  const text = options.pretty ? decodeUtf8(payload) : undefined;
  const pretty = text === undefined ? undefined : prettyJson(text, options.style);
  return pretty ?? printableBody(payload, options.columns);
}

/** Lines of a terminal that a binary body may fill. */
const BINARY_LINES = 4;

/** A body, safe for a terminal. @param columns of the terminal, where a long binary body is cut */
export function printableBody(payload: Uint8Array, columns: number | undefined): string {
  if (columns === undefined || payload.length <= columns || !isBinary(payload)) {
    return printableBytes(payload, { keepLines: true });
  }
  const most = BINARY_LINES * columns;
  let size = Math.min(payload.length, most);
  let shown = printableBytes(payload.subarray(0, size));
  while (shown.length > most) {
    size = Math.min(size - 1, Math.floor((size * most) / shown.length));
    shown = printableBytes(payload.subarray(0, size));
  }
  const left = payload.length - size;
  return left === 0 ? shown : `${shown}\n… ${plural(left, 'byte')} more`;
}

function isBinary(payload: Uint8Array): boolean {
  return payload.includes(0) || decodeUtf8(payload) === undefined;
}

function firstLine(
  message: ReceivedMessage,
  facts: MessageTextFacts,
  { style, timestamps }: MessageTextOptions,
): string {
  const parts = [style.dim(`[#${facts.count}]`)];
  const time = timeText(message, facts, timestamps);
  if (time !== undefined) parts.push(style.dim(time));
  parts.push(style.subject(printableText(message.subject)));
  if (message.reply !== undefined && message.reply !== '') {
    parts.push(style.dim(`reply to ${printableText(message.reply)}`));
  }
  if (facts.note !== undefined) parts.push(style.dim(printableText(facts.note)));
  return parts.join(' ');
}

function timeText(
  message: ReceivedMessage,
  facts: MessageTextFacts,
  timestamps: Timestamps,
): string | undefined {
  switch (timestamps) {
    case 'none':
      return undefined;
    case 'absolute':
      return localTimeOfDay(message.receivedAtMs);
    case 'relative':
      return `@${formatDurationMs(facts.sinceStartMs)}`;
    case 'delta':
      return `+${formatDurationMs(facts.sincePreviousMs)}`;
  }
}
