import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

import { serverBinary } from '../support/server-version.js';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** Without the official tool: only natsx runs. */
async function versus(...args: string[]) {
  const env = {
    ...process.env,
    NATSX_NATS_SERVER: await serverBinary(),
    NATSX_PEER: join(root, 'missing'),
  };
  return run(process.execPath, [join(root, 'bench/versus.mjs'), ...args], { env });
}

it('runs natsx in comparisons of every kind, and checks what arrived', async () => {
  const only = ['--only', 'sub,pub-lines,pub-js-ids,start-up,stream,bench-pub-16b,bench-request'];
  const { stdout: listed } = await versus('--list', ...only);
  const names = listed.match(/^\S+$/gm);
  const { stdout } = await versus('--rounds', '1', '--scale', '0.001', '--json', ...only);
  const { results } = JSON.parse(stdout) as {
    results: { name: string; natsx: { median: number }; ratio?: { median: number } }[];
  };
  expect(results.map(({ name }) => name)).toEqual(names);
  expect(results.filter(({ natsx }) => !(natsx.median > 0))).toEqual([]);
  expect(results.filter(({ ratio }) => ratio !== undefined).map(({ name }) => name)).toEqual([
    'start-up',
  ]);
});

it('knows every comparison that the documentation names, and no other', async () => {
  const text = readFileSync(join(root, 'docs/performance.md'), 'utf8');
  const named = [...text.matchAll(/versus\.mjs --only (?<name>[a-z][\w,-]*)/g)].map(
    ({ groups }) => groups?.['name'] ?? '',
  );
  expect(named).not.toEqual([]);
  for (const name of named) expect((await versus('--list', '--only', name)).stdout).not.toBe('');
  await expect(versus('--list', '--only', 'none')).rejects.toMatchObject({ code: 2 });
});
