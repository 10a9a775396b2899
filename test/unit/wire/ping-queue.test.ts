import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NatsxError } from '../../../src/core/errors.js';
import { PingQueue } from '../../../src/wire/ping-queue.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('gives the answer to a PING that timed out to nobody else', async () => {
  const pings = new PingQueue();
  const late = pings.add(10).catch((error: unknown) => error);
  let answered = false;
  const next = pings.add(1000).finally(() => (answered = true));
  await vi.advanceTimersByTimeAsync(10);
  expect(await late).toMatchObject({ kind: 'timeout' });
  pings.pong();
  await vi.advanceTimersByTimeAsync(0);
  expect(answered).toBe(false);
  pings.pong();
  expect(Number.isInteger(await next)).toBe(true);
});

it('fails all that wait when the connection ends', async () => {
  const pings = new PingQueue();
  const waiting = [pings.add(1000), pings.add(1000)];
  pings.fail(new NatsxError('connection', 'gone'));
  const results = await Promise.allSettled(waiting);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(pings.length).toBe(0);
});

it('bears a PONG that nobody asked for', () => {
  expect(() => new PingQueue().pong()).not.toThrow();
});
