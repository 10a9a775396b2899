import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import {
  encodeRecordingHeader,
  isSameSource,
  sourceText,
  type RecordingHeader,
  type RecordingMode,
} from '../model/recording-header.js';
import { compressionOf } from './file-compression.js';
import { RecordingFile, type RecordingSink } from './recording-file.js';
import { hasContent, recordingTail } from './recording-tail.js';

/** Where a recording goes. */
export interface RecordingDestination {
  readonly path: string;
  readonly mode: RecordingMode;
  readonly header: RecordingHeader;
  /** In place of a file. @param head the first line, line feed included; written only together with others, or at the end */
  readonly stdout?: ((head: string) => RecordingSink) | undefined;
}

/** A recording that can be started or continued. */
export interface PreparedRecording {
  /** Whether it continues an earlier recording. */
  readonly resumed: boolean;
  readonly lastSeq: number | undefined;
  /** Whether an incomplete last line was removed. */
  readonly repaired: boolean;
  /** Opens the file for writing; its header is written with the first message, or at the end. */
  open(): RecordingSink;
}

/**
 * Checks the file before anything is read.
 *
 * @throws {NatsxError} usage — it exists; it is not a recording, or one of something else
 */
export async function prepareRecording({
  path,
  mode,
  header,
  stdout,
}: RecordingDestination): Promise<PreparedRecording> {
  if (stdout !== undefined) {
    const open = (): RecordingSink => stdout(`${encodeRecordingHeader(header)}\n`);
    return { resumed: false, lastSeq: undefined, repaired: false, open };
  }
  const compression = compressionOf(path);
  const exists = hasContent(path);
  if (exists && mode === 'new') {
    throw usageError(
      `${quoted(path)} already exists`,
      'continue it with --resume, or replace it with --overwrite',
    );
  }
  if (exists && mode === 'resume' && compression === 'zstd') {
    throw usageError(
      `cannot continue ${quoted(path)}: Node.js could not read a second zstd frame`,
      'record to another file; a recording that ends with .gz can be continued',
    );
  }
  const tail = exists && mode === 'resume' ? await recordingTail(path) : undefined;
  if (tail !== undefined && !isSameSource(tail.header.source, header.source)) {
    throw usageError(
      `${quoted(path)} is a recording of ${sourceText(tail.header.source)}, not of ${sourceText(header.source)}`,
      'use another file, or record the same source as before',
    );
  }
  return {
    resumed: tail !== undefined,
    lastSeq: tail?.lastSeq,
    repaired: tail?.repaired ?? false,
    open: () =>
      tail === undefined
        ? new RecordingFile(path, {
            head: `${encodeRecordingHeader(header)}\n`,
            replaces: exists && mode === 'overwrite',
          })
        : new RecordingFile(path),
  };
}
