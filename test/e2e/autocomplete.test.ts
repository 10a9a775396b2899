import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { cliEnvironment, emptyHome, runCli } from '../support/run-cli.js';

const shells = ['bash', 'zsh', 'fish'] as const;
const scripts = new Map<string, string>();
const home = emptyHome();

beforeAll(async () => {
  const contexts = join(home, '.config/nats/context');
  mkdirSync(contexts, { recursive: true });
  for (const name of ['prod', 'local']) writeFileSync(join(contexts, `${name}.json`), '{}');
  for (const shell of shells) {
    const { code, stdout, stderr } = await runCli(['autocomplete', shell]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const file = join(home, `natsx.${shell}`);
    writeFileSync(file, stdout);
    scripts.set(shell, file);
  }
});

const isInstalled = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).error === undefined;

it('says how to set completion up when no shell is named', async () => {
  const { code, stdout } = await runCli(['autocomplete']);
  expect(code).toBe(0);
  for (const shell of shells) expect(stdout).toContain(`natsx autocomplete ${shell}`);
});

it('refuses a shell that it does not know', async () => {
  const { code, stderr } = await runCli(['autocomplete', 'tcsh']);
  expect(code).toBe(2);
  expect(stderr).toContain('tcsh');
});

it.each(shells)('prints a script that %s accepts', (shell) => {
  if (!isInstalled(shell)) return;
  const { status, stderr } = spawnSync(shell, ['-n', scripts.get(shell) ?? ''], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

const lines: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['cont'], ['context']],
  [
    ['context', ''],
    ['add', 'ls', 'rm', 'save', 'select', 'show', 'validate'],
  ],
  [['context', 'val'], ['validate']],
  [
    ['rtt', '--se'],
    ['--seed', '--server'],
  ],
  [
    ['rtt', '5', '--se'],
    ['--seed', '--server'],
  ],
  [
    ['rtt', '--context', ''],
    ['local', 'prod'],
  ],
  [['context', 'select', 'p'], ['prod']],
];

describe.skipIf(!isInstalled('bash'))('in bash', () => {
  it.each(lines)('natsx %j completes to %j', (words, expected) => {
    const typed = ['natsx', ...words].map((word) => `'${word}'`).join(' ');
    const script = `source '${scripts.get('bash') ?? ''}'
      COMP_WORDS=(${typed}); COMP_CWORD=${words.length}
      _natsx_complete
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(offered('bash', ['--norc', '-c', script])).toEqual(expected);
  });
});

describe.skipIf(!isInstalled('fish'))('in fish', () => {
  it.each(lines)('natsx %j completes to %j', (words, expected) => {
    const script = `source '${scripts.get('fish') ?? ''}'; complete -C 'natsx ${words.join(' ')}'`;
    expect(offered('fish', ['--no-config', '-c', script])).toEqual(expected);
  });
});

/** What a shell offers, without descriptions, sorted. */
function offered(shell: string, args: readonly string[]): readonly string[] {
  const said = execFileSync(shell, args, {
    encoding: 'utf8',
    env: cliEnvironment(home),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const words = said.split('\n').map((line) => line.split('\t')[0] ?? '');
  return [...new Set(words.filter((word) => word !== ''))].sort();
}
