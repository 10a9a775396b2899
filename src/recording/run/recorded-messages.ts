import { NatsxError, usageError } from '../../core/errors.js';
import { decodeRecordedLine, recordedPlace, type RecordedMessage } from '../model/recorded-line.js';
import { decodeRecordingHeader, recordingName, STDIO } from '../model/recording-header.js';
import { recordingLines, streamedLines, type RecordingStream } from './recording-lines.js';

/** A message and the number of its line, from 1. */
export interface RecordedLine extends RecordedMessage {
  readonly line: number;
}

/** A file, or a stream in its place. */
export interface RecordingInput {
  /** Headers and payloads are not needed, so most lines are read only up to their subject. */
  readonly placesOnly?: boolean | undefined;
  readonly path: string;
  readonly stdin?: RecordingStream | undefined;
}

/** Messages that follow each other. */
export interface MessageGroup {
  readonly messages: readonly RecordedLine[];
}

/** Most messages in one group, to limit the memory for files with short lines. */
const GROUP = 1_024;

/**
 * Yields the messages of a recording in groups, including those before a broken line.
 *
 * @param signal after it aborts, stdin may end in the middle of a line
 * @param afterLine lines up to this one are skipped unread
 * @throws {NatsxError} usage — a broken line, by its number; an incomplete last line
 */
export async function* recordedMessages(
  { path, stdin, placesOnly = false }: RecordingInput,
  afterLine: number,
  signal: AbortSignal,
): AsyncGenerator<MessageGroup> {
  let line = 0;
  const found = stdin === undefined ? recordingLines(path) : streamedLines(stdin);
  for await (const { lines, cutOff } of found) {
    for (let at = 0; at < lines.length; at += GROUP) {
      const group = lines.slice(at, at + GROUP);
      yield* readGroup(path, group, { linesBefore: line, afterLine, placesOnly });
      line += group.length;
    }
    if (!cutOff) continue;
    // An interrupted stdin ends anywhere.
    if (signal.aborted) return;
    throw unfinished(path, line + 1);
  }
  if (line === 0 && !signal.aborted) throw empty(path);
}

/** The messages of some lines, also those before a broken one. */
function* readGroup(
  path: string,
  lines: readonly Buffer[],
  {
    linesBefore,
    afterLine,
    placesOnly,
  }: { readonly linesBefore: number; readonly afterLine: number; readonly placesOnly: boolean },
): Generator<MessageGroup> {
  const messages: RecordedLine[] = [];
  let line = linesBefore;
  for (const bytes of lines) {
    line += 1;
    if (line === 1) decodeRecordingHeader(bytes.toString(), path);
    if (line === 1 || line <= afterLine) continue;
    const place = placesOnly ? recordedPlace(bytes) : undefined;
    const read = place === undefined ? readLine(path, line, bytes) : { ...place, line };
    if (read instanceof NatsxError) {
      yield { messages };
      throw read;
    }
    if (read !== undefined) messages.push(read);
  }
  if (messages.length > 0) yield { messages };
}

/**
 * Checks the header of a recording.
 *
 * @throws {NatsxError} usage — it cannot be read, is not a recording, or one of a newer version
 */
export async function checkRecording(path: string): Promise<void> {
  for await (const { lines, cutOff } of recordingLines(path)) {
    const [first] = lines;
    if (first === undefined && !cutOff) continue;
    if (first === undefined) throw unfinished(path, 1);
    decodeRecordingHeader(first.toString(), path);
    return;
  }
  throw empty(path);
}

function empty(path: string): NatsxError {
  return usageError(
    `${recordingName(path)} is not a recording: it is empty`,
    'create one with natsx record',
  );
}

/** @returns the message, undefined for a note, or what is wrong with the line */
function readLine(
  path: string,
  line: number,
  bytes: Buffer,
): RecordedLine | NatsxError | undefined {
  try {
    const recorded = decodeRecordedLine(bytes.toString());
    if (recorded === undefined) return undefined;
    const { message, seq, time } = recorded;
    return { message, seq, time, line };
  } catch (error) {
    if (!(error instanceof NatsxError)) throw error;
    return new NatsxError('usage', `line ${line} of ${recordingName(path)}: ${error.message}`, {
      hint: error.hint,
      details: { file: path, line },
    });
  }
}

function unfinished(path: string, line: number): NatsxError {
  return new NatsxError('usage', `line ${line} of ${recordingName(path)} is incomplete`, {
    hint:
      path === STDIO
        ? 'the program that writes to the pipe has ended in the middle of a line'
        : 'the recording was interrupted: natsx record --resume repairs and continues it',
    details: { file: path, line },
  });
}
