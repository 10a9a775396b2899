import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Output } from '../../../src/terminal/output.js';

/** A stdout whose reader takes bytes only when told to. */
class Reader extends Writable {
  readonly chunks: Buffer[] = [];
  writes = 0;
  #waiting: (() => void)[] = [];
  #open: boolean;

  constructor(open = true) {
    super({ highWaterMark: 1 });
    this.#open = open;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.writes += 1;
    this.chunks.push(Buffer.from(chunk));
    if (this.#open) done();
    else this.#waiting.push(done);
  }

  /** Takes one write. */
  take(): void {
    this.#waiting.shift()?.();
  }

  takeAll(): void {
    this.#open = true;
    for (const done of this.#waiting.splice(0)) done();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

function outputTo(reader: Writable, onClosed: () => void = () => undefined): Output {
  return new Output(reader as unknown as NodeJS.WriteStream, onClosed);
}

describe('batching', () => {
  it('makes few writes of many lines', async () => {
    const reader = new Reader();
    const output = outputTo(reader);
    for (let n = 0; n < 10_000; n += 1) output.line(`line ${n}`);
    await output.drained();
    expect(reader.bytes.toString().split('\n')).toHaveLength(10_001);
    expect(reader.writes).toBeLessThan(10);
  });

  it('writes a single line without being asked to', async () => {
    const reader = new Reader();
    outputTo(reader).line('alone');
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(reader.bytes.toString()).toBe('alone\n');
  });

  it('keeps every byte in order, whatever the mix of sizes', async () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 60_000, max: 70_000 }).map((size) => 'x'.repeat(size)),
      fc.integer({ min: 60_000, max: 70_000 }).map((size) => new Uint8Array(size).fill(7)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const reader = new Reader();
        const output = outputTo(reader);
        for (const one of pieces) {
          if (typeof one === 'string') output.text(one);
          else output.bytes(one);
        }
        await output.drained();
        const expected = Buffer.concat(pieces.map((one) => Buffer.from(one as string)));
        expect(reader.bytes.equals(expected)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('copies bytes, so that the caller may reuse them', async () => {
    const reader = new Reader();
    const output = outputTo(reader);
    for (const size of [3, 100_000]) {
      const bytes = new Uint8Array(size).fill(1);
      output.bytes(bytes);
      bytes.fill(2);
    }
    await output.drained();
    expect(reader.bytes.every((byte) => byte === 1)).toBe(true);
  });
});

describe('a slow reader', () => {
  it('makes the writer wait, and lets it go on', async () => {
    const reader = new Reader(false);
    const output = outputTo(reader);
    const block = new Uint8Array(100_000);
    while (!output.isFull) output.bytes(block);
    expect(output.pendingBytes).toBeGreaterThan(4 * 1024 * 1024);
    let ready = false;
    const waiting = output.ready().then(() => {
      ready = true;
    });
    await Promise.resolve();
    expect(ready).toBe(false);
    reader.takeAll();
    await waiting;
    expect(output.isFull).toBe(false);
  });

  it('is waited for at the end', async () => {
    const reader = new Reader(false);
    const output = outputTo(reader);
    output.line('last words');
    const end = output.drained();
    expect(output.pendingBytes).toBe(11);
    reader.take();
    await end;
    expect(output.pendingBytes).toBe(0);
  });
});

describe('a reader that leaves', () => {
  const broken = (code: string) => Object.assign(new Error(code), { code });

  it('is told once, and nothing waits for it any more', async () => {
    const reader = new Reader(false);
    let times = 0;
    const output = outputTo(reader, () => (times += 1));
    output.bytes(new Uint8Array(5_000_000));
    const waits = Promise.all([output.ready(), output.drained()]);
    reader.destroy(broken('EPIPE'));
    await waits;
    expect(output.closed).toBe(true);
    output.line('into the void');
    await output.drained();
    expect(times).toBe(1);
  });

  it('takes a terminal that was closed for a reader that left', async () => {
    const reader = Object.assign(new Reader(false), { isTTY: true, columns: 80 });
    let times = 0;
    const output = outputTo(reader, () => (times += 1));
    output.bytes(new Uint8Array(5_000_000));
    const waits = Promise.all([output.ready(), output.drained()]);
    reader.destroy(broken('EIO'));
    await waits;
    expect([output.closed, times]).toEqual([true, 1]);
  });
});

it('does not take what a write has refused for taken', async () => {
  const refusing = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('no'), { code: 'EPIPE' })),
  });
  const output = outputTo(refusing);
  output.line('lost');
  await output.drained();
  expect({ closed: output.closed, pending: output.pendingBytes }).toEqual({
    closed: true,
    pending: 5,
  });
});
