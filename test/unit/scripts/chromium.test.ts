import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { ensureChromium } from '../../../scripts/chromium.mjs';
import { temporaryFolder } from '../../support/shut-down.js';

/** A machine on which nothing is installed. */
function emptyMachine() {
  const folder = temporaryFolder('machine');
  const said: string[] = [];
  const env: Record<string, string> = { PATH: join(folder, 'bin'), HOME: folder };
  const say = (line: string): number => said.push(line);
  return { folder, said, options: { env, say, playwright: join(folder, 'nothing.js') } };
}

function putProgram(folder: string, name: string, script: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('finds one on PATH, and leaves out what does not run', async () => {
  const { folder, options, said } = emptyMachine();
  putProgram(join(folder, 'bin'), 'chromium', 'exit 1');
  const works = putProgram(join(folder, 'bin'), 'google-chrome', 'echo Google Chrome 140.0.1.2');
  expect(await ensureChromium(options)).toBe(works);
  expect(said).toEqual([]);
});

test('finds what playwright downloaded earlier', async () => {
  const { folder, options } = emptyMachine();
  const home = join(folder, '.cache/natsx/chromium/chromium_headless_shell-1/chrome-linux');
  const works = putProgram(home, 'headless_shell', 'echo Chromium 140.0.1.2');
  expect(await ensureChromium(options)).toBe(works);
});

test('says what it tried, and what helps', async () => {
  const { options, said } = emptyMachine();
  await expect(ensureChromium(options)).rejects.toThrow(/install the package chromium/);
  expect(said[0]).toBe('installing the package chromium …');
  expect(said[1]).toContain('there is no apt-get here');
});
