import type { MessageInPlace } from '../../core/message/message-in-place.js';
import type { ReceivedMessage } from '../../core/message/message.js';
import { compileMessageFormat } from '../../core/message/message-format.js';
import { encodeMessageLine, type ExtraKeys } from '../../core/message/payload-json.js';
import { printableBytes } from '../../core/printable.js';
import type { StreamPlace } from '../../core/message/stream-place.js';
import { TimeTexts } from '../../core/message/time-texts.js';
import { createMessageText } from '../view/message-text.js';
import type { Style } from '../../terminal/text/style.js';
import type { Output } from '../../terminal/output.js';
import type { MessageForm } from '../flags/reading-options.js';

/** Writes one message. `member`: of the queue group that received it. */
export type MessagePrinter = (
  message: MessageInPlace,
  count: number,
  member: string | undefined,
) => void;

export interface PrinterOptions {
  readonly form: MessageForm;
  readonly style: Style;
  /** The queue group, for the lines of JSON and of a format. */
  readonly queue?: string | undefined;
  /** What the first line of a text says about a member. */
  readonly memberNote?: ((member: string) => string) | undefined;
}

/** Returns the function that writes messages to stdout in the requested form. */
export function createMessagePrinter(out: Output, options: PrinterOptions): MessagePrinter {
  const { form } = options;
  switch (form.kind) {
    case 'raw':
      return rawPrinter(out, form.delimiter);
    case 'json':
      return jsonPrinter(out, form.delimiter, options);
    case 'format':
      return formatPrinter(out, form.template, options);
    case 'text':
      return textPrinter(out, form, options);
  }
}

/** Bytes as they are; on a terminal, which would interpret control characters, they are made visible. */
function rawPrinter(out: Output, delimiter: Uint8Array): MessagePrinter {
  if (out.isTerminal) {
    const end = printableBytes(delimiter, { keepLines: true });
    return ({ buffer, payloadStart, payloadEnd }) =>
      out.text(
        printableBytes(buffer.subarray(payloadStart, payloadEnd), { keepLines: true }) + end,
      );
  }
  const end = Buffer.from(delimiter);
  return (message) => {
    out.part(message.buffer, message.payloadStart, message.payloadEnd);
    out.part(end, 0, end.length);
  };
}

function jsonPrinter(
  out: Output,
  delimiter: Uint8Array,
  { queue }: PrinterOptions,
): MessagePrinter {
  const end = Buffer.from(delimiter).toString('latin1');
  const times = new TimeTexts();
  return (message, _count, member) => {
    const extra = furtherKeys(message, queue, member, times);
    out.text(encodeMessageLine(message.toMessage(Date.now()), extra, times) + end);
  };
}

function formatPrinter(out: Output, template: string, { queue }: PrinterOptions): MessagePrinter {
  const format = compileMessageFormat(template, { printable: out.isTerminal });
  return (message, count) => {
    const { stream, seq } = message.place ?? {};
    const rendered = format(message.toMessage(Date.now()), { count, queue, stream, seq });
    if (typeof rendered === 'string') out.text(rendered);
    else out.bytes(rendered);
  };
}

function textPrinter(
  out: Output,
  form: Extract<MessageForm, { kind: 'text' }>,
  { style, memberNote }: PrinterOptions,
): MessagePrinter {
  const messageText = createMessageText({ ...form, style, columns: out.width });
  const times = new ArrivalTimes();
  return (message, count, member) => {
    const received = message.toMessage(Date.now());
    const note =
      message.place === undefined ? noteOf(member, memberNote) : placeNote(message.place);
    out.text(messageText(received, { count, ...times.of(received), note }));
  };
}

/** Keys of a JSON line besides the message: its place in the stream, or the member of the queue group. */
export function furtherKeys(
  { place }: MessageInPlace,
  queue: string | undefined,
  member: string | undefined,
  times: TimeTexts = new TimeTexts(),
): ExtraKeys | undefined {
  if (place !== undefined) {
    return { stream: place.stream, seq: place.seq, time: times.ofPlace(place) };
  }
  return queue === undefined ? undefined : { queue, member };
}

function placeNote(place: StreamPlace): string {
  return `${place.stream} #${place.seq}`;
}

function noteOf(
  member: string | undefined,
  memberNote: PrinterOptions['memberNote'],
): string | undefined {
  return member === undefined ? undefined : (memberNote?.(member) ?? member);
}

/** The times between messages, by their arrival. */
export class ArrivalTimes {
  readonly #startMs = Date.now();
  #previousMs: number | undefined;

  of({ receivedAtMs }: ReceivedMessage): {
    readonly sinceStartMs: number;
    readonly sincePreviousMs: number;
  } {
    const previousMs = this.#previousMs ?? receivedAtMs;
    this.#previousMs = receivedAtMs;
    return {
      // The clock may have been set back.
      sinceStartMs: Math.max(0, receivedAtMs - this.#startMs),
      sincePreviousMs: Math.max(0, receivedAtMs - previousMs),
    };
  }
}
