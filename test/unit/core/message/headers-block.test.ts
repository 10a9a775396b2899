import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  mergeHeaders,
  withoutHeaders,
  withoutLast,
} from '../../../../src/core/message/edit-headers.js';
import {
  decodeHeadersBlock,
  encodeHeadersBlock,
  readStatus,
} from '../../../../src/core/message/headers-block.js';
import { RawHeaders, statusOf } from '../../../../src/core/message/raw-headers.js';
import { headersBlock } from './arbitrary-headers.js';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const textOf = (block: Uint8Array): string => Buffer.from(block).toString('latin1');

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
    const name = fc.stringMatching(/^[!-9;-~]{1,20}$/).filter((text) => !/^\d+$/.test(text));
    const value = fc
      .string({ unit: 'grapheme', maxLength: 30 })
      .map((text) => text.replace(/[\r\n]/g, '').replace(/^[ \t]+|[ \t]+$/g, ''));
    const headers = fc
      .array(fc.tuple(name, fc.array(value, { minLength: 1, maxLength: 3 })), {
        minLength: 1,
        maxLength: 6,
      })
      .map((entries) => new Map(entries));
    fc.assert(
      fc.property(headers, (map) => {
        const read = decodeHeadersBlock(encodeHeadersBlock(map));
        expect(read).toEqual(map);
        expect(read).not.toBeInstanceOf(RawHeaders);
      }),
    );
  });

  it('gives back the bytes of any block, also when its own memory is used again', () => {
    fc.assert(
      fc.property(headersBlock, (block) => {
        const memory = Buffer.from(block);
        const read = decodeHeadersBlock(memory);
        memory.fill(0);
        expect(textOf(encodeHeadersBlock(read))).toBe(textOf(block));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(['a\rb', 'a\nb', '\r\n'])('refuses the line break in the value %j', (value) => {
    expect(() => encodeHeadersBlock(new Map([['A', [value]]]))).toThrow(/line break/);
  });

  it.each(['', 'a:b', 'a\n'])('refuses the name %j', (name) => {
    expect(() => encodeHeadersBlock(new Map([[name, ['v']]]))).toThrow(/invalid header name/);
  });

  it.each([
    ['NATS/1.0 503\r\n\r\n', { code: 503, description: '' }],
    ['NATS/1.0 100 Idle Heartbeat\r\nA: b\r\n\r\n', { code: 100, description: 'Idle Heartbeat' }],
    ['NATS/1.0 404 No\n\n', { code: 404, description: 'No' }],
    ['NATS/1.0\r\nA: b\r\n\r\n', undefined],
    ['NATS/1.0\n\n', undefined],
    ['NATS/1.0 \r\n\r\n', undefined],
  ])('reads the status of %j', (block, status) => {
    expect(readStatus(bytes(block))).toEqual(status);
    expect(statusOf(decodeHeadersBlock(bytes(block)))).toEqual(status);
  });

  it.each([
    ['NATS/1.0\r\nA:1\r\nno colon\r\na:  2 \r\n\r\n', { A: ['1'], a: ['2'] }],
    ['NATS/1.0\nA: 1\nB: 2\n\n', { A: ['1'], B: ['2'] }],
    ['NATS/1.0\r\nA: 1\r\nB: 2\r\nA: 3\r\n\r\n', { A: ['1', '3'], B: ['2'] }],
    ['NATS/1.0\r\nA: caf\xe9\r\n\r\n', { A: ['caf\ufffd'] }],
    ['NATS/1.0\r\nA:\r\n\r\n', { A: [''] }],
    ['NATS/1.0\r\n7: 1\r\n\r\n', { '7': ['1'] }],
    ['NATS/1.0\r\n\r\n', {}],
    ['', {}],
  ])('reads what other clients write: %j', (block, expected) => {
    const headers = decodeHeadersBlock(bytes(block));
    expect(Object.fromEntries(headers)).toEqual(expected);
    expect(textOf(encodeHeadersBlock(headers))).toBe(block);
  });

  it.each([
    ['NATS/1.0\r\nTrace Id: 7\r\nX: \r\n\r\n', { 'Trace Id': ['7'], X: [''] }],
    ['NATS/1.0\r\nA: 1\r\nA: 2\r\n\r\n', { A: ['1', '2'] }],
  ])('needs no more than names and values for %j', (block, expected) => {
    const headers = decodeHeadersBlock(bytes(block));
    expect(headers).not.toBeInstanceOf(RawHeaders);
    expect(Object.fromEntries(headers)).toEqual(expected);
  });
});

describe('headers that came as a block of their own', () => {
  const odd = (text: string) => decodeHeadersBlock(bytes(text));
  const added = new Map([
    ['B', ['new', 'é']],
    ['C', ['3']],
  ]);

  it.each([
    ['NATS/1.0\r\nA: \xe9\r\nB: old\r\n\r\n', 'NATS/1.0\r\nA: \xe9\r\n'],
    ['NATS/1.0 404 No Messages\r\nB:1\r\n\r\n', 'NATS/1.0 404 No Messages\r\n'],
    ['NATS/1.0\nA:1\n\n', 'NATS/1.0\nA:1\n'],
    ['NATS/1.0\r\nA: 1', 'NATS/1.0\r\nA: 1\r\n'],
    ['NATS/1.0\r\n\r\n', 'NATS/1.0\r\n'],
  ])('%j gets others behind its lines', (block, kept) => {
    const merged = encodeHeadersBlock(mergeHeaders(odd(block), added));
    expect(textOf(merged)).toBe(`${kept}B: new\r\nB: \xc3\xa9\r\nC: 3\r\n\r\n`);
  });

  it('loses what is unwanted and nothing else', () => {
    const block = 'NATS/1.0\r\nNats-Rollup: all\r\nA:\xe9\r\nNats-X:1\r\n\r\n';
    const left = withoutHeaders(odd(block), (name) => name.startsWith('Nats-'));
    expect(textOf(encodeHeadersBlock(left ?? new Map()))).toBe('NATS/1.0\r\nA:\xe9\r\n\r\n');
    expect(withoutHeaders(odd('NATS/1.0\r\nX:1\r\n\r\n'), () => true)).toBeUndefined();
  });

  it('loses the last value of each name that an answer has added', () => {
    const own = 'NATS/1.0 404\r\nNats-Stream: A\r\nB: \xe9\r\n';
    const left = withoutLast(odd(`${own}Nats-Stream: B\r\nNats-Sequence: 7\r\n\r\n`), [
      'Nats-Stream',
      'Nats-Sequence',
    ]);
    expect(textOf(encodeHeadersBlock(left ?? new Map()))).toBe(`${own}\r\n`);
  });
});
