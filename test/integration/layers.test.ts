import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/shut-down.js';

/**
 * The layer rules, tried on a skeleton: one file for each import, and the one rule that must report it. `ok` stands for
 * an import that no rule may report.
 */
const imports: readonly (readonly [layer: string, statement: string, rule: string])[] = [
  ['domain', `import '../domain/thing.js'`, 'ok'],
  ['domain', `import 'node:crypto'`, 'domain-layer'],
  ['domain', `import type { Stats } from 'node:fs'`, 'domain-layer-types'],
  ['domain', `import 'chalk'`, 'domain-layer'],
  ['domain', `import '../render/thing.js'`, 'domain-layer'],
  ['render', `import '../domain/thing.js'`, 'ok'],
  ['render', `import 'chalk'`, 'ok'],
  ['render', `import 'cli-table3'`, 'ok'],
  ['render', `import 'string-width'`, 'ok'],
  ['render', `import 'node:fs'`, 'render-layer'],
  ['render', `import '../nats/thing.js'`, 'render-layer'],
  ['render', `import '@nats-io/transport-node'`, 'render-layer'],
  ['wire', `import '../domain/thing.js'`, 'ok'],
  ['wire', `import 'node:net'`, 'ok'],
  ['wire', `import 'node:tls'`, 'ok'],
  ['wire', `import '@nats-io/nkeys'`, 'ok'],
  ['wire', `import '@nats-io/transport-node'`, 'wire-layer'],
  ['wire', `import '../nats/thing.js'`, 'wire-layer'],
  ['wire', `import 'node:child_process'`, 'wire-layer'],
  ['nats', `import '@nats-io/transport-node'`, 'ok'],
  ['nats', `import '@nats-io/jetstream'`, 'ok'],
  ['nats', `import 'node:fs/promises'`, 'ok'],
  ['nats', `import '../domain/thing.js'`, 'ok'],
  ['nats', `import '../wire/thing.js'`, 'nats-layer'],
  ['nats', `import '../app/thing.js'`, 'nats-layer'],
  ['nats', `import '@oclif/core'`, 'nats-layer'],
  ['app', `import '../domain/thing.js'`, 'ok'],
  ['app', `import '../nats/thing.js'`, 'ok'],
  ['app', `import '../wire/thing.js'`, 'ok'],
  ['app', `import type { T } from '@nats-io/transport-node'`, 'ok'],
  ['app', `import '@nats-io/transport-node'`, 'app-types-only'],
  ['app', `import '../render/thing.js'`, 'app-layer'],
  ['app', `import type { thing } from '../render/thing.js'`, 'app-layer-types'],
  ['app', `import '../bench/thing.js'`, 'app-layer'],
  ['app', `import '../cli/thing.js'`, 'app-layer'],
  ['app', `import 'node:process'`, 'app-layer'],
  ['app', `import '@oclif/core'`, 'app-layer'],
  ['bench', `import '../wire/thing.js'`, 'ok'],
  ['bench', `import '../nats/thing.js'`, 'ok'],
  ['bench', `import 'node:worker_threads'`, 'ok'],
  ['bench', `import 'node:perf_hooks'`, 'ok'],
  ['bench', `import type { T } from '@nats-io/jetstream'`, 'ok'],
  ['bench', `import '@nats-io/jetstream'`, 'bench-types-only'],
  ['bench', `import '../app/thing.js'`, 'bench-layer'],
  ['bench', `import '../render/thing.js'`, 'bench-layer'],
  ['bench', `import 'node:http'`, 'bench-layer'],
  ['cli', `import '../nats/thing.js'`, 'ok'],
  ['cli', `import '../render/thing.js'`, 'ok'],
  ['cli', `import '@oclif/core'`, 'ok'],
  ['cli', `import 'node:process'`, 'ok'],
  ['cli', `import '../app/thing.js'`, 'cli-layer'],
  ['cli', `import '../bench/thing.js'`, 'cli-layer'],
  ['cli', `import '../commands/thing.js'`, 'cli-layer'],
  ['cli', `import '@nats-io/transport-node'`, 'cli-layer'],
  ['commands', `import '../cli/thing.js'`, 'ok'],
  ['commands', `import '../app/thing.js'`, 'ok'],
  ['commands', `import '../bench/thing.js'`, 'ok'],
  ['commands', `import '../render/thing.js'`, 'ok'],
  ['commands', `import '../domain/thing.js'`, 'ok'],
  ['commands', `import '@oclif/core'`, 'ok'],
  ['commands', `import '../nats/thing.js'`, 'commands-layer'],
  ['commands', `import '../wire/thing.js'`, 'commands-layer'],
  ['commands', `import '@nats-io/transport-node'`, 'commands-layer'],
  ['commands', `import 'node:fs'`, 'commands-layer'],
  ['commands', `import './thing.js'`, 'commands-apart'],
  ['domain', `import './utils.js'`, 'no-drawers'],
  ['domain', `import './helpers/thing.js'`, 'no-drawers'],
  ['domain', `import './folder/index.js'`, 'no-barrels'],
  ['wire', `import '../../test/support/thing.js'`, 'src-without-tests'],
];

const layers = ['domain', 'render', 'wire', 'nats', 'app', 'bench', 'cli', 'commands'];
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
    ...layers.map((layer) => `src/${layer}/thing.ts`),
    ...['src/domain/utils.ts', 'src/domain/helpers/thing.ts', 'src/domain/folder/index.ts'],
    'test/support/thing.ts',
  ];
  for (const path of things) write(folder, path, 'export const thing = 1;\n');
  // Something of each layer is used, so that nothing here is an orphan.
  for (const layer of layers) write(folder, `src/${layer}/user.ts`, `import './thing.js';\n`);
  return folder;
}

test('each forbidden import is reported by the rule meant for it, and no other is', async () => {
  const folder = skeleton();
  const expected: Record<string, string[]> = { 'src/commands/user.ts': ['commands-apart'] };
  for (const [place, [layer, statement, rule]] of imports.entries()) {
    const path = `src/${layer}/case-${place}.ts`;
    write(folder, path, `${statement};\n`);
    if (rule !== 'ok') expected[path] = [rule];
  }
  expect(await judge(folder)).toEqual(expected);
});

test('cycles, orphans, strays and names that lead nowhere are reported', async () => {
  const folder = skeleton();
  write(folder, 'src/commands/user.ts', '');
  write(folder, 'src/commands/thing.ts', '');
  write(folder, 'src/domain/first.ts', `import './second.js';\n`);
  write(folder, 'src/domain/second.ts', `import './first.js';\n`);
  write(folder, 'src/app/alone.ts', 'export const alone = 1;\n');
  write(folder, 'src/stray.ts', `import './domain/thing.js';\n`);
  write(folder, 'src/nats/lost.ts', `import './nowhere.js';\n`);
  expect(await judge(folder)).toEqual({
    'src/domain/first.ts': ['no-cycles'],
    'src/domain/helpers/thing.ts': ['no-orphans'],
    'src/domain/utils.ts': ['no-orphans'],
    'src/domain/folder/index.ts': ['no-orphans'],
    'src/app/alone.ts': ['no-orphans'],
    'src/stray.ts': ['no-strays'],
    'src/nats/lost.ts': ['resolvable'],
  });
});
