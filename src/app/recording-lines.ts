import { once } from 'node:events';
import { createReadStream, statSync, type ReadStream } from 'node:fs';
import type { Duplex } from 'node:stream';

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
  const unpacked = decompressor(compressionOf(path));
  const highWaterMark = unpacked === undefined ? CHUNK_BYTES : PACKED_CHUNK_BYTES;
  const source = createReadStream(path, { highWaterMark });
  const sizeBytes = Math.max(1, statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  const chunks = unpacked === undefined ? plain(source) : unpack(source, unpacked);
  try {
    for await (const chunk of chunks) {
      yield { lines: splitter.push(chunk), cutOff: false, share: source.bytesRead / sizeBytes };
    }
  } catch (error) {
    if (!isCutOff(error)) throw fileError('read', path, error);
    yield { lines: [], cutOff: true, share: 1 };
    return;
  } finally {
    source.destroy();
    unpacked?.destroy();
  }
  if (splitter.pendingBytes > 0) yield { lines: [], cutOff: true, share: 1 };
}

function plain(source: ReadStream): AsyncIterable<Buffer> {
  return source as AsyncIterable<Buffer>;
}

/**
 * Decompresses piece by piece. A pipe would not do: when the data ends before its end, the stream is destroyed, and
 * with it what it has decompressed and nobody has read yet.
 */
async function* unpack(source: ReadStream, unpacked: Duplex): AsyncGenerator<Buffer> {
  const ready: Buffer[] = [];
  const broken: { by: Error | undefined } = { by: undefined };
  unpacked.on('data', (chunk: Buffer) => ready.push(chunk));
  unpacked.on('error', (error) => (broken.by = error));
  for await (const chunk of plain(source)) {
    await new Promise<void>((resolve) => {
      unpacked.write(chunk, () => {
        resolve();
      });
    });
    yield* ready.splice(0);
    if (broken.by !== undefined) throw broken.by;
  }
  const ended = once(unpacked, 'close');
  unpacked.end();
  await ended.catch(() => undefined);
  yield* ready.splice(0);
  if (broken.by !== undefined) throw broken.by;
}

/** The compressed data ends before its end. */
function isCutOff(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'Z_BUF_ERROR' || code === 'ZSTD_error_srcSize_wrong';
}
