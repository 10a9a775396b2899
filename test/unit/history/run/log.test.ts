import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ScanWindow } from '../../../../src/backlog/model/series.js';
import { frameBytes, readFrames } from '../../../../src/history/model/frame.js';
import { WindowJoiner, WindowSplitter } from '../../../../src/history/model/window-trees.js';
import { HistoryLog } from '../../../../src/history/run/log-reader.js';
import { LogWriter, prepareFolder } from '../../../../src/history/run/log-writer.js';
import { temporaryFolder } from '../../../support/shut-down.js';
import { EVERY_MS, windowAt } from '../support.js';

const limits = { keepMs: 7 * 86_400_000, maxBytes: 1e9 };

async function write(dir: string, from: number, to: number, chosen = limits): Promise<LogWriter> {
  await prepareFolder(dir);
  const writer = await LogWriter.open(dir, chosen);
  const splitter = new WindowSplitter();
  for (let reading = from; reading < to; reading += 1) {
    const window = windowAt(reading);
    const trees = splitter.split(window, writer.isAtStart);
    await writer.append(trees, {
      atMs: window.atMs,
      everyMs: EVERY_MS,
      wasDisconnected: false,
    });
  }
  await writer.close();
  return writer;
}

async function windowsOf(dir: string): Promise<{ windows: ScanWindow[]; log: HistoryLog }> {
  const log = await HistoryLog.open(dir);
  const joiner = new WindowJoiner();
  const windows: ScanWindow[] = [];
  for await (const { trees } of log.readings({})) windows.push(joiner.join(trees));
  return { windows, log };
}

const byCid = (window: ScanWindow): ScanWindow => ({
  ...window,
  core: {
    ...window.core,
    closed: window.core.closed?.toSorted((a, b) => a.cid - b.cid),
  },
});

