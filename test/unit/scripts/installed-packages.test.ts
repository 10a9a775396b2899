import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { packagesAreInstalled, packagesAreLinked } from '../../../scripts/installed-packages.mjs';

type Packages = Readonly<Record<string, { version?: string; optional?: boolean }>>;

const wanted: Packages = {
  '': {},
  'node_modules/a': { version: '1.0.0' },
  'node_modules/only-there': { version: '2.0.0', optional: true },
};

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'natsx-packages-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

function project(installed: Packages | string | undefined): string {
  const root = folder();
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: wanted }));
  if (installed === undefined) return root;
  mkdirSync(join(root, 'node_modules'));
  const text = typeof installed === 'string' ? installed : JSON.stringify({ packages: installed });
  writeFileSync(join(root, 'node_modules/.package-lock.json'), text);
  return root;
}

it.each<[string, Packages | string | undefined, boolean]>([
  ['nothing', undefined, false],
  ['the start of a record', '{"packages": {"node_mod', false],
  ['everything', wanted, true],
  ['all but what is for other machines', { 'node_modules/a': { version: '1.0.0' } }, true],
  ['another version', { 'node_modules/a': { version: '1.0.1' } }, false],
  [
    'another version of what is optional',
    { 'node_modules/a': { version: '1.0.0' }, 'node_modules/only-there': { version: '2.0.1' } },
    false,
  ],
  ['too little', { 'node_modules/only-there': { version: '2.0.0' } }, false],
])('knows whether %s is enough', (_, installed, enough) => {
  expect(packagesAreInstalled(project(installed))).toBe(enough);
});

it('does not go by the times of files', () => {
  const root = project(wanted);
  utimesSync(join(root, 'node_modules/.package-lock.json'), 1, 1);
  expect(packagesAreInstalled(root)).toBe(true);
});

it('sees a link for what it is, and what it leads to', () => {
  const elsewhere = project(wanted);
  const root = project(undefined);
  expect(packagesAreLinked(root)).toBe(false);
  symlinkSync(join(elsewhere, 'node_modules'), join(root, 'node_modules'));
  expect(packagesAreLinked(root)).toBe(true);
  expect(packagesAreInstalled(root)).toBe(true);
});
