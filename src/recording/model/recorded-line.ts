import type { OutgoingMessage } from '../../core/message/message.js';
import { decodeMessageLine } from '../../core/message/message-line.js';
import { parsePlaceTime } from '../../core/message/stream-place.js';

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
  /** When the stream took it, or when it arrived, as the line has it: {@link recordedTimeMs} reads it. */
  readonly time: string | undefined;
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
  const own = OWN_START.exec(line);
  if (own === null) return { message, seq: undefined, time: ARRIVAL.exec(line)?.[1] };
  return { message, seq: Number(own[1]), time: own[2] };
}

// Our own lines begin with these; others are not looked through, as a payload may hold anything.
const OWN_START = /^\{"stream":"(?:[^"\\]|\\.)*","seq":(\d+),"time":"([^"]*)"/;
const ARRIVAL = /"received_at":"([^"\\]*)"\}$/;

/** The sequence of a line of a stream's recording; undefined for others. */
export function sequenceIn(line: string): number | undefined {
  const digits = OWN_START.exec(line)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Milliseconds since the epoch; undefined when the line does not say. Asked only where times matter: it takes as long as the rest. */
export function recordedTimeMs({ time }: Pick<RecordedMessage, 'time'>): number | undefined {
  return time === undefined ? undefined : parsePlaceTime(time)?.timeMs;
}
