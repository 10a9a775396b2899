import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly inBundle?: boolean;
}

const text = readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8');
const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Locked>> };
const foreign = Object.entries(packages).filter(([path]) => path !== '');

it('names checksums, and not the place that somebody happened to install from', () => {
  expect(foreign.length).toBeGreaterThan(100);
  expect(foreign.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  expect(
    foreign.filter(([, { integrity, inBundle = false }]) => integrity === undefined && !inBundle),
  ).toEqual([]);
});
