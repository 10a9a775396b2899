import { afterEach, expect, it, vi } from 'vitest';

import { Lifecycle, StopRequest } from '../../../src/terminal/lifecycle.js';

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const before = new Map(names.map((name) => [name, process.listeners(name)]));

afterEach(() => {
  vi.restoreAllMocks();
  for (const name of names) {
    for (const listener of process.listeners(name)) {
      if (before.get(name)?.includes(listener) !== true) process.off(name, listener);
    }
  }
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('the first %s stops gently, the second ends the process', (name, code) => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const now = vi.spyOn(performance, 'now').mockReturnValue(1_000);
  const life = new Lifecycle();
  expect([life.signal.aborted, life.stopReason]).toEqual([false, undefined]);
  process.emit(name);
  expect([life.signal.aborted, life.interruptedBy]).toEqual([true, name]);
  expect(life.signal.reason).toMatchObject({ name: 'AbortError', exitCode: code });
  // What comes at the same time is the same wish, on its way through a group of processes.
  now.mockReturnValue(1_100);
  process.emit(name);
  expect(exit).not.toHaveBeenCalled();
  now.mockReturnValue(1_200);
  process.emit(name);
  expect(exit).toHaveBeenCalledWith(code);
});

it('another signal ends it as well, with its own code', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const life = new Lifecycle();
  process.emit('SIGINT');
  process.emit('SIGTERM');
  expect(exit).toHaveBeenCalledWith(143);
  expect(life.interruptedBy).toBe('SIGINT');
});

it('a reader that leaves is no interruption, and a signal after it ends the process', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const life = new Lifecycle();
  life.stop('closed-output');
  expect([life.signal.aborted, life.interruptedBy]).toEqual([true, undefined]);
  expect(life.signal.reason).toBeInstanceOf(StopRequest);
  expect(life.signal.reason).toMatchObject({ exitCode: 0 });
  process.emit('SIGINT');
  expect(exit).toHaveBeenCalledWith(130);
});

it('what stopped it first is the reason', () => {
  const life = new Lifecycle();
  life.stop('SIGTERM');
  life.stop('closed-output');
  expect(life.stopReason).toBe('SIGTERM');
});
