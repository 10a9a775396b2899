import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZstdFrames } from '../../../../src/recording/model/zstd-frames.js';

interface Shape {
  readonly single: boolean;
  readonly checksum: boolean;
  readonly dictionary: number;
  readonly sizeFlag: number;
  /** Type and number of bytes; a repeated byte stands for that many. */
  readonly blocks: readonly (readonly [type: 0 | 1 | 2, size: number])[];
}

/** A frame as RFC 8878 lays it out; what is in its blocks is of no interest. */
function frame({ single, checksum, dictionary, sizeFlag, blocks }: Shape): Buffer {
  const descriptor = (sizeFlag << 6) | (single ? 32 : 0) | (checksum ? 4 : 0) | (dictionary & 3);
  const header =
    (single ? 0 : 1) + ([0, 1, 2, 4][dictionary] ?? 0) + ([single ? 1 : 0, 2, 4, 8][sizeFlag] ?? 0);
  const body = blocks.map(([type, size], place) => {
    const last = place === blocks.length - 1 ? 1 : 0;
    const head = Buffer.alloc(3);
    head.writeUIntLE((size << 3) | (type << 1) | last, 0, 3);
    return Buffer.concat([head, Buffer.alloc(type === 1 ? 1 : size, 0xfd)]);
  });
  return Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, descriptor]),
    Buffer.alloc(header, 1),
    ...body,
    Buffer.alloc(checksum ? 4 : 0, 2),
  ]);
}

const block = fc.tuple(fc.constantFrom(0 as const, 1 as const, 2 as const), fc.nat(300));
const shape = fc.record({
  single: fc.boolean(),
  checksum: fc.boolean(),
  dictionary: fc.nat(3),
  sizeFlag: fc.nat(3),
  blocks: fc.array(block, { minLength: 1, maxLength: 4 }),
});
const skippable = fc.nat(50).map((size) => {
  const head = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, size, 0, 0, 0]);
  return Buffer.concat([head, Buffer.alloc(size, 9)]);
});

/** The frames that came out, joined from their pieces; the last may be half a one. */
function cut(bytes: Buffer, step: number): { frames: Buffer[]; isInside: boolean } {
  const splitter = new ZstdFrames();
  const frames: Buffer[] = [];
  let pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += step) {
    for (const piece of splitter.push(bytes.subarray(at, at + step))) {
      pieces.push(piece.bytes);
      if (!piece.ends) continue;
      frames.push(Buffer.concat(pieces));
      pieces = [];
    }
  }
  if (pieces.length > 0) frames.push(Buffer.concat(pieces));
  return { frames, isInside: splitter.isInside };
}

describe('the frames of zstd data', () => {
  it('are found however the data is cut into chunks', () => {
    const some = fc.array(fc.oneof(shape.map(frame), skippable), { maxLength: 5 });
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 200 }), (frames, step) => {
        expect(cut(Buffer.concat(frames), step)).toEqual({ frames, isInside: false });
      }),
    );
  });

  it('end where the data ends, and that is told', () => {
    fc.assert(
      fc.property(
        shape.map(frame),
        shape.map(frame),
        fc.double({ min: 0, max: 1 }),
        (a, b, share) => {
          const half = b.subarray(0, Math.floor(share * (b.length - 1)));
          const { frames, isInside } = cut(Buffer.concat([a, half]), 64);
          expect(frames).toEqual(half.length === 0 ? [a] : [a, half]);
          expect(isInside).toBe(half.length > 0);
        },
      ),
    );
  });

  it('are not found in other data', () => {
    expect(() => new ZstdFrames().push(Buffer.from('{"natsx_recording":1}'))).toThrow(RangeError);
  });
});
