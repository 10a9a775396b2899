import { expect, it } from 'vitest';

import { asNatsxError } from '../../../src/terminal/failure.js';
import { NatsxError } from '../../../src/core/errors.js';

it("passes natsx's own errors on", () => {
  const own = new NatsxError('timeout', 'no answer');
  expect(asNatsxError(own)).toBe(own);
});

it('says that the disk is full', () => {
  const error = Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' });
  expect(asNatsxError(error)).toMatchObject({
    kind: 'usage',
    message: 'cannot write the output: no space is left',
    cause: error,
  });
});

it.each([
  [new TypeError('x is undefined'), 'x is undefined'],
  ['thrown text', 'thrown text'],
  [undefined, 'undefined'],
])('calls everything else a bug: %s', (thrown, message) => {
  const failure = asNatsxError(thrown);
  expect(failure).toMatchObject({ kind: 'internal', message });
  expect(failure.hint).toMatch(/bug in natsx/);
});
