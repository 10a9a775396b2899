import type { Duplex } from 'node:stream';
import * as zlib from 'node:zlib';

import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';

/** How a file is compressed. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** Node.js has zstd since 22.15; the types are those of an older version. */
interface MayHaveZstd {
  readonly createZstdCompress?: () => Duplex;
  readonly createZstdDecompress?: () => Duplex;
}

const zstd = zlib as MayHaveZstd;

/** By the end of the file's name. @throws {NatsxError} usage — this Node.js does not support it */
export function compressionOf(file: string): Compression {
  if (file.endsWith('.gz')) return 'gzip';
  if (!file.endsWith('.zst')) return 'none';
  if (zstd.createZstdCompress !== undefined) return 'zstd';
  throw usageError(
    `cannot compress or read ${quoted(file)}: this Node.js (${process.version}) does not support zstd`,
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

/** The way back: of gzip for a whole file, of zstd for one frame. @throws {Error} this Node does not know it */
export function decompressor(compression: Exclude<Compression, 'none'>): Duplex {
  if (compression === 'gzip') return zlib.createGunzip({ chunkSize: 256 * 1024 });
  const stream = zstd.createZstdDecompress?.();
  if (stream === undefined) throw new Error('this Node.js knows no zstd');
  return stream;
}
