import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { commandTable, withLazyRequires } from '../../../scripts/bundle-parts.mjs';
import { manifestTexts } from '../../../scripts/package/manifests.mjs';
import { targets, targetsNamed } from '../../../scripts/package/targets.mjs';

describe('modules of oclif that are loaded when they are needed', () => {
  const run = (code: string, modules: Record<string, object>) => {
    const loaded: string[] = [];
    const require = (name: string): unknown => {
      loaded.push(name);
      return modules[name];
    };
    const exports: Record<string, (...args: unknown[]) => unknown> = {};
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the code under test is made as a text
    new Function('require', 'exports', withLazyRequires(code))(require, exports);
    return { exports, loaded };
  };

  it('loads a module once, at its first use', () => {
    const code = `
const a_1 = require("./a");
exports.twice = () => (0, a_1.double)(2) + new a_1.Box(1).value;
exports.name_a_1 = () => 'a_1';
`;
    const a = {
      double: (value: number) => 2 * value,
      Box: class {
        readonly value = 1;
      },
    };
    const { exports, loaded } = run(code, { './a': a });
    expect(exports['name_a_1']?.()).toBe('a_1');
    expect(loaded).toEqual([]);
    expect(exports['twice']?.()).toBe(5);
    expect(exports['twice']?.()).toBe(5);
    expect(loaded).toEqual(['./a']);
  });

  it('leaves other names alone', () => {
    const code = 'const a_1 = require("./a");\nfoo.a_1.b; a_10.c; a_1.d;';
    expect(withLazyRequires(code).split('\n')[1]).toBe('foo.a_1.b; a_10.c; (a_1()).d;');
  });
});

it('the table of commands has aliases, and knows who takes arguments', () => {
  const facts = { aliases: ['stream:add'], hiddenAliases: [], args: {}, relativePath: [] };
  expect(commandTable([{ id: 'stream:create', ...facts }], (id) => `./${id}.js`)).toBe(
    'new Map([["stream:create", { id: "stream:create", takesArguments: false, load: () => import("./stream:create.js") }], ["stream:add", { id: "stream:create", takesArguments: false, load: () => import("./stream:create.js") }]])',
  );
});

describe('targets', () => {
  it('are chosen by name', () => {
    expect(targetsNamed('all')).toBe(targets);
    expect(targetsNamed('linux-x64,windows-x64').map(({ suffix }) => suffix)).toEqual(['', '.exe']);
    expect(() => targetsNamed('solaris')).toThrow(/no target solaris: linux-x64, /);
  });
});

describe('formula and manifests', () => {
  const sha256 = (file: string): string => createHash('sha256').update(file).digest('hex');
  const archive = (target: string): string =>
    `natsx-1.2.3-${target}.${target.startsWith('windows') ? 'zip' : 'tar.xz'}`;
  const url = 'https://example.org/v1.2.3';
  const texts = manifestTexts({
    ...{ version: '1.2.3', date: '2026-11-30', url, homepage: 'https://example.org' },
    ...{ sha256, archive },
  });

  it('name each archive with its checksum', () => {
    const formula = texts.get('homebrew/natsx.rb') ?? '';
    for (const target of ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']) {
      const file = archive(target);
      expect(formula).toContain(`url "${url}/${file}"\n      sha256 "${sha256(file)}"`);
    }
    const file = archive('windows-x64');
    expect(JSON.parse(texts.get('scoop/natsx.json') ?? '')).toMatchObject({
      version: '1.2.3',
      architecture: { '64bit': { url: `${url}/${file}`, hash: sha256(file) } },
    });
    expect(texts.get('winget/natsx.natsx.installer.yaml')).toContain(
      `InstallerUrl: ${url}/${file}\n    InstallerSha256: ${sha256(file).toUpperCase()}`,
    );
  });
});
