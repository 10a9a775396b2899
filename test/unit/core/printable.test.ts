import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, printableBytes, printableText, quoted } from '../../../src/core/printable.js';

describe('printableText', () => {
  it.each([
    ['plain ü 日本 😀', 'plain ü 日本 😀'],
    ['\u001b[2J', '\\x1b[2J'],
    ['a\nb\tc\rd', 'a\\nb\\tc\\rd'],
    ['\u0000\u007f\u009b', '\\x00\\x7f\\u009b'],
    ['\u202eevil\u2066', '\\u202eevil\\u2066'],
    ['\ud800', '\\ud800'],
    ['\ufeffx', '\\ufeffx'],
  ])('%j becomes %s', (text, expected) => {
    expect(printableText(text)).toBe(expected);
  });

  it('keeps lines and tabs where asked, never the carriage return', () => {
    expect(printableText('a\n\tb\r\u001b', { keepLines: true })).toBe('a\n\tb\\r\\x1b');
  });

  it('quotes', () => {
    expect(quoted('a\u001b')).toBe('"a\\x1b"');
  });
});

describe('printableBytes', () => {
  it.each([
    [[0x68, 0x69], 'hi'],
    [[0xff, 0x68, 0x69], '\\xffhi'],
    [[0xc3, 0xbc, 0xc3], 'ü\\xc3'],
    [[0xed, 0xa0, 0x80], '\\xed\\xa0\\x80'],
    [[0xf0, 0x9f, 0x98, 0x80, 0xf8], '😀\\xf8'],
    [[0xef, 0xbf, 0xbd], '\ufffd'],
    [[0xef, 0xbf, 0xbd, 0x1b, 0xfe], '\ufffd\\x1b\\xfe'],
  ])('%j becomes %s', (bytes, expected) => {
    expect(printableBytes(Uint8Array.from(bytes))).toBe(expected);
  });

  it('lets no control character through', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(printableBytes(bytes)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });
});

it('decodes exactly what a strict decoder takes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
      const text = decodeUtf8(bytes);
      const strict = Buffer.from(bytes.slice()).toString('utf8');
      if (text === undefined) expect(strict).toContain('\ufffd');
      else expect(new Uint8Array(Buffer.from(text, 'utf8'))).toEqual(bytes);
    }),
  );
});
