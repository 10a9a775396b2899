import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseDelimiter } from '../../../../src/core/values/delimiter.js';
import { memberNames } from '../../../../src/messaging/run/queue-workers.js';
import { messageFileName } from '../../../../src/messaging/console/message-files.js';
import {
  hasGoal,
  readingFailure,
  type ReadingOutcome,
} from '../../../../src/core/message/reading.js';
import { byMessages, Tally } from '../../../../src/core/message/tally.js';
import { parseWorkTime } from '../../../../src/core/values/work-time.js';

const good: ReadingOutcome = {
  end: 'count',
  messages: 3,
  bytes: 30,
  skipped: 0,
  dropped: 0,
  elapsedMs: 1000,
  activeMs: 500,
  gaps: 0,
  gapMs: 0,
  slowConsumerCuts: 0,
  connected: true,
  leftBehind: false,
};

describe('what reading came to', () => {
  it.each([
    ['all that was wanted', {}, { count: 3 }, undefined],
    ['stopped by hand', { end: 'stopped' }, {}, undefined],
    ['idle, nothing wanted', { end: 'idle', messages: 0 }, { idleMs: 100 }, undefined],
    ['idle before the goal', { end: 'idle' }, { idleMs: 100, count: 4 }, 'timeout'],
    ['over before the goal', { end: 'duration' }, { durationMs: 100, count: 4 }, 'timeout'],
    ['idle without a server', { end: 'idle', connected: false }, { idleMs: 1 }, 'connection'],
    ['fewer than wanted at the end', { end: 'reached' }, { count: 4 }, 'timeout'],
    ['as many as wanted at the end', { end: 'reached' }, { count: 3 }, undefined],
    ['the end, nothing wanted', { end: 'reached', messages: 0 }, {}, undefined],
    ['holes', { dropped: 1 }, { count: 3 }, 'unhealthy'],
    ['holes by hand', { end: 'stopped', dropped: 1 }, {}, 'unhealthy'],
    ['cut by the server', { end: 'stopped', slowConsumerCuts: 1 }, {}, 'unhealthy'],
    ['a gap alone', { gaps: 1, gapMs: 20 }, { count: 3 }, undefined],
  ] as const)('%s', (_name, differing, limits, kind) => {
    expect(readingFailure({ ...good, ...differing }, limits)?.kind).toBe(kind);
  });

  it('a count or a duration is a goal, an idle time is none', () => {
    expect([hasGoal({ count: 1 }), hasGoal({ durationMs: 1 }), hasGoal({ idleMs: 1 })]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('delimiters', () => {
  it.each([
    [String.raw`\n`, [10]],
    ['', []],
    [String.raw`\0`, [0]],
    [String.raw`\r\n`, [13, 10]],
    [String.raw`a\\b`, [97, 92, 98]],
    ['newline', [10]],
    ['nul', [0]],
    ['none', []],
    ['é', [0xc3, 0xa9]],
    ['valueOf', [...Buffer.from('valueOf')]],
    ['constructor', [...Buffer.from('constructor')]],
  ])('%j', (text, bytes) => {
    expect([...parseDelimiter(text)]).toEqual(bytes);
  });

  it.each([String.raw`\q`, '\\', String.raw`\x00`])('%j is refused', (text) => {
    expect(() => parseDelimiter(text)).toThrow(/unknown escape/);
  });

  it('text without a backslash stands for itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!text.includes('\\') && !['newline', 'nul', 'null', 'none'].includes(text));
        expect(Buffer.from(parseDelimiter(text)).equals(Buffer.from(text))).toBe(true);
      }),
    );
  });
});

describe('work times', () => {
  it('are fixed or between two', () => {
    expect(parseWorkTime('20ms')).toEqual({ minMs: 20, maxMs: 20 });
    expect(parseWorkTime('10ms..1.5s')).toEqual({ minMs: 10, maxMs: 1500 });
    expect(parseWorkTime('10ms-1.5s')).toEqual({ minMs: 10, maxMs: 1500 });
  });

  it.each(['', '20', '30ms-10ms', '1ms-2ms-3ms', '-1ms', 'x'])('%j is refused', (text) => {
    expect(() => parseWorkTime(text)).toThrow();
  });
});

describe('file names', () => {
  it('hold nothing that a file system could misread', () => {
    expect(messageFileName(7, 'orders.new', 'json')).toBe('000007-orders.new.json');
    expect(messageFileName(1, '../../etc/passwd', 'bin')).toBe('000001-.._.._etc_passwd.bin');
    fc.assert(
      fc.property(fc.nat(), fc.string({ unit: 'grapheme', maxLength: 400 }), (number, subject) => {
        const name = messageFileName(number, subject, 'json');
        expect(name).toMatch(/^\d+-[\w.-]*\.json$/);
        expect(name.length).toBeLessThan(150);
      }),
    );
  });
});

describe('a tally', () => {
  it('counts by name, and every message is in the totals', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(100))), (messages) => {
        const tally = new Tally(0, ['a']);
        for (const [name, size] of messages) tally.add(name, size);
        const rows = tally.rows(1000, 'mean');
        const sum = (of: 'messages' | 'bytes') => rows.reduce((all, row) => all + row[of], 0);
        expect(sum('messages')).toBe(messages.length);
        expect(tally.totals.messages).toBe(messages.length);
        expect(sum('bytes')).toBe(messages.reduce((all, [, size]) => all + size, 0));
        expect(rows[0]?.name).toBe('a');
      }),
    );
  });

  it('has rates of the last window and of all time', () => {
    const tally = new Tally(0);
    for (let n = 0; n < 10; n += 1) tally.add('a', 1);
    tally.closeWindow(1000);
    for (let n = 0; n < 30; n += 1) tally.add('a', 1);
    tally.closeWindow(2000);
    expect(tally.rows(2000, 'window')[0]?.messagesPerSecond).toBe(30);
    expect(tally.rows(2000, 'mean')[0]?.messagesPerSecond).toBe(20);
    expect(tally.share('a')).toBe(1);
    expect(tally.share('nobody')).toBe(0);
  });

  it('does not grow without bound', () => {
    const tally = new Tally(0);
    for (let n = 0; n < 100_005; n += 1) tally.add(`inbox.${n}`, 1);
    expect(tally.rows(1, 'mean')).toHaveLength(100_000);
    expect(tally.totals).toEqual({ messages: 100_005, bytes: 100_005, otherMessages: 5 });
  });

  it('shows the busiest first', () => {
    const tally = new Tally(0);
    for (const name of ['b', 'a', 'c', 'c']) tally.add(name, 1);
    expect(byMessages(tally.rows(1, 'mean')).map(({ name }) => name)).toEqual(['c', 'a', 'b']);
  });
});

it('members have names that sort', () => {
  expect(memberNames(2)).toEqual(['worker-1', 'worker-2']);
  expect(memberNames(10)[0]).toBe('worker-01');
});
