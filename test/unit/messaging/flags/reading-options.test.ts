import { describe, expect, it } from 'vitest';

import {
  overlaps,
  readingOptions,
  subscriptionPatterns,
  type ReadingFlagValues,
} from '../../../../src/messaging/flags/reading-options.js';
import { KeptMessage } from '../../../../src/core/message/message-in-place.js';

const options = (flags: Partial<ReadingFlagValues>) => readingOptions({ slow: 'drop', ...flags });
const message = (subject: string, payload = '') =>
  new KeptMessage({ subject, payload: Buffer.from(payload), receivedAtMs: 0 });

describe('the form of messages', () => {
  it.each<[Partial<ReadingFlagValues>, object]>([
    [{}, { kind: 'text', show: 'all', pretty: false, timestamps: 'none' }],
    [{ 'headers-only': true }, { kind: 'text', show: 'headers' }],
    [
      { 'subjects-only': true, pretty: true },
      { kind: 'text', show: 'subject', pretty: true },
    ],
    [{ timestamp: true }, { timestamps: 'absolute' }],
    [{ 'delta-time': true }, { timestamps: 'relative' }],
    [{ timestamps: 'delta', timestamp: true }, { timestamps: 'delta' }],
    [{ raw: true }, { kind: 'raw', delimiter: Buffer.from('\n') }],
    [
      { json: true, delimiter: String.raw`\0` },
      { kind: 'json', delimiter: Buffer.from('\0') },
    ],
    [{ format: '{subject}' }, { kind: 'format', template: '{subject}' }],
    [{ 'output-dir': '-' }, { kind: 'json', delimiter: Uint8Array.of(0) }],
  ])('%j', (flags, form) => {
    expect(options(flags).form).toMatchObject(form);
  });

  it.each<[Partial<ReadingFlagValues>]>([
    [{ raw: true, json: true }],
    [{ format: 'x', 'headers-only': true }],
    [{ delimiter: ',' }],
    [{ format: 'x', delimiter: ',' }],
    [{ count: 0 }],
  ])('%j is refused', (flags) => {
    expect(() => options(flags)).toThrow();
  });
});

describe('which messages are wanted', () => {
  it('all, unless something is said', () => {
    expect(options({}).accepts).toBeUndefined();
  });

  it('what no pattern ignores and every filter lets through', () => {
    const { accepts } = options({ ignore: ['a.*'], filter: ['size>1', 'payload~^x'] });
    const wanted = (one: KeptMessage) => accepts?.(one);
    expect(wanted(message('b', 'xy'))).toBe(true);
    expect(wanted(message('a.b', 'xy'))).toBe(false);
    expect(wanted(message('b', 'x'))).toBe(false);
    expect(wanted(message('b', 'yx'))).toBe(false);
  });
});

describe('subjects', () => {
  it('a wildcard that the shell took is explained', () => {
    expect(() => subscriptionPatterns(['orders.'])).toThrow(
      expect.objectContaining({ hint: expect.stringContaining(`'orders.>'`) as string }),
    );
  });

  it('one that is given twice is refused', () => {
    expect(() => subscriptionPatterns(['a', 'b', 'a'])).toThrow(/"a" was given twice/);
  });

  it('pairs that overlap are found', () => {
    expect(overlaps(['a.>', 'a.b', 'c', '*.b'])).toEqual([
      ['a.>', 'a.b'],
      ['a.>', '*.b'],
      ['a.b', '*.b'],
    ]);
  });
});
