import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/shut-down.js';

/**
 * The rules of rooms and doors, tried on a skeleton: one file for each import, and the one rule that must report it.
 * `ok` is an import that no rule may report.
 */
const imports: readonly (readonly [place: string, statement: string, rule: string])[] = [
  ['core', `import '../core/thing.js'`, 'ok'],
  ['core', `import 'node:crypto'`, 'core'],
  ['core', `import type { Stats } from 'node:fs'`, 'core'],
  ['core', `import 'chalk'`, 'core'],
  ['core', `import '../connection/thing.js'`, 'core'],
  ['connection', `import '@nats-io/transport-node'`, 'ok'],
  ['connection', `import '@nats-io/jetstream'`, 'ok'],
  ['connection', `import 'node:fs/promises'`, 'ok'],
  ['connection', `import '../core/thing.js'`, 'ok'],
  ['connection', `import '../wire/thing.js'`, 'connection'],
  ['connection', `import '@oclif/core'`, 'connection'],
  ['connection/model', `import '../../core/thing.js'`, 'ok'],
  ['connection/model', `import 'node:fs'`, 'connection-model'],
  ['connection/model', `import '../thing.js'`, 'connection-model'],
  ['wire', `import '../core/thing.js'`, 'ok'],
  ['wire', `import '../connection/thing.js'`, 'ok'],
  ['wire', `import 'node:net'`, 'ok'],
  ['wire', `import '@nats-io/nkeys'`, 'ok'],
  ['wire', `import '@nats-io/transport-node'`, 'wire'],
  ['wire', `import '../terminal/thing.js'`, 'wire'],
  ['wire', `import 'node:child_process'`, 'wire'],
  ['terminal', `import '../wire/thing.js'`, 'ok'],
  ['terminal', `import '@oclif/core'`, 'ok'],
  ['terminal', `import 'node:process'`, 'ok'],
  ['terminal', `import '@nats-io/transport-node'`, 'terminal'],
  ['terminal', `import '../messaging/model/thing.js'`, 'terminal'],
  ['terminal/text', `import 'chalk'`, 'ok'],
  ['terminal/text', `import 'cli-table3'`, 'ok'],
  ['terminal/text', `import '../thing.js'`, 'text-is-pure'],
  ['terminal/text', `import 'node:fs'`, 'text-is-pure'],
  ['streams/model', `import '../../core/thing.js'`, 'ok'],
  ['streams/model', `import '../../messaging/model/thing.js'`, 'ok'],
  ['streams/model', `import '../run/thing.js'`, 'streams-model'],
  ['streams/model', `import 'node:crypto'`, 'streams-model'],
  ['messaging/model', `import '../../streams/model/thing.js'`, 'messaging-model'],
  ['streams/view', `import '../model/thing.js'`, 'ok'],
  ['streams/view', `import '../../terminal/text/thing.js'`, 'ok'],
  ['streams/view', `import '../../terminal/thing.js'`, 'streams-view'],
  ['streams/view', `import '../run/thing.js'`, 'streams-view'],
  ['streams/view', `import 'node:fs'`, 'streams-view'],
  ['streams/run', `import '../model/thing.js'`, 'ok'],
  ['streams/run', `import '../../messaging/run/thing.js'`, 'ok'],
  ['streams/run', `import '../../wire/thing.js'`, 'ok'],
  ['streams/run', `import type { T } from '@nats-io/transport-node'`, 'ok'],
  ['streams/run', `import '@nats-io/transport-node'`, 'streams-run-types-only'],
  ['streams/run', `import '../view/thing.js'`, 'streams-run'],
  ['streams/run', `import type { thing } from '../view/thing.js'`, 'streams-run'],
  ['streams/run', `import '../../terminal/text/thing.js'`, 'streams-run'],
  ['streams/run', `import '../../backlog/run/thing.js'`, 'streams-run'],
  ['streams/run', `import 'node:process'`, 'streams-run'],
  ['streams/run', `import '@oclif/core'`, 'streams-run'],
  ['streams/flags', `import '@oclif/core'`, 'ok'],
  ['streams/flags', `import '../../terminal/thing.js'`, 'ok'],
  ['streams/flags', `import '../run/thing.js'`, 'streams-flags'],
  ['streams/flags', `import '../console/thing.js'`, 'streams-flags'],
  ['streams/console', `import '../run/thing.js'`, 'ok'],
  ['streams/console', `import '../view/thing.js'`, 'ok'],
  ['streams/console', `import 'node:fs'`, 'ok'],
  ['streams/console', `import '../../commands/thing.js'`, 'streams-console'],
  ['bench/run', `import 'node:worker_threads'`, 'ok'],
  ['bench/run', `import '../../backlog/run/thing.js'`, 'bench-run'],
  ['backlog/model', `import '../../bench/model/thing.js'`, 'backlog-model'],
  ['verify/run', `import '../../bench/run/thing.js'`, 'ok'],
  ['verify/model', `import '../../doctor/model/thing.js'`, 'verify-model'],
  ['commands', `import '../terminal/thing.js'`, 'ok'],
  ['commands', `import '../streams/run/thing.js'`, 'ok'],
  ['commands', `import '../core/thing.js'`, 'ok'],
  ['commands', `import '@oclif/core'`, 'ok'],
  ['commands', `import '../connection/thing.js'`, 'commands'],
  ['commands', `import '../wire/thing.js'`, 'commands'],
  ['commands', `import '@nats-io/transport-node'`, 'commands'],
  ['commands', `import 'node:fs'`, 'commands'],
  ['commands', `import './thing.js'`, 'commands-apart'],
  ['core', `import './utils.js'`, 'no-drawers'],
  ['core', `import './helpers/thing.js'`, 'no-drawers'],
  ['core', `import './folder/index.js'`, 'no-barrels'],
  ['wire', `import '../../test/support/thing.js'`, 'src-without-tests'],
];

