import type { ReadStream } from 'node:fs';
import type { Duplex } from 'node:stream';
import * as zlib from 'node:zlib';

import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';

/** How a file is compressed. */
export type Compression = 'none' | 'gzip' | 'zstd';

type ZlibStream = Duplex & {
  /** Bytes that were consumed. */
  readonly bytesWritten: number;
};

/** Node.js has zstd since 22.15; the types are those of an older version. */
interface MayHaveZstd {
  readonly createZstdCompress?: () => ZlibStream;
  readonly createZstdDecompress?: () => ZlibStream;
  readonly zstdDecompressSync?: (bytes: Uint8Array) => Buffer;
}

const zstd = zlib as MayHaveZstd;

/** By the end of the file's name. @throws {NatsxError} usage — this Node.js does not support it */
export function compressionOf(file: string): Compression {
  if (file.endsWith('.gz')) return 'gzip';
  if (!file.endsWith('.zst')) return 'none';
  if (zstd.createZstdCompress !== undefined) return 'zstd';
  throw usageError(
    `cannot read or write ${quoted(file)}: this Node.js does not support zstd`,
    'use a file that ends with .gz, or Node.js 22.15 or newer',
  );
}

/** A stream that compresses what is written to it; undefined for a plain file. */
export function compressor(compression: Compression): Duplex | undefined {
  switch (compression) {
    case 'none':
      return undefined;
    case 'gzip':
      // Messages are so repetitive that the fastest level saves most of the space.
      return zlib.createGzip({ level: 1, chunkSize: 256 * 1024 });
    case 'zstd':
      return zstd.createZstdCompress?.();
  }
}

/** The compressed data ends in the middle. */
export class CutOff extends Error {}

/** Node.js decompresses only the first frame of zstd data; there is more after it. */
export class MoreFrames extends Error {}

/**
 * Decompresses a file piece by piece. A pipe would not do: if the data ends in the middle, the stream is destroyed
 * together with data that it has decompressed and that has not been read yet.
 *
 * @throws {CutOff} after everything that could be decompressed
 * @throws {MoreFrames} after the first frame of zstd data
 */
export async function* unpack(
  source: ReadStream,
  compression: Exclude<Compression, 'none'>,
): AsyncGenerator<Buffer> {
  const unpacker = new Unpacker(compression);
  let fileBytes = 0;
  let tail: Buffer = Buffer.alloc(0);
  let isOver = false;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      fileBytes += chunk.length;
      tail = Buffer.concat([tail, chunk]).subarray(-EMPTY_FRAME_BYTES);
      if (!isOver) isOver = yield* unpacker.write(chunk);
    }
    if (!isOver) isOver = yield* unpacker.end();
    if (compression !== 'zstd') return;
    // Node.js ignores what follows the end of the first frame. Its own compressor may add an empty frame there.
    const rest = fileBytes - unpacker.consumedBytes;
    if (rest > tail.length || (rest > 0 && !isEmptyFrame(tail.subarray(-rest)))) {
      throw new MoreFrames();
    }
  } finally {
    unpacker.destroy();
  }
}

/** Bytes of a frame without content, with some room. */
const EMPTY_FRAME_BYTES = 16;

function isEmptyFrame(bytes: Uint8Array): boolean {
  try {
    return zstd.zstdDecompressSync?.(bytes).length === 0;
  } catch {
    return false;
  }
}

class Unpacker {
  readonly #stream: ZlibStream;
  readonly #ready: Buffer[] = [];
  /** After the end, or after a failure: a write that failed may never call back. */
  readonly #closed: Promise<void>;
  #unpackedBytes = 0;
  #failure: NodeJS.ErrnoException | undefined;

  constructor(compression: Exclude<Compression, 'none'>) {
    this.#stream = decompressor(compression);
    this.#stream.on('data', (chunk: Buffer) => {
      this.#unpackedBytes += chunk.length;
      this.#ready.push(chunk);
    });
    this.#stream.on('error', (error) => (this.#failure = error));
    this.#closed = new Promise((resolve) => this.#stream.once('close', resolve));
  }

  get consumedBytes(): number {
    return this.#stream.bytesWritten;
  }

  /** @returns whether the frame is over, so that further bytes are not decompressed */
  async *write(bytes: Uint8Array): AsyncGenerator<Buffer, boolean> {
    const written = new Promise<void>((resolve) => {
      this.#stream.write(bytes, () => {
        resolve();
      });
    });
    await Promise.race([written, this.#closed]);
    return yield* this.#take();
  }

  async *end(): AsyncGenerator<Buffer, boolean> {
    this.#stream.end();
    await this.#closed;
    return yield* this.#take();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  /** Data that was decompressed before a failure is returned before it is thrown. */
  *#take(): Generator<Buffer, boolean> {
    yield* this.#ready.splice(0);
    if (this.#failure === undefined) return false;
    const { code } = this.#failure;
    if (code === 'Z_BUF_ERROR') throw new CutOff();
    if (code === 'ZSTD_error_prefix_unknown' && this.#unpackedBytes > 0) return true;
    throw this.#failure;
  }
}

/** @throws {Error} this Node.js does not support it */
function decompressor(compression: Exclude<Compression, 'none'>): ZlibStream {
  if (compression === 'gzip') return zlib.createGunzip({ chunkSize: 256 * 1024 });
  const stream = zstd.createZstdDecompress?.();
  if (stream === undefined) throw new Error('this Node.js does not support zstd');
  return stream;
}
