import { getEventListeners } from 'node:events';

import { expect, it } from 'vitest';

import { Notifier } from '../../../src/connection/notifier.js';

it('wakes all who wait, and not those who start to wait later', async () => {
  const notifier = new Notifier();
  const both = Promise.all([notifier.next(), notifier.next()]);
  notifier.notify();
  await both;
  let later = false;
  void notifier.next().then(() => (later = true));
  await Promise.resolve();
  expect(later).toBe(false);
});

it('can be waited for again after a wake-up', async () => {
  const notifier = new Notifier();
  let times = 0;
  const done = (async () => {
    while (times < 3) {
      await notifier.next();
      times += 1;
    }
  })();
  for (let at = 0; at < 3; at += 1) {
    notifier.notify();
    await new Promise(setImmediate);
  }
  await done;
  expect(times).toBe(3);
});

it('keeps no listener of a wait that was woken or aborted', async () => {
  const notifier = new Notifier();
  const stop = new AbortController();
  const listeners = (): number => getEventListeners(stop.signal, 'abort').length;
  const woken = notifier.next(stop.signal);
  expect(listeners()).toBe(1);
  notifier.notify();
  await woken;
  expect(listeners()).toBe(0);
  const aborted = notifier.next(stop.signal);
  stop.abort();
  await aborted;
  expect(listeners()).toBe(0);
  await notifier.next(stop.signal);
});
