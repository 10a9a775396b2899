import { expect, test } from 'vitest';

import { cutLine } from '../../../../src/terminal/text/cut-line.js';

const RED = '\u001b[31m';
const DEFAULT = '\u001b[39m';

test.each([
  ['short', 5, 'short'],
  ['longer', 5, 'long…'],
  ['日本語', 5, '日本…'],
  ['日本語', 6, '日本語'],
  ['日本語', 4, '日…'],
  [`${RED}alarm${DEFAULT}`, 5, `${RED}alarm${DEFAULT}`],
  [`${RED}alarm${DEFAULT} at`, 7, `${RED}alarm${DEFAULT} …\u001b[0m`],
  [`${RED}alarms${DEFAULT}`, 5, `${RED}alar…\u001b[0m`],
])('%j in %i columns is %j', (line, width, cut) => {
  expect(cutLine(line, width)).toBe(cut);
});
