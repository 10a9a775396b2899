import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

import { decodeBlock, encodeBlock, type Block } from '../model/block.js';
import type { Names } from '../model/row.js';

const QUICK = 4;
const SMALL = 8;
/** More than any block has; a damaged length must not take all memory. */
const MOST_BYTES = 1024 * 1024 * 1024;

/** A block as it is in a frame. @param isSmall takes more time for fewer bytes */
export function packBlock(block: Block, names: Names, isSmall: boolean): Uint8Array {
  const bytes = encodeBlock(block, names);
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: isSmall ? SMALL : QUICK,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}

/** @throws Error — damaged, though its checksum is right: written by something else */
export function unpackBlock(
  payload: Uint8Array,
  names: Names,
  wants?: (section: string) => boolean,
): Block {
  return decodeBlock(brotliDecompressSync(payload, { maxOutputLength: MOST_BYTES }), names, wants);
}
