import { NatsxError, usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { isJsonObject } from '../../core/message/exact-json.js';

/** The path that means stdin or stdout. */
export const STDIO = '-';

/** What happens if the file exists. */
export type RecordingMode = 'new' | 'resume' | 'overwrite';

/** The format that this version writes. Older ones can be read too. */
const RECORDING_VERSION = 1;

/** Where the messages of a recording come from. */
export type RecordingSource =
  | { readonly stream: string; readonly filters: readonly string[] }
  | { readonly subjects: readonly string[] };

/** The first line of a recording. */
export interface RecordingHeader {
  readonly source: RecordingSource;
  /** When recording began, RFC 3339. */
  readonly startedAt: string;
  /** The version of natsx that wrote it. */
  readonly writtenBy: string;
}

/** The line without its line feed. */
export function encodeRecordingHeader({ source, startedAt, writtenBy }: RecordingHeader): string {
  return JSON.stringify({
    natsx_recording: RECORDING_VERSION,
    ...source,
    started_at: startedAt,
    written_by: writtenBy,
  });
}

/**
 * Reads the first line of a recording.
 *
 * @param file name of the file, for the message
 * @throws {NatsxError} usage — not a recording, or one of a newer version
 */
export function decodeRecordingHeader(line: string, file: string): RecordingHeader {
  const fields = objectIn(line);
  const version = fields?.['natsx_recording'];
  if (fields === undefined || typeof version !== 'number') {
    throw usageError(
      `${recordingName(file)} is not a recording: its first line is not a header written by natsx record`,
      'natsx pub --jsonl publishes plain lines of JSON',
    );
  }
  if (version > RECORDING_VERSION) {
    throw new NatsxError(
      'usage',
      `${recordingName(file)} was written by a newer natsx (${textOf(fields['written_by'])}): ` +
        `it has format ${version}, and this natsx reads formats up to ${RECORDING_VERSION}`,
      { hint: 'update natsx', details: { format: version, known: RECORDING_VERSION } },
    );
  }
  return {
    source: sourceOf(fields),
    startedAt: textOf(fields['started_at']),
    writtenBy: textOf(fields['written_by']),
  };
}

/** How messages name a recording. */
export function recordingName(path: string): string {
  return path === STDIO ? 'stdin' : quoted(path);
}

/** In words, such as `the stream "ORDERS"`. */
export function sourceText(source: RecordingSource): string {
  if ('subjects' in source) return source.subjects.join(', ');
  const filters = source.filters.length === 0 ? '' : ` (${source.filters.join(', ')})`;
  return `the stream "${source.stream}"${filters}`;
}

export function isSameSource(a: RecordingSource, b: RecordingSource): boolean {
  return JSON.stringify(sourceParts(a)) === JSON.stringify(sourceParts(b));
}

function sourceParts(source: RecordingSource): unknown {
  return 'subjects' in source
    ? [...source.subjects].sort()
    : [source.stream, [...source.filters].sort()];
}

function sourceOf(fields: Readonly<Record<string, unknown>>): RecordingSource {
  const { stream } = fields as { readonly stream?: unknown };
  if (typeof stream === 'string') return { stream, filters: textsOf(fields['filters']) };
  return { subjects: textsOf(fields['subjects']) };
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function objectIn(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
