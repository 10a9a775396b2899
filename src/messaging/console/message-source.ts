import { mergeHeaders } from '../../core/message/edit-headers.js';
import { usageError, NatsxError } from '../../core/errors.js';
import type { MessageHeaders, OutgoingMessage } from '../../core/message/message.js';
import { decodeMessageLine } from '../../core/message/message-line.js';
import type { MessageMaker } from '../../core/message/message-maker.js';
import { decodeUtf8 } from '../../core/printable.js';
import type { SubjectMapper } from '../../core/subject/subject-mapping.js';
import { LineSplitter } from '../../core/message/split-lines.js';
import type { InputOrigin } from '../flags/body-input.js';
import { fileChunks, stdinChunks } from '../../terminal/stdin.js';

/** Messages in groups as they become available; ends when the signal aborts. */
export type MessageBatches = (signal: AbortSignal) => AsyncIterable<readonly OutgoingMessage[]>;

const BATCH_MESSAGES = 1_024;
/** No server accepts a larger message; a longer line has probably no end. */
const LONGEST_LINE_BYTES = 64 * 1024 * 1024;
/** Base64 and escapes make such a message up to three times longer. */
const LONGEST_JSON_LINE_BYTES = 256 * 1024 * 1024;

/** The message of `make`, `count` times. */
export function repeated(make: MessageMaker, count: number): MessageBatches {
  // eslint-disable-next-line @typescript-eslint/require-await -- the others wait for their input
  return async function* (signal) {
    for (let sent = 0; sent < count && !signal.aborted;) {
      const batch: OutgoingMessage[] = [];
      const size = Math.min(BATCH_MESSAGES, count - sent);
      for (let at = 0; at < size; at++) batch.push(make({ count: ++sent }));
      yield batch;
    }
  };
}

/** One message per line; `make` gets the line and its number. */
export function linesOf(
  origin: InputOrigin,
  delimiter: Uint8Array,
  make: (line: Buffer, number: number) => OutgoingMessage,
): MessageBatches {
  return async function* (signal) {
    const splitter = new LineSplitter(delimiter);
    let number = 0;
    for await (const chunk of chunks(origin, signal)) {
      yield splitter.push(chunk).map((line) => make(line, ++number));
      rejectEndless(splitter, number, LONGEST_LINE_BYTES);
    }
    const last = signal.aborted ? undefined : splitter.end();
    if (last !== undefined) yield [make(last, number + 1)];
  };
}

/** Values of flags that apply to every line. */
export interface LineOverrides {
  readonly subject: string | undefined;
  readonly reply: string | undefined;
  readonly headers: MessageHeaders | undefined;
  /** Throws for a subject that must not be published to. */
  readonly mapSubject: SubjectMapper | undefined;
}

/** One message per line of JSON; empty lines are skipped. Lines before a broken one are still sent. */
export function jsonLinesOf(origin: InputOrigin, overrides: LineOverrides): MessageBatches {
  return async function* (signal) {
    const splitter = new LineSplitter();
    const reader = new JsonLineReader(overrides);
    for await (const chunk of chunks(origin, signal)) {
      const { messages, fault } = reader.read(splitter.push(chunk));
      yield messages;
      if (fault !== undefined) throw fault;
      rejectEndless(splitter, reader.lines, LONGEST_JSON_LINE_BYTES);
    }
    const last = signal.aborted ? undefined : splitter.end();
    if (last === undefined) return;
    const { messages, fault } = reader.read([last]);
    yield messages;
    if (fault !== undefined) throw fault;
  };
}

interface ReadLines {
  readonly messages: readonly OutgoingMessage[];
  readonly fault: NatsxError | undefined;
}

class JsonLineReader {
  lines = 0;
  readonly #overrides: LineOverrides;

  constructor(overrides: LineOverrides) {
    this.#overrides = overrides;
  }

  read(lines: readonly Buffer[]): ReadLines {
    const messages: OutgoingMessage[] = [];
    for (const line of lines) {
      this.lines += 1;
      try {
        const message = this.#message(line);
        if (message !== undefined) messages.push(message);
      } catch (error) {
        return { messages, fault: this.#fault(error) };
      }
    }
    return { messages, fault: undefined };
  }

  #message(line: Buffer): OutgoingMessage | undefined {
    const text = decodeUtf8(line);
    if (text === undefined) throw usageError('it is not valid UTF-8');
    // A file may start with a byte order mark.
    const json = this.lines === 1 ? text.replace(/^\ufeff/, '') : text;
    if (json.trim() === '') return undefined;
    const { subject, reply, headers, mapSubject } = this.#overrides;
    const message = decodeMessageLine(json, subject);
    return {
      ...message,
      subject: mapSubject?.(message.subject) ?? message.subject,
      ...(reply === undefined ? {} : { reply }),
      ...(headers === undefined ? {} : { headers: mergeHeaders(message.headers, headers) }),
    };
  }

  #fault(error: unknown): NatsxError {
    if (!(error instanceof NatsxError)) throw error;
    return new NatsxError('usage', `line ${this.lines} of the input: ${error.message}`, {
      hint: error.hint,
      details: { line: this.lines },
    });
  }
}

function chunks(origin: InputOrigin, signal: AbortSignal): AsyncIterable<Buffer> {
  return origin.from === 'stdin' ? stdinChunks(signal) : fileChunks(origin.path, signal);
}

function rejectEndless(splitter: LineSplitter, linesBefore: number, most: number): void {
  if (splitter.pendingBytes <= most) return;
  throw new NatsxError(
    'rejected',
    `line ${linesBefore + 1} of the input is longer than any message may be (${most} bytes)`,
    { hint: 'is it text? --delimiter sets another line end' },
  );
}
