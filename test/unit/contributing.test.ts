import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
const quoted = [...text.matchAll(/`([^`\s]+)`/g)].map((match) => match[1]!);

test('every file that CONTRIBUTING.md names is there', () => {
  const files = quoted.filter((word) => /^(src|scripts|test)\/[^<]*\.\w+$/.test(word));
  expect(files.length).toBeGreaterThan(3);
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test('every file of test/support that it describes is there', () => {
  const files = quoted.filter((word) => /^[\w-]+\.ts$/.test(word));
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((file) => !existsSync(join(root, 'test/support', file)))).toEqual([]);
});

test('every npm script that it names is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...text.matchAll(/`npm run ([\w:]+)/g)].map((match) => match[1]!);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});
