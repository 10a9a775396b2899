import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { expect, it } from 'vitest';

import { startNatsServer } from '../support/nats-server.js';
import { runCli } from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';

/** The executables know it, whatever runs the tests. */
const knowsZstd = 'createZstdCompress' in zlib || process.env['NATSX_PROGRAM'] !== undefined;
const lines = Array.from({ length: 5_000 }, (_, at) => `message ${at + 1}`).join('\n');

async function serverWithStreams(): Promise<string> {
  const { url } = await startNatsServer({ jetstream: true });
  for (const name of ['FROM', 'TO']) {
    const subjects = `${name.toLowerCase()}.>`;
    const made = await runCli(['stream', 'create', name, '--subjects', subjects, '-s', url]);
    expect(made.code).toBe(0);
  }
  const filled = await runCli(['pub', 'from.a', '-J', '--lines', '-s', url], { stdin: lines });
  expect(filled.code).toBe(0);
  return url;
}

it.each([['gz'], ...(knowsZstd ? [['zst']] : [])])(
  'a recording that ends with .%s is compressed, and gives the same messages',
  async (ending) => {
    const url = await serverWithStreams();
    const folder = temporaryFolder('compressed');
    const file = join(folder, `from.jsonl.${ending}`);
    const record = (path: string, stream: string) =>
      runCli(['record', path, '--stream', stream, '-s', url]);
    expect(await record(file, 'FROM')).toMatchObject({ code: 0 });
    const replayed = await runCli(['replay', file, '-J', '--map', 'from.>=to.>', '-s', url]);
    expect(replayed).toMatchObject({ code: 0 });
    const copy = join(folder, 'to.jsonl');
    expect(await record(copy, 'TO')).toMatchObject({ code: 0 });
    const texts = readFileSync(copy, 'utf8').trimEnd().split('\n').slice(1);
    expect(readFileSync(file).length).toBeLessThan(readFileSync(copy).length / 2);
    const payloads = texts.map((text) => (JSON.parse(text) as { payload: string }).payload);
    expect(payloads.join('\n')).toBe(lines);
  },
);

it.skipIf(knowsZstd)('says that this Node.js is too old for .zst, before it connects', async () => {
  const folder = temporaryFolder('compressed');
  const file = join(folder, 'a.zst');
  const nowhere = ['-s', 'nats://127.0.0.1:1'];
  const recorded = await runCli(['record', file, '--stream', 'S', ...nowhere]);
  const replayed = await runCli(['replay', file, ...nowhere]);
  for (const { code, stderr } of [recorded, replayed]) {
    expect(code).toBe(2);
    expect(stderr).toContain('does not support zstd');
    expect(stderr).toContain('.gz');
  }
  expect(existsSync(file)).toBe(false);
});

it.skipIf(!knowsZstd)('refuses to continue a .zst recording, and leaves it as it was', async () => {
  const url = await serverWithStreams();
  const file = join(temporaryFolder('compressed'), 'from.jsonl.zst');
  const record = (...flags: readonly string[]) =>
    runCli(['record', file, '--stream', 'FROM', ...flags, '-s', url]);
  expect(await record('--count', '10')).toMatchObject({ code: 0 });
  const before = readFileSync(file);
  const { code, stderr } = await record('--resume');
  expect(code).toBe(2);
  expect(stderr).toContain('cannot continue');
  expect(stderr).toContain('.gz');
  expect(readFileSync(file).equals(before)).toBe(true);
});
