import { expect, it } from 'vitest';

import { checkRoom, freeBytes } from '../../../../src/bench/run/temporary-stream.js';

const file = { storage: 'file', replicas: 1, isNew: true } as const;

it.each([
  ['no limits', {}, Infinity],
  ['a limit below zero is none', { limits: { max_storage: -1 } }, Infinity],
  ['what is used is gone', { limits: { max_storage: 100 }, storage: 30 }, 70],
  [
    'so is what others have reserved',
    { limits: { max_storage: 100 }, storage: 30, reserved_storage: 80 },
    20,
  ],
  ['more used than allowed', { limits: { max_storage: 100 }, storage: 130 }, 0],
  [
    'one stream may not have all',
    { limits: { max_storage: 100, storage_max_stream_bytes: 40 } },
    40,
  ],
  [
    'the tier of the replicas counts',
    {
      limits: { max_storage: 0 },
      tiers: { R1: { limits: { max_storage: 500 }, storage: 100 }, R3: {} },
    },
    400,
  ],
  ['another store says nothing', { limits: { max_memory: 5 }, memory: 5 }, Infinity],
])('the room of an account: %s', (_, account, room) => {
  expect(freeBytes(account, file)).toBe(room);
});

it('a stream that exists may use what it has reserved', () => {
  const account = { limits: { max_storage: 100 }, storage: 30, reserved_storage: 80 };
  expect(freeBytes(account, { ...file, isNew: false })).toBe(70);
});

it('what does not fit is refused, and what nobody knows is not', () => {
  const need = { messages: 10, messageBytes: 10, replicas: 3, flexible: false };
  expect(() => checkRoom(need, 299, 'file')).toThrow(
    'the run would store 300 bytes, but the account has room for 299 in file storage',
  );
  expect(() => checkRoom(need, 300, 'file')).not.toThrow();
  expect(() => checkRoom({ ...need, messages: NaN }, 0, 'file')).not.toThrow();
});
