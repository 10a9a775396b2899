import { expect, it } from 'vitest';

import { ownProgram } from '../../../src/terminal/own-program.js';

const here = import.meta.filename;

it.each([
  ['/usr/bin/node', here, ['/usr/bin/node', here]],
  ['/usr/bin/natsx', undefined, ['/usr/bin/natsx']],
  ['/usr/bin/natsx', '/usr/bin/natsx', ['/usr/bin/natsx']],
  ['/usr/bin/natsx', '/$bunfs/root/natsx', ['/usr/bin/natsx']],
  ['C:\\natsx.exe', 'B:\\~BUN\\root\\natsx.exe', ['C:\\natsx.exe']],
  ['C:\\natsx.exe', 'B:/~BUN/root/natsx.exe', ['C:\\natsx.exe']],
  ['/usr/bin/natsx', '/nowhere/natsx', ['/usr/bin/natsx']],
])('%s with %s is started again by %j', (executable, script, words) => {
  expect(ownProgram(executable, script)).toEqual(words);
});
