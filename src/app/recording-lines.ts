import { createReadStream, statSync } from 'node:fs';

import { LineSplitter } from '../domain/split-lines.js';
import { fileError } from './file-error.js';
import { compressionOf, decompressor } from './file-compression.js';

/** Lines of a file as they were found, and whether what comes after them is whole. */
export interface FoundLines {
  /** Without their line feeds. */
  readonly lines: readonly Buffer[];
  /** True for the last ones, when the file ends in the middle of a line or of its compression. */
  readonly cutOff: boolean;
  /** How much of the file has been read by then, from 0 to 1. */
  readonly share: number;
}

const CHUNK_BYTES = 1024 * 1024;

/**
 * The lines of a recording in groups, decompressed. A file that ends in the middle, as that of a process that was
 * killed does, ends with `cutOff`; the piece of a line at its end is left out.
 *
 * @throws {NatsxError} usage — the file cannot be read
 */
export async function* recordingLines(path: string): AsyncGenerator<FoundLines> {
  const splitter = new LineSplitter();
  const source = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const unpacked = decompressor(compressionOf(path));
  const sizeBytes = Math.max(1, statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  let sourceError: unknown;
  source.on('error', (error) => {
    sourceError = error;
    unpacked?.destroy(error);
  });
  const chunks = (unpacked === undefined ? source : source.pipe(unpacked)) as AsyncIterable<Buffer>;
  try {
    for await (const chunk of chunks) {
      yield { lines: splitter.push(chunk), cutOff: false, share: source.bytesRead / sizeBytes };
    }
  } catch (error) {
    if (sourceError !== undefined || !isCutOff(error)) throw fileError('read', path, error);
    yield { lines: [], cutOff: true, share: 1 };
    return;
  } finally {
    source.destroy();
    unpacked?.destroy();
  }
  if (splitter.pendingBytes > 0) yield { lines: [], cutOff: true, share: 1 };
}

/** The compressed data ends before its end. */
function isCutOff(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'Z_BUF_ERROR' || code === 'ZSTD_error_srcSize_wrong';
}
