import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { constants, gunzipSync, gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { recordingLines } from '../../../src/app/recording-lines.js';

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
});
