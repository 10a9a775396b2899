import type { ReadStream } from 'node:fs';
import type { Duplex } from 'node:stream';

import { ZstdFrames, type FramePiece } from '../model/zstd-frames.js';
import { decompressor, type Compression } from './file-compression.js';

/** The compressed data ends before its end. */
export class CutOff extends Error {}

/** Cuts compressed data where a new decompressor has to begin. */
interface Splitter {
  push(bytes: Uint8Array): readonly FramePiece[];
  /** Whether the data ends in the middle; undefined where the decompressor tells. */
  readonly isInside: boolean | undefined;
}

/** Node.js decompresses all members of gzip data as one, and tells when it is cut off. */
const GZIP: Splitter = { push: (bytes) => [{ bytes, ends: false }], isInside: undefined };

/**
 * Decompresses a file piece by piece, one frame after the other. A pipe would not do: when the data ends before its
 * end, the stream is destroyed, and with it what it has decompressed and nobody has read yet.
 *
 * @throws {CutOff} after all that could be decompressed
 */
export async function* unpack(
  source: ReadStream,
  compression: Exclude<Compression, 'none'>,
): AsyncGenerator<Buffer> {
  const splitter = compression === 'zstd' ? new ZstdFrames() : GZIP;
  let frame: Frame | undefined;
  try {
    for await (const { bytes, ends } of pieces(source, splitter)) {
      frame ??= new Frame(compression);
      yield* frame.write(bytes);
      if (!ends) continue;
      yield* frame.end();
      frame = undefined;
    }
    if (frame !== undefined) yield* frame.end();
    if (splitter.isInside === true) throw new CutOff();
  } finally {
    frame?.destroy();
  }
}

async function* pieces(source: ReadStream, splitter: Splitter): AsyncGenerator<FramePiece> {
  for await (const chunk of source as AsyncIterable<Buffer>) yield* splitter.push(chunk);
}

class Frame {
  readonly #stream: Duplex;
  readonly #ready: Buffer[] = [];
  /** After the end, or after a failure: a write that failed may never call back. */
  readonly #closed: Promise<void>;
  #failure: NodeJS.ErrnoException | undefined;

  constructor(compression: Exclude<Compression, 'none'>) {
    this.#stream = decompressor(compression);
    this.#stream.on('data', (chunk: Buffer) => this.#ready.push(chunk));
    this.#stream.on('error', (error) => (this.#failure = error));
    this.#closed = new Promise((resolve) => this.#stream.once('close', resolve));
  }

  /** What could be decompressed of it. */
  async *write(bytes: Uint8Array): AsyncGenerator<Buffer> {
    const written = new Promise<void>((resolve) => {
      this.#stream.write(bytes, () => {
        resolve();
      });
    });
    await Promise.race([written, this.#closed]);
    yield* this.#take();
  }

  async *end(): AsyncGenerator<Buffer> {
    this.#stream.end();
    await this.#closed;
    yield* this.#take();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  /** What came before a failure comes before it. */
  *#take(): Generator<Buffer> {
    yield* this.#ready.splice(0);
    if (this.#failure === undefined) return;
    throw this.#failure.code === 'Z_BUF_ERROR' ? new CutOff() : this.#failure;
  }
}