const features = ['messaging', 'streams', 'recording', 'backlog', 'bench', 'verify', 'doctor'];
const doors = ['flags', 'run', 'model', 'view', 'console'];
const places = [
  ...['core', 'connection', 'connection/model', 'wire', 'terminal', 'terminal/text', 'commands'],
  ...features.flatMap((feature) => doors.map((door) => `${feature}/${door}`)),
];
const packages = [
  ...['chalk', 'cli-table3', 'string-width', '@oclif/core'],
  ...['@nats-io/transport-node', '@nats-io/jetstream', '@nats-io/nkeys'],
];
const root = join(import.meta.dirname, '../..');

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

function write(folder: string, path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** What dependency-cruiser says about a tree, as `file → rules`, sorted. */
async function judge(folder: string): Promise<Record<string, string[]>> {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = ['src', '--config', join(root, '.dependency-cruiser.cjs'), '--output-type', 'json'];
  // With this output the exit code is 0 whatever was found.
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
    cwd: folder,
    maxBuffer: 1 << 26,
  });
  const { summary } = JSON.parse(stdout) as { summary: { violations: Violation[] } };
  const found: Record<string, string[]> = {};
  for (const { from, rule } of summary.violations) (found[from] ??= []).push(rule.name);
  return found;
}

function skeleton(): string {
  const folder = temporaryFolder('layers');
  write(folder, 'tsconfig.json', '{ "compilerOptions": { "module": "NodeNext" } }');
  write(folder, 'package.json', '{ "type": "module" }');
  for (const name of packages) {
    const manifest = { name, version: '1.0.0', type: 'module', exports: './main.js' };
    write(folder, `node_modules/${name}/package.json`, JSON.stringify(manifest));
    write(folder, `node_modules/${name}/main.js`, 'export const T = 1;');
  }
  const things = [
    ...places.map((place) => `src/${place}/thing.ts`),
    ...['src/core/utils.ts', 'src/core/helpers/thing.ts', 'src/core/folder/index.ts'],
    'test/support/thing.ts',
  ];
  for (const path of things) write(folder, path, 'export const thing = 1;\n');
  // Something of each place is used, so that nothing here is an orphan.
  for (const place of places) write(folder, `src/${place}/user.ts`, `import './thing.js';\n`);
  return folder;
}

test('each forbidden import is reported by the rule meant for it, and no other is', async () => {
  const folder = skeleton();
  const expected: Record<string, string[]> = { 'src/commands/user.ts': ['commands-apart'] };
  for (const [number, [place, statement, rule]] of imports.entries()) {
    const path = `src/${place}/case-${number}.ts`;
    write(folder, path, `${statement};\n`);
    if (rule !== 'ok') expected[path] = [rule];
  }
  expect(await judge(folder)).toEqual(expected);
});

test('cycles, orphans, strays and names that lead nowhere are reported', async () => {
  const folder = skeleton();
  write(folder, 'src/commands/user.ts', '');
  write(folder, 'src/commands/thing.ts', '');
  write(folder, 'src/core/first.ts', `import './second.js';\n`);
  write(folder, 'src/core/second.ts', `import './first.js';\n`);
  write(folder, 'src/streams/run/alone.ts', 'export const alone = 1;\n');
  write(folder, 'src/stray.ts', `import './core/thing.js';\n`);
  write(folder, 'src/streams/stray.ts', `import '../core/thing.js';\n`);
  write(folder, 'src/connection/lost.ts', `import './nowhere.js';\n`);
  expect(await judge(folder)).toEqual({
    'src/core/first.ts': ['no-cycles'],
    'src/core/helpers/thing.ts': ['no-orphans'],
    'src/core/utils.ts': ['no-orphans'],
    'src/core/folder/index.ts': ['no-orphans'],
    'src/streams/run/alone.ts': ['no-orphans'],
    'src/stray.ts': ['no-strays'],
    'src/streams/stray.ts': ['no-strays'],
    'src/connection/lost.ts': ['resolvable'],
  });
});
