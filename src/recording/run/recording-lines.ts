import { createReadStream } from 'node:fs';

import { LineSplitter } from '../../core/message/split-lines.js';
import { fileError } from '../../connection/file-error.js';
import { usageError, type NatsxError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { compressionOf, CutOff, MoreFrames, unpack } from './file-compression.js';

/** Lines of a file, and whether the file ends in the middle of a line after them. */
export interface FoundLines {
  /** Without their line feeds. */
  readonly lines: readonly Buffer[];
  /** True at the end, if the file ends in the middle of a line or of its compressed data. */
  readonly cutOff: boolean;
}

const CHUNK_BYTES = 1024 * 1024;
/** Compression makes lines ten times smaller, and zeros a thousand times. */
const PACKED_CHUNK_BYTES = 64 * 1024;

/** A recording that is read once, as it arrives. */
export interface RecordingStream {
  readonly chunks: AsyncIterable<Buffer>;
}

/** As {@link recordingLines}, for a stream without compression. */
export async function* streamedLines({ chunks }: RecordingStream): AsyncGenerator<FoundLines> {
  const splitter = new LineSplitter();
  for await (const chunk of chunks) yield { lines: splitter.push(chunk), cutOff: false };
  if (splitter.pendingBytes > 0) yield { lines: [], cutOff: true };
}

/**
 * Yields the lines of a recording in groups, decompressed. A file that ends in the middle, for instance because the
 * process was killed, ends with `cutOff`; its incomplete last line is omitted. Everything that can be decompressed is
 * yielded.
 *
 * @throws {NatsxError} usage — the file cannot be read, or only its first part
 */
export async function* recordingLines(path: string): AsyncGenerator<FoundLines> {
  const splitter = new LineSplitter();
  const compression = compressionOf(path);
  const highWaterMark = compression === 'none' ? CHUNK_BYTES : PACKED_CHUNK_BYTES;
  const source = createReadStream(path, { highWaterMark });
  const chunks =
    compression === 'none' ? (source as AsyncIterable<Buffer>) : unpack(source, compression);
  try {
    for await (const chunk of chunks) {
      yield { lines: splitter.push(chunk), cutOff: false };
    }
  } catch (error) {
    if (error instanceof MoreFrames) throw moreFrames(path);
    if (!(error instanceof CutOff)) throw fileError('read', path, error);
    yield { lines: [], cutOff: true };
    return;
  } finally {
    source.destroy();
  }
  if (splitter.pendingBytes > 0) yield { lines: [], cutOff: true };
}

function moreFrames(path: string): NatsxError {
  return usageError(
    `cannot read all of ${quoted(path)}: it has several zstd frames, and Node.js reads only the first`,
    'decompress it with zstd -d and use the result',
  );
}
