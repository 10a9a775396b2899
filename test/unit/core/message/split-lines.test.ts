import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LineSplitter } from '../../../../src/core/message/split-lines.js';

function split(chunks: readonly Buffer[], delimiter?: Uint8Array): string[] {
  const splitter = new LineSplitter(delimiter);
  const lines = chunks.flatMap((chunk) => splitter.push(chunk).map(String));
  const last = splitter.end();
  return last === undefined ? lines : [...lines, last.toString()];
}

describe('splitting bytes into lines', () => {
  it.each([
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\r\nb\r\n', ['a', 'b']],
    ['\n\n', ['', '']],
    ['a\rb\n', ['a\rb']],
    ['a\n\r', ['a', '']],
  ])('%j', (text, lines) => {
    expect(split([Buffer.from(text)])).toEqual(lines);
  });

  it('another delimiter keeps carriage returns, and may have several bytes', () => {
    expect(split([Buffer.from('a\r\0b\r\0')], Buffer.from('\0'))).toEqual(['a\r', 'b\r']);
    expect(split([Buffer.from('a-'), Buffer.from('-b--')], Buffer.from('--'))).toEqual(['a', 'b']);
  });

  it('gives the same lines wherever the chunks end', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r\n', '|'), maxLength: 60 });
    const cuts = fc.array(fc.nat({ max: 80 }), { maxLength: 8 });
    const delimiters = fc.constantFrom('\n', '|', '\r\n');
    fc.assert(
      fc.property(text, cuts, delimiters, (whole, places, delimiter) => {
        const bytes = Buffer.from(whole);
        const edges = [0, ...places.filter((at) => at < bytes.length).sort((a, b) => a - b)];
        const chunks = edges.map((from, index) => bytes.subarray(from, edges[index + 1]));
        expect(split(chunks, Buffer.from(delimiter))).toEqual(
          split([bytes], Buffer.from(delimiter)),
        );
      }),
    );
  });

  it('a long line costs no repeated copies of what came before', () => {
    const splitter = new LineSplitter();
    for (let at = 0; at < 1_000; at++) splitter.push(Buffer.alloc(1_000, 'x'));
    expect(splitter.pendingBytes).toBe(1_000_000);
    expect(splitter.push(Buffer.from('\n')).map(({ length }) => length)).toEqual([1_000_000]);
    expect(splitter.pendingBytes).toBe(0);
  });
});
