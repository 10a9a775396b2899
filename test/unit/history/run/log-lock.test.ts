import { existsSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { LogLock } from '../../../../src/history/run/log-lock.js';
import { temporaryFolder } from '../../../support/shut-down.js';

const owner = { pid: process.pid, isRunning: (pid: number) => pid === process.pid };

it('a history has one writer', async () => {
  const dir = temporaryFolder('history');
  const lock = await LogLock.take(dir, owner);
  await expect(LogLock.take(dir, { ...owner, pid: 1 })).rejects.toMatchObject({
    kind: 'rejected',
    message: expect.stringContaining(`process ${process.pid}`) as string,
  });
  await lock.release();
  expect(existsSync(join(dir, 'lock'))).toBe(false);
});

it.each([
  ['a process that is gone', { pid: 999_999, host: hostname(), began: '' }],
  ['another process with the same number', { pid: process.pid, host: hostname(), began: 'x/1' }],
])('a lock of %s is taken over, by one of many', async (_, content) => {
  const dir = temporaryFolder('history');
  writeFileSync(join(dir, 'lock'), JSON.stringify(content));
  const others = Array.from({ length: 5 }, () => LogLock.take(dir, owner).catch(() => undefined));
  const taken = (await Promise.all(others)).filter((lock) => lock !== undefined);
  expect(taken.length).toBeLessThanOrEqual(1);
  if (taken.length === 0) await LogLock.take(dir, owner);
  expect(existsSync(join(dir, 'lock'))).toBe(true);
});

it('a lock of another machine holds as long as it is touched', async () => {
  const dir = temporaryFolder('history');
  writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: 1, host: 'elsewhere', began: '' }));
  await expect(LogLock.take(dir, owner)).rejects.toMatchObject({ kind: 'rejected' });
});
