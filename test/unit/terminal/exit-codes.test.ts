import { expect, it } from 'vitest';

import { EXIT_CODES, exitCodeOf } from '../../../src/terminal/exit-codes.js';

it('is the table that the documentation promises', () => {
  expect(EXIT_CODES).toMatchInlineSnapshot(`
    {
      "auth": 4,
      "connection": 3,
      "internal": 1,
      "interrupted": 130,
      "no-responders": 6,
      "not-found": 7,
      "rejected": 8,
      "timeout": 5,
      "unhealthy": 9,
      "usage": 2,
    }
  `);
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  [undefined, 130],
] as const)('gives an interruption by %s the code %d', (signal, code) => {
  expect(exitCodeOf('interrupted', signal)).toBe(code);
});

it('ignores a signal that is not why it failed', () => {
  expect(exitCodeOf('timeout', 'SIGINT')).toBe(5);
});
