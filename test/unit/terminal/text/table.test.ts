import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { createStyle } from '../../../../src/terminal/text/style.js';
import { cutMiddle, textTable } from '../../../../src/terminal/text/table.js';

const style = createStyle(false);
const columns = [
  'subject',
  { title: 'messages', align: 'right' },
  { title: 'rate', align: 'right' },
] as const;
const rows = [
  [
    'orders.eu.berlin.created.with.a.rather.long.name.that.goes.on.and.on',
    '1,234,567',
    '512k msg/s',
  ],
  ['日本.語', '7', '0 msg/s'],
];
const widths = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => stringWidth(line));

it('aligns by blanks and cuts nothing without a width', () => {
  expect(`\n${textTable({ columns, rows, style })}`).toMatchInlineSnapshot(`
    "
    Subject                                                                Messages        Rate
    orders.eu.berlin.created.with.a.rather.long.name.that.goes.on.and.on  1,234,567  512k msg/s
    日本.語                                                                       7     0 msg/s
    "
  `);
});

it('cuts text in the middle, never numbers, to fit a terminal', () => {
  expect(`\n${textTable({ columns, rows, style, width: 50 })}`).toMatchInlineSnapshot(`
    "
    Subject                       Messages        Rate
    orders.eu.ber…oes.on.and.on  1,234,567  512k msg/s
    日本.語                              7     0 msg/s
    "
  `);
});

it('draws boxes', () => {
  expect(`\n${textTable({ columns, rows, style, width: 50, look: 'box' })}`).toMatchInlineSnapshot(`
    "
    ╭───────────────────────┬───────────┬────────────╮
    │ Subject               │  Messages │       Rate │
    │ orders.eu.….on.and.on │ 1,234,567 │ 512k msg/s │
    │ 日本.語               │         7 │    0 msg/s │
    ╰───────────────────────┴───────────┴────────────╯
    "
  `);
  expect(`\n${textTable({ columns, rows, style, width: 50, look: 'ascii-box' })}`)
    .toMatchInlineSnapshot(`
      "
      +-----------------------+-----------+------------+
      | Subject               |  Messages |       Rate |
      | orders.eu.~.on.and.on | 1,234,567 | 512k msg/s |
      | 日本.語               |         7 |    0 msg/s |
      +-----------------------+-----------+------------+
      "
    `);
});

it('has a heading without rows, and fills up short rows', () => {
  expect(textTable({ columns: ['a', 'b'], rows: [], style })).toBe('a  b\n');
  expect(textTable({ columns: ['a', 'b'], rows: [['1']], style })).toBe('a  b\n1\n');
});

it('keeps columns whole that are marked so', () => {
  const text = textTable({
    columns: [{ title: 'id', whole: true }, 'text'],
    rows: [['x'.repeat(30), 'y'.repeat(30)]],
    style,
    width: 40,
  });
  expect(text).toContain('x'.repeat(30));
  expect(Math.max(...widths(text))).toBe(40);
});

it('counts colours as no width', () => {
  const colourful = createStyle(true);
  const plain = textTable({ columns: ['a', 'b'], rows: [['ok', '1']], style });
  const painted = textTable({ columns: ['a', 'b'], rows: [[colourful.good('ok'), '1']], style });
  expect(painted).toContain('\u001b[32m');
  expect(widths(painted)).toEqual(widths(plain));
});

describe('80 columns hold', () => {
  const cell = fc.oneof(
    fc.stringMatching(/^[a-z.]{0,120}$/),
    fc.constantFrom('日本語'.repeat(20), '😀'.repeat(40)),
  );
  it.each(['plain', 'box', 'ascii-box'] as const)('%s', (look) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }), (cells) => {
        const text = textTable({
          columns: ['one', 'two', 'three'],
          rows: cells,
          style,
          width: 80,
          look,
        });
        expect(Math.max(...widths(text))).toBeLessThanOrEqual(80);
      }),
    );
  });
});

describe('cutMiddle', () => {
  it.each([
    ['abcdefghij', 10, 'abcdefghij'],
    ['abcdefghij', 7, 'abc…hij'],
    ['abcdefghij', 6, 'abc…ij'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
    ['日本語日本語', 7, '日…本語'],
    ['\u001b[32mabcdefghij\u001b[39m', 3, 'a…j'],
  ])('%j in %d is %s', (text, width, expected) => {
    expect(cutMiddle(text, width)).toBe(expected);
  });

  it('is never wider than asked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, width) => {
        expect(stringWidth(cutMiddle(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});
