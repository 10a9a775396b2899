import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';

import { root } from '../../scripts/ready.mjs';
import { manifestCommands } from '../support/manifest.js';
import { temporaryFolder } from '../support/shut-down.js';

const folder = temporaryFolder('man');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'scripts/man.mjs'), folder]);
});

it.each(manifestCommands())(
  'natsx %s has a page with all its flags and examples',
  (words, command) => {
    const page = read(`natsx-${words.replaceAll(' ', '-')}.1`);
    const shown = page
      .replaceAll('\\-', '-')
      .replaceAll('\\e', '\\')
      .replaceAll('\\&', '')
      .replace(/\\\[u([0-9A-F]{4,6})\]/g, (_, code: string) =>
        String.fromCodePoint(Number.parseInt(code, 16)),
      );
    for (const flag of Object.values(command.flags))
      if (flag.hidden !== true) expect(shown).toContain(`--${flag.name}`);
    for (const example of command.examples ?? [])
      expect(shown).toContain(example.command.replaceAll('<%= config.bin %>', 'natsx'));
    expect(read('natsx.1')).toContain(`\\fBnatsx ${words.replaceAll('-', '\\-')}\\fR`);
  },
);

const hasGroff = spawnSync('groff', ['--version']).status === 0;
it.skipIf(!hasGroff)('groff has nothing to warn of', () => {
  const pages = manifestCommands().map(([words]) => `natsx-${words.replaceAll(' ', '-')}.1`);
  const files = ['natsx.1', ...pages].map((name) => join(folder, name));
  const { stderr, stdout } = spawnSync('groff', ['-man', '-ww', '-Tutf8', '-rLL=80n', ...files], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  expect(stderr).toBe('');
  expect(stdout).toContain('natsx-stream-get');
});
