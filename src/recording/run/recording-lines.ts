import { createReadStream } from 'node:fs';

import { LineSplitter } from '../../core/message/split-lines.js';
import { fileError } from '../../connection/file-error.js';
import { compressionOf } from './file-compression.js';
import { CutOff, unpack } from './unpack.js';

/** Lines of a file as they were found, and whether what comes after them is whole. */
export interface FoundLines {
  /** Without their line feeds. */
  readonly lines: readonly Buffer[];
  /** True for the last ones, when the file ends in the middle of a line or of its compression. */
  readonly cutOff: boolean;
}

const CHUNK_BYTES = 1024 * 1024;
/** Lines become a tenth, and zeros a thousandth, when they are compressed. */
const PACKED_CHUNK_BYTES = 64 * 1024;

/**
 * The lines of a recording in groups, decompressed. A file that ends in the middle, as that of a process that was
 * killed does, ends with `cutOff`; the piece of a line at its end is left out. All that can be decompressed is given,
 * however slowly it is taken.
 *
 * @throws {NatsxError} usage — the file cannot be read
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
    if (!(error instanceof CutOff)) throw fileError('read', path, error);
    yield { lines: [], cutOff: true };
    return;
  } finally {
    source.destroy();
  }
  if (splitter.pendingBytes > 0) yield { lines: [], cutOff: true };
}
