import { describe, expect, it } from 'vitest';

import { FailureSignal } from '../../../src/connection/failure-signal.js';

const never = new Promise<string>(() => undefined);

describe('FailureSignal', () => {
  it('rejects with the first failure', async () => {
    const signal = new FailureSignal();
    expect(signal.hasFailed).toBe(false);
    signal.fail(new Error('first'));
    signal.fail(new Error('second'));
    expect(signal.hasFailed).toBe(true);
    await expect(signal.failed).rejects.toThrow('first');
  });

  it('may fail while nobody waits', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    try {
      new FailureSignal().fail(new Error('unheard'));
      // Node tells of rejections at the end of a turn.
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.off('unhandledRejection', note);
    }
    expect(unhandled).toEqual([]);
  });

  it('ends the wait for something else', async () => {
    const signal = new FailureSignal();
    const wait = signal.orFailed(never);
    signal.fail(new Error('broken'));
    await expect(wait).rejects.toThrow('broken');
  });

  it('leaves what comes before alone', async () => {
    const signal = new FailureSignal();
    await expect(signal.orFailed(Promise.resolve('done'))).resolves.toBe('done');
    await expect(signal.orFailed(Promise.reject(new Error('own')))).rejects.toThrow('own');
  });
});
