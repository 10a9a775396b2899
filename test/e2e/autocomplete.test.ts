import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { pathWithNatsx } from '../support/natsx-on-path.js';
import { cliEnvironment, emptyHome, runCli } from '../support/run-cli.js';

const shells = ['bash', 'zsh', 'fish'] as const;
const scripts = new Map<string, string>();
const home = emptyHome();
const isInstalled = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).error === undefined;
const path = pathWithNatsx(home);
const environment = () => cliEnvironment(home, { PATH: path, NATS_URL: server.url });
let server: NatsServer;

beforeAll(async () => {
  const contexts = join(home, '.config/nats/context');
  mkdirSync(contexts, { recursive: true });
  server = await startNatsServer({ jetstream: true });
  for (const line of [
    'stream create ORDERS --subjects orders.>',
    'stream create INVOICES --subjects invoices.>',
    'consumer create ORDERS billing',
    'consumer create ORDERS shipping',
  ]) {
    const { code, stderr } = await runCli([...line.split(' '), '-s', server.url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr });
  }
  writeFileSync(join(home, 'some.jsonl'), '');
  for (const name of ['prod', 'local']) writeFileSync(join(contexts, `${name}.json`), '{}');
  for (const shell of shells) {
    const { code, stdout, stderr } = await runCli(['autocomplete', shell]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const file = join(home, `natsx.${shell}`);
    writeFileSync(file, stdout);
    scripts.set(shell, file);
  }
});

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

it.each(shells.filter(isInstalled))('prints a script that %s accepts', (shell) => {
  const { status, stderr } = spawnSync(shell, ['-n', scripts.get(shell) ?? ''], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

/** What is typed, the last word being completed, and what is offered. */
const lines: readonly (readonly [typed: string, offered: readonly string[]])[] = [
  ['natsx cont', ['context']],
  ['natsx context ', ['add', 'ls', 'rm', 'save', 'select', 'show', 'validate']],
  ['natsx context val', ['validate']],
  ['natsx rtt --se', ['--seed', '--server']],
  ['natsx rtt 5 --se', ['--seed', '--server']],
  ['natsx rtt --context ', ['local', 'prod']],
  ['natsx context select p', ['prod']],
  ['natsx --json --context prod context val', ['validate']],
  ['natsx autocomplete ', ['bash', 'fish', 'zsh']],
  ['natsx stream create NEW --retention ', ['interest', 'limits', 'workqueue']],
  ['natsx sub --slow w', ['wait']],
  ['natsx backlog explain NO_CL', ['NO_CLIENT']],
  ['natsx doctor explain SYNC', ['SYNC_INTERVAL_LAZY']],
  ['natsx record some', ['some.jsonl']],
  ['natsx history ls some', ['some.jsonl']],
  // From the server.
  ['natsx stream info ', ['INVOICES', 'ORDERS']],
  ['natsx stream purge O', ['ORDERS']],
  ['natsx consumer info ORDERS ', ['billing', 'shipping']],
  ['natsx consumer info ORDERS b', ['billing']],
  ['natsx backlog check ', ['INVOICES', 'ORDERS']],
  ['natsx sub --stream ', ['INVOICES', 'ORDERS']],
  ['natsx sub --stream ORDERS --durable s', ['shipping']],
  // Never the names of files.
  ['natsx pub some', []],
  ['natsx stream create some', []],
  ['natsx rtt --user some', []],
  ['natsx stream info some', []],
];

/** Prints what a shell offers for the command line `$line`. */
const offer: Readonly<Record<string, (script: string, line: string) => readonly string[]>> = {
  bash: (script, line) => [
    '--norc',
    '-c',
    `source '${script}'
     COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}
     _natsx_complete
     printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  zsh: (script, line) => [
    '-f',
    '-c',
    `autoload -U compinit; compinit -u -D; source '${script}'
     [[ "\${_comps[natsx]}" == _natsx ]] || exit 1
     words=("\${(@s. .)\${:-${line}}}"); CURRENT=$#words
     compset() { [[ -prefix '*=' ]]; }
     _files() { print -l -- \${words[CURRENT]}*(N); }
     _describe() { print -l -- "\${described[@]%%:*}" | grep -- "^\${words[CURRENT]}"; }
     _natsx || true`,
  ],
  fish: (script, line) => ['--no-config', '-c', `source '${script}'; complete -C '${line}'`],
};

describe.each(shells)('in %s', (shell) => {
  it.skipIf(!isInstalled(shell)).each(lines)('%j completes to %j', (line, expected) => {
    const args = offer[shell]?.(scripts.get(shell) ?? '', line) ?? [];
    expect(offered(shell, args)).toEqual(expected);
  });

  it.skipIf(!isInstalled(shell))('without a server offers nothing and says nothing', () => {
    const args = offer[shell]?.(scripts.get(shell) ?? '', 'natsx stream info ') ?? [];
    const { stdout, stderr } = spawnSync(shell, args, {
      cwd: home,
      encoding: 'utf8',
      env: { ...environment(), NATS_URL: 'nats://127.0.0.1:1' },
    });
    expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: '', stderr: '' });
  });
});

it('the names of streams are kept for a moment', async () => {
  const options = { home: emptyHome() };
  const args = ['complete', 'streams', '-s', server.url];
  expect((await runCli(args, options)).stdout).toBe('INVOICES\nORDERS\n');
  await runCli(['stream', 'create', 'LATER', '--subjects', 'later', '-s', server.url], options);
  expect((await runCli(args, options)).stdout).toBe('INVOICES\nORDERS\n');
  const fresh = await runCli(args, { home: emptyHome() });
  expect(fresh.stdout).toBe('INVOICES\nLATER\nORDERS\n');
  await runCli(['stream', 'rm', 'LATER', '--yes', '-s', server.url], options);
});

/** What a shell offers, without descriptions, sorted. */
function offered(shell: string, args: readonly string[]): readonly string[] {
  const said = execFileSync(shell, args, {
    cwd: home,
    encoding: 'utf8',
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const words = said.split('\n').map((line) => line.split('\t')[0] ?? '');
  return [...new Set(words.filter((word) => word !== ''))].sort();
}
