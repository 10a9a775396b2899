import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeHeadersBlock,
  encodeHeadersBlock,
  readStatus,
} from '../../../../src/domain/message/headers-block.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('headers block', () => {
  it('is written as the protocol wants it', () => {
    const block = encodeHeadersBlock(
      new Map([
        ['A', ['1', '2']],
        ['Content-Type', ['text/plain']],
      ]),
    );
    expect(new TextDecoder().decode(block)).toBe(
      'NATS/1.0\r\nA: 1\r\nA: 2\r\nContent-Type: text/plain\r\n\r\n',
    );
  });

  it('gives back what was written', () => {
    const name = fc.stringMatching(/^[!-9;-~]{1,20}$/);
    const value = fc
      .string({ unit: 'grapheme', maxLength: 30 })
      .map((text) => text.replace(/[\r\n]/g, '').replace(/^[ \t]+|[ \t]+$/g, ''));
    const headers = fc
      .array(fc.tuple(name, fc.array(value, { minLength: 1, maxLength: 3 })), { maxLength: 6 })
      .map((entries) => new Map(entries));
    fc.assert(
      fc.property(headers, (map) => {
        expect(decodeHeadersBlock(encodeHeadersBlock(map))).toEqual({
          headers: map,
          status: undefined,
        });
      }),
    );
  });

  it.each(['a\rb', 'a\nb', '\r\n'])('refuses the line break in the value %j', (value) => {
    expect(() => encodeHeadersBlock(new Map([['A', [value]]]))).toThrow(/line break/);
  });

  it.each(['', 'a b', 'a:b', 'ä', 'a\n'])('refuses the name %j', (name) => {
    expect(() => encodeHeadersBlock(new Map([[name, ['v']]]))).toThrow(/invalid header name/);
  });

  it.each([
    ['NATS/1.0 503\r\n\r\n', { code: 503, description: '' }],
    ['NATS/1.0 100 Idle Heartbeat\r\nA: b\r\n\r\n', { code: 100, description: 'Idle Heartbeat' }],
    ['NATS/1.0\r\nA: b\r\n\r\n', undefined],
    ['NATS/1.0 \r\n\r\n', undefined],
  ])('reads the status of %j', (block, status) => {
    expect(readStatus(bytes(block))).toEqual(status);
    expect(decodeHeadersBlock(bytes(block)).status).toEqual(status);
  });

  it('reads what other clients write', () => {
    const { headers } = decodeHeadersBlock(bytes('NATS/1.0\r\nA:1\r\nno colon\r\na:  2 \r\n\r\n'));
    expect([...headers]).toEqual([
      ['A', ['1']],
      ['a', ['2']],
    ]);
  });
});
