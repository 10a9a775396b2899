import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import {
  encodeRecordingHeader,
  isSameSource,
  sourceText,
  type RecordingHeader,
} from '../model/recording-header.js';
import { compressionOf } from './file-compression.js';
import { RecordingFile } from './recording-file.js';
import { hasContent, recordingTail } from './recording-tail.js';

/** What happens if the file exists. */
export type RecordingMode = 'new' | 'resume' | 'overwrite';

/** A recording that can be started or continued. */
export interface PreparedRecording {
  /** Whether it continues an earlier recording. */
  readonly resumed: boolean;
  readonly lastSeq: number | undefined;
  /** Whether an incomplete last line was removed. */
  readonly repaired: boolean;
  /** Opens the file for writing; its header is written with the first message, or at the end. */
  open(): RecordingFile;
}

/**
 * Checks the file before anything is read.
 *
 * @throws {NatsxError} usage — it exists; it is not a recording, or one of something else
 */
export async function prepareRecording(
  path: string,
  mode: RecordingMode,
  header: RecordingHeader,
): Promise<PreparedRecording> {
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