describe('a history', () => {
  it('gives back every window as it was, from blocks and from single readings', async () => {
    const dir = temporaryFolder('history');
    await write(dir, 0, 70);
    expect(readdirSync(dir).toSorted()).toEqual(['history-000000000001.nxh', 'tail.nxh']);
    const { windows, log } = await windowsOf(dir);
    expect(windows.map(byCid)).toEqual(
      Array.from({ length: 70 }, (_, reading) => byCid(windowAt(reading))),
    );
    expect(log.coverage).toMatchObject({
      fromMs: windowAt(0).atMs,
      toMs: windowAt(69).atMs,
      gaps: [],
      damaged: 0,
      readings: 70,
    });
  });

  it('goes on where it ends, and says what it missed', async () => {
    const dir = temporaryFolder('history');
    await write(dir, 0, 3);
    await write(dir, 10, 13);
    const { windows, log } = await windowsOf(dir);
    expect(windows.map(({ atMs }) => atMs)).toEqual(
      [0, 1, 2, 10, 11, 12].map((reading) => windowAt(reading).atMs),
    );
    expect(log.coverage.gaps).toEqual([
      { fromMs: windowAt(2).atMs, toMs: windowAt(10).atMs, reason: 'stopped' },
    ]);
  });

  it('survives an end at any byte of its last readings', async () => {
    const dir = temporaryFolder('history');
    await write(dir, 0, 2);
    const tail = join(dir, 'tail.nxh');
    const before = statSync(tail).size;
    await write(dir, 2, 3);
    const whole = readFileSync(tail);
    for (let length = 0; length < whole.length; length += length < before ? 97 : 1) {
      writeFileSync(tail, whole.subarray(0, length));
      const { coverage } = await HistoryLog.open(dir);
      expect(coverage.damaged).toBe(0);
      if (length >= before) expect(coverage.readings).toBe(2);
    }
    const { readings } = await write(dir, 3, 4);
    expect(readings).toBe(1);
    const { windows, log } = await windowsOf(dir);
    expect(windows.map(({ atMs }) => atMs)).toEqual([0, 1, 3].map((one) => windowAt(one).atMs));
    expect(log.coverage.damaged).toBe(0);
  });

  it('loses nothing when it is killed while it makes a block, at any byte', async () => {
    const dir = temporaryFolder('history');
    await write(dir, 0, 63);
    const before = readFileSync(join(dir, 'tail.nxh'));
    await write(dir, 63, 64);
    const [name = ''] = readdirSync(dir).filter((one) => one.startsWith('history-'));
    const block = readFileSync(join(dir, name));
    // The reading that filled the tail is in it before the block is begun.
    const alone = temporaryFolder('history');
    await write(alone, 63, 64);
    const last = readFileSync(join(alone, 'tail.nxh')).subarray('natsx.history/1\n'.length);
    const renumbered = frameBytes({ ...readFrames(last).frames[0]!, first: 64 });
    const tail = Buffer.concat([before, renumbered]);
    const all = Array.from({ length: 64 }, (_, reading) => windowAt(reading).atMs);
    const killed = temporaryFolder('history');
    for (let length = 0; length <= block.length; length += length < 20 ? 1 : 997) {
      writeFileSync(join(killed, 'tail.nxh'), tail);
      writeFileSync(join(killed, name), block.subarray(0, length));
      const { windows, log } = await windowsOf(killed);
      expect({ length, read: windows.map(({ atMs }) => atMs) }).toEqual({ length, read: all });
      expect(log.coverage).toMatchObject({ damaged: 0, gaps: [] });
    }
    for (const length of [0, 9, 16, 100, block.length - 1, block.length]) {
      writeFileSync(join(killed, 'tail.nxh'), tail);
      writeFileSync(join(killed, name), block.subarray(0, length));
      await write(killed, 64, 66);
      const { windows, log } = await windowsOf(killed);
      expect(windows.map(({ atMs }) => atMs)).toEqual([
        ...all,
        windowAt(64).atMs,
        windowAt(65).atMs,
      ]);
      expect(log.coverage).toMatchObject({ damaged: 0, readings: 66 });
    }
  });

  it('reads everything but the reading whose bits were changed', async () => {
    const dir = temporaryFolder('history');
    await write(dir, 0, 5);
    const tail = join(dir, 'tail.nxh');
    const whole = readFileSync(tail);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 'natsx.history/1\n'.length, max: whole.length - 1 }),
        fc.integer({ min: 0, max: 7 }),
        async (at, bit) => {
          const spoilt = Buffer.from(whole);
          spoilt[at] = (spoilt[at] ?? 0) ^ (1 << bit);
          writeFileSync(tail, spoilt);
          const { windows, log } = await windowsOf(dir);
          expect(windows.length).toBe(4);
          // At the end it may look as if it had not been written to its end.
          const { damaged } = log.coverage;
          expect(
            damaged === 1 || (damaged === 0 && windows.at(-1)?.atMs === windowAt(3).atMs),
          ).toBe(true);
          const times = new Set(windows.map(({ atMs }) => atMs));
          for (const one of [0, 1, 2, 3, 4]) times.delete(windowAt(one).atMs);
          expect(times.size).toBe(0);
        },
      ),
    );
  });

  it('removes what is too old or too much, as whole files', async () => {
    const old = temporaryFolder('history');
    await write(old, 0, 64);
    await write(old, 1000, 1064, { ...limits, keepMs: 3_600_000 });
    const { coverage } = await HistoryLog.open(old);
    expect(coverage.fromMs).toBe(windowAt(1000).atMs);

    const large = temporaryFolder('history');
    const maxBytes = 24_000;
    await write(large, 0, 400, { ...limits, maxBytes });
    const left = await HistoryLog.open(large);
    expect(left.coverage.readings).toBeLessThan(400);
    expect(left.coverage.toMs).toBe(windowAt(399).atMs);
    expect(left.coverage.gaps).toEqual([]);
  });

  it('reads only the files with the times that are wanted', async () => {
    const dir = temporaryFolder('history');
    for (const hour of [0, 1, 2, 3]) await write(dir, hour * 1000, hour * 1000 + 64);
    await write(dir, 4000, 4002);
    const names = readdirSync(dir).filter((name) => name.startsWith('history-'));
    expect(names.length).toBe(4);
    // What is not read may be damaged.
    const [, skipped = ''] = names.toSorted();
    writeFileSync(join(dir, skipped), readFileSync(join(dir, skipped)).fill(0, 100));
    const part = { fromMs: windowAt(3000).atMs };
    const log = await HistoryLog.open(dir, undefined, () => part);
    expect(log.coverage).toMatchObject({
      fromMs: windowAt(0).atMs,
      toMs: windowAt(4001).atMs,
      damaged: 0,
    });
    expect(log.coverage.gaps.map(({ reason }) => reason)).not.toContain('damaged');
    const times: number[] = [];
    const joiner = new WindowJoiner();
    for await (const { trees } of log.readings(part)) times.push(joiner.join(trees).atMs);
    expect(times.slice(-66)).toEqual(
      [...Array.from({ length: 64 }, (_, one) => 3000 + one), 4000, 4001].map(
        (one) => windowAt(one).atMs,
      ),
    );
    const { coverage } = await HistoryLog.open(dir);
    expect(coverage.damaged).toBe(1);
  });

  it('is refused when a newer natsx wrote it, or it is something else', async () => {
    const dir = temporaryFolder('history');
    await write(dir, 0, 1);
    writeFileSync(join(dir, 'history-000000000001.nxh'), 'natsx.history/2\n…');
    await expect(HistoryLog.open(dir)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('newer version of natsx') as string,
    });
    await expect(LogWriter.open(dir, limits)).rejects.toMatchObject({ kind: 'usage' });
    const other = temporaryFolder('history');
    writeFileSync(join(other, 'notes.txt'), 'mine');
    await expect(HistoryLog.open(other)).rejects.toMatchObject({ kind: 'usage' });
    await expect(prepareFolder(other)).rejects.toMatchObject({ kind: 'usage' });
    await expect(prepareFolder(join(other, 'notes.txt'))).rejects.toMatchObject({ kind: 'usage' });
    await expect(HistoryLog.open(join(other, 'none'))).rejects.toMatchObject({ kind: 'usage' });
  });
});
