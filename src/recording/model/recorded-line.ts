import type { OutgoingMessage } from '../../core/message/message.js';
import { decodeMessageLine } from '../../core/message/message-line.js';
import { parsePlaceTime } from '../../core/message/stream-place.js';

/** A line of a recording that is not a message, such as an interruption. */
export interface RecordingNote {
  readonly note: 'gap';
  /** RFC 3339. */
  readonly at: string;
  readonly reason: string;
}

/** A message of a recording. */
export interface RecordedMessage {
  readonly message: OutgoingMessage;
  /** Its sequence, if it is from a stream. */
  readonly seq: number | undefined;
  /** When the stream stored it, or when it arrived, as in the line; {@link recordedTimeMs} parses it. */
  readonly time: string | undefined;
}

/** A line for a note, line feed included. */
export function encodeNote({ note, at, reason }: RecordingNote): string {
  return `${JSON.stringify({ natsx_note: note, at, reason })}\n`;
}

/** The note of a line; undefined for a message. */
export function noteIn(line: string): RecordingNote | undefined {
  if (!line.startsWith('{"natsx_note"')) return undefined;
  const { natsx_note: note, ...rest } = JSON.parse(line) as Omit<RecordingNote, 'note'> & {
    readonly natsx_note: RecordingNote['note'];
  };
  return { note, ...rest };
}

/**
 * Reads a line after the first.
 *
 * @returns undefined for a note
 * @throws {NatsxError} usage — the line is neither a message nor a note
 */
export function decodeRecordedLine(line: string): RecordedMessage | undefined {
  if (line.startsWith('{"natsx_note"')) return undefined;
  const message = decodeMessageLine(line);
  const own = OWN_START.exec(line);
  if (own === null) return { message, seq: undefined, time: ARRIVAL.exec(line)?.[1] };
  return { message, seq: Number(own[1]), time: own[2] };
}

// Lines of natsx start like this; others are not searched, because a payload may contain anything.
const OWN_START = /^\{"stream":"(?:[^"\\]|\\.)*","seq":(\d+),"time":"([^"]*)"/;
const ARRIVAL = /"received_at":"([^"\\]*)"\}$/;

/** A line of natsx up to the end of its subject, which is a plain one. */
const PLAIN_START =
  /^\{"stream":"(?:[^"\\]|\\.)*","seq":(\d+),"time":"([^"\\]*)","subject":"([\w$/:=-]+(?:\.[\w$/:=-]+)*)"[,}]/;
const LONGEST_START = 1_024;
const NO_PAYLOAD = new Uint8Array(0);

/**
 * As {@link decodeRecordedLine} of a line of a stream's recording, without its headers and payload, several times
 * faster: the rest of the line is not checked. Undefined for a line that has to be read as a whole.
 */
export function recordedPlace(line: Buffer): RecordedMessage | undefined {
  const start = line.toString('latin1', 0, Math.min(line.length, LONGEST_START));
  const [, seq, time, subject] = PLAIN_START.exec(start) ?? [];
  if (subject === undefined) return undefined;
  return { message: { subject, payload: NO_PAYLOAD }, seq: Number(seq), time };
}

/** The sequence of a line of a stream's recording; undefined for others. */
export function sequenceIn(line: string): number | undefined {
  const digits = OWN_START.exec(line)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Milliseconds since the epoch; undefined if the line has no time. Parsed only where times matter, because it is slow. */
export function recordedTimeMs({ time }: Pick<RecordedMessage, 'time'>): number | undefined {
  return time === undefined ? undefined : parsePlaceTime(time)?.timeMs;
}
