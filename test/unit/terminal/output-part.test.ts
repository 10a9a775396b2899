import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { OutputGuard } from '../../../src/terminal/output-guard.js';
import { Output } from '../../../src/terminal/output.js';

/** A stdout that keeps what it gets and takes it, or holds its first write for ever. */
function outputInto(chunks: Buffer[], takes: boolean): Output {
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(Buffer.from(chunk));
      if (takes) done();
    },
  });
  return new Output(stream as unknown as NodeJS.WriteStream, () => undefined);
}

describe('parts of a buffer', () => {
  it('arrive as they are, whatever their sizes', async () => {
    const source = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
    const range = fc.tuple(fc.nat(150_000), fc.oneof(fc.nat(40), fc.nat(50_000)));
    await fc.assert(
      fc.asyncProperty(fc.array(range, { maxLength: 20 }), async (ranges) => {
        const chunks: Buffer[] = [];
        const output = outputInto(chunks, true);
        for (const [start, size] of ranges) output.part(source, start, start + size);
        await output.drained();
        const expected = ranges.map(([start, size]) => source.subarray(start, start + size));
        expect(Buffer.concat(chunks).equals(Buffer.concat(expected))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('memory that is used again', () => {
  const KIB = 1024;
  const SIZES = [
    0,
    1,
    4 * KIB - 1,
    4 * KIB,
    4 * KIB + 1,
    64 * KIB - 1,
    64 * KIB,
    64 * KIB + 1,
    1024 * KIB,
  ];

  it('is copied, whatever the size: what is written later is what was given', async () => {
    const given: (readonly [string, (output: Output, bytes: Buffer) => void])[] = [
      ['bytes', (output, bytes) => output.bytes(bytes)],
      ['part', (output, bytes) => output.part(bytes, 0, bytes.length)],
    ];
    for (const [way, write] of given) {
      const late: Buffer[] = [];
      let take: (() => void) | undefined;
      const stream = new Writable({
        // As a slow pipe: the bytes are looked at long after they were handed over.
        write: (chunk: Buffer, _encoding, done) => {
          take = () => {
            late.push(Buffer.from(chunk));
            done();
          };
        },
      });
      const output = new Output(stream as unknown as NodeJS.WriteStream, () => undefined);
      const reused = Buffer.allocUnsafeSlow(1024 * KIB);
      const expected: Buffer[] = [];
      for (const [index, size] of [...SIZES, ...SIZES].entries()) {
        reused.fill(index + 1);
        write(output, reused.subarray(0, size));
        expected.push(Buffer.alloc(size, index + 1));
      }
      reused.fill(0);
      const drained = output.drained();
      const whole = Buffer.concat(expected);
      while (Buffer.concat(late).length < whole.length) {
        take?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
      await drained;
      expect(Buffer.concat(late).equals(whole), way).toBe(true);
    }
  });
});

describe('a reader that takes nothing', () => {
  it('small pieces gather in few buffers, whatever time passes between them', async () => {
    const chunks: Buffer[] = [];
    const output = outputInto(chunks, false);
    for (let n = 0; n < 200; n += 1) {
      output.line('small');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(output.pendingBytes).toBe(1200);
    expect(chunks).toHaveLength(1);
  });

  it('is waited for up to 64 MiB, then messages overflow, which is told once', () => {
    let told = 0;
    const output = outputInto([], false);
    const guard = new OutputGuard(output, 'drop', () => (told += 1));
    const message = new Uint8Array(1024 * 1024);
    let taken = 0;
    while (!guard.overflows) {
      output.bytes(message);
      expect(guard.taken).toBe('taken');
      taken += 1;
    }
    expect(taken).toBe(65);
    expect(guard.overflows).toBe(true);
    expect(told).toBe(1);
  });

  it('with wait, a pause is asked for long before that', () => {
    const output = outputInto([], false);
    const guard = new OutputGuard(output, 'wait', () => undefined);
    const message = new Uint8Array(1024 * 1024);
    for (let n = 0; n < 4; n += 1) {
      output.bytes(message);
      expect(guard.taken).toBe('taken');
    }
    output.bytes(message);
    expect(guard.taken).toBe('full');
  });
});
