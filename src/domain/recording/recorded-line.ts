import type { OutgoingMessage } from '../message.js';
import { decodeMessageLine } from '../message-line.js';
import { parsePlaceTime } from '../stream/stream-place.js';

/** Something else than a message that a recording tells, such as that it was interrupted. */
export interface RecordingNote {
  readonly note: 'gap';
  /** RFC 3339. */
  readonly at: string;
  readonly reason: string;
}

/** A message of a recording. */
export interface RecordedMessage {
  readonly message: OutgoingMessage;
  /** Its sequence, when it comes from a stream. */
  readonly seq: number | undefined;
  /** When the stream took it, or when it arrived: milliseconds since the epoch; undefined when the line does not say. */
  readonly timeMs: number | undefined;
}

/** A line for a note, line feed included. */
export function encodeNote({ note, at, reason }: RecordingNote): string {
  return `${JSON.stringify({ natsx_note: note, at, reason })}\n`;
}

/**
 * Reads a line after the first.
 *
 * @returns undefined for a note
 * @throws {NatsxError} usage — it is neither a message nor a note
 */
export function decodeRecordedLine(line: string): RecordedMessage | undefined {
  if (line.startsWith('{"natsx_note"')) return undefined;
  const message = decodeMessageLine(line);
  return { message, seq: sequenceIn(line), timeMs: timeIn(line) };
}

// Our own lines begin with these; others are not looked through, as a payload may hold anything.
const SEQUENCE = /^\{"stream":"(?:[^"\\]|\\.)*","seq":(\d+),"time":"([^"]*)"/;
const ARRIVAL = /"received_at":"([^"\\]*)"\}$/;

/** The sequence of a line of a stream's recording; undefined for others. */
export function sequenceIn(line: string): number | undefined {
  const digits = SEQUENCE.exec(line)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function timeIn(line: string): number | undefined {
  const text = SEQUENCE.exec(line)?.[2] ?? ARRIVAL.exec(line)?.[1];
  return text === undefined ? undefined : parsePlaceTime(text)?.timeMs;
}
