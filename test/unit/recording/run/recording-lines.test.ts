import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { constants, gunzipSync, gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { recordingLines } from '../../../../src/recording/run/recording-lines.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'natsx-lines-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Hexadecimal digits: a half of their size is all that compression can do. */
const text = Array.from({ length: 40_000 }, () => `${randomBytes(40).toString('hex')}\n`).join('');

async function read(path: string, slowly: boolean) {
  const lines: string[] = [];
  let cut = false;
  for await (const found of recordingLines(path)) {
    cut ||= found.cutOff;
    lines.push(...found.lines.map((line) => line.toString()));
    if (slowly) for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  }
  return { lines, cut };
}

describe('the lines of a compressed file', () => {
  it.each([false, true])('are all that was compressed (slowly: %s)', async (slowly) => {
    const path = join(folder, 'whole.gz');
    writeFileSync(path, Buffer.concat([gzipSync(text), gzipSync('the last\n')]));
    const { lines, cut } = await read(path, slowly);
    expect(cut).toBe(false);
    expect(`${lines.join('\n')}\n`).toBe(`${text}the last\n`);
  });

  it.each([false, true])('are all that is left of it (slowly: %s)', async (slowly) => {
    const path = join(folder, 'cut.gz');
    const whole = gzipSync(text);
    const rest = whole.subarray(0, Math.floor(whole.length * 0.7));
    writeFileSync(path, rest);
    const left = gunzipSync(rest, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
    const { lines, cut } = await read(path, slowly);
    expect(cut).toBe(true);
    expect(`${lines.join('\n')}\n`).toBe(left.slice(0, left.lastIndexOf('\n') + 1));
  });

  it('are refused where it is not compressed at all', async () => {
    const path = join(folder, 'plain.gz');
    writeFileSync(path, 'two lines\nof text\n');
    await expect(read(path, false)).rejects.toThrow(/cannot read .*plain\.gz.*header/);
  });
});

/** Node has zstd from 22.15 on; the types are those of an older one. */
const zstd = (zlib as { readonly zstdCompressSync?: (data: string) => Buffer }).zstdCompressSync;

describe.skipIf(zstd === undefined)('the lines of a file compressed with zstd', () => {
  it.each([false, true])('are all that was compressed (slowly: %s)', async (slowly) => {
    const path = join(folder, 'whole.zst');
    writeFileSync(path, zstd!(text));
    const { lines, cut } = await read(path, slowly);
    expect(cut).toBe(false);
    expect(`${lines.join('\n')}\n`).toBe(text);
  });

  it.each([1, 65_536, 200_000])('are whole before an empty frame: %s lines', async (count) => {
    const path = join(folder, 'empty-frame.zst');
    const lines = Array.from({ length: count }, (_, at) => `line ${at}\n`).join('');
    writeFileSync(path, Buffer.concat([zstd!(lines), zstd!('')]));
    const found = await read(path, false);
    expect(found.cut).toBe(false);
    expect(`${found.lines.join('\n')}\n`).toBe(lines);
  });

  it.each([
    ['within the last read', 'short\n', 'the last\n'],
    ['in a later read', text, text],
  ])('are refused after the first of several frames: %s', async (_, first, second) => {
    const path = join(folder, 'frames.zst');
    writeFileSync(path, Buffer.concat([zstd!(first), zstd!(second)]));
    await expect(read(path, false)).rejects.toThrow(/cannot read all of .* several zstd frames/);
  });

  it.each([false, true])('are what is left of it (slowly: %s)', async (slowly) => {
    const path = join(folder, 'cut.zst');
    const whole = zstd!(text);
    writeFileSync(path, whole.subarray(0, whole.length * 0.7));
    const { lines, cut } = await read(path, slowly);
    expect(cut).toBe(true);
    const left = `${lines.join('\n')}\n`;
    expect(left.length).toBeGreaterThan(text.length / 2);
    expect(text.startsWith(left)).toBe(true);
  });
});
