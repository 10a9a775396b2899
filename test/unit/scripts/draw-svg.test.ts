import { expect, it } from 'vitest';

import { drawScreens } from '../../../scripts/capture/draw-svg.mjs';

const looks = (svg: string) =>
  [
    ...svg.matchAll(
      /fill="(#\w+)"( font-weight="bold")?( opacity="[\d.]+")? xml:space="preserve">(.*?)</g,
    ),
  ].map(([, fill, bold, dim, text]) => [text, fill, bold !== undefined, dim !== undefined]);

it('a line goes on in the look in which the one before it ended', () => {
  const lines = [
    '\u001b[2mone',
    'two\u001b[22m three',
    '\u001b[31mfour\u001b[1m',
    'five\u001b[0m',
    'six',
  ];
  expect(looks(drawScreens([{ title: 'screen', lines }], 80))).toEqual([
    ['one', '#d5dae1', false, true],
    ['two', '#d5dae1', false, true],
    [' three', '#d5dae1', false, false],
    ['four', '#f07178', false, false],
    ['five', '#f07178', true, false],
    ['six', '#d5dae1', false, false],
  ]);
});

it('each screen begins plain, and markup in a text is text', () => {
  const screens = [
    { title: 'a', lines: ['\u001b[31mred'] },
    { title: 'b', lines: ['<b> & c'] },
  ];
  expect(looks(drawScreens(screens, 80)).at(-1)).toEqual([
    '&lt;b&gt; &amp; c',
    '#d5dae1',
    false,
    false,
  ]);
});
