import { expect, test } from 'vitest';

import { purgeCount } from '../../../../src/streams/model/purge.js';
import type { StreamState } from '../../../../src/streams/model/stream-info.js';

const whole = { messages: 10, first_seq: 11, last_seq: 20 } as StreamState;
const holed = { messages: 7, first_seq: 11, last_seq: 20, num_deleted: 3 } as StreamState;

test.each([
  [whole, {}, undefined, 10],
  [whole, { keep: 3 }, undefined, 7],
  [whole, { keep: 30 }, undefined, 0],
  [whole, { seq: 14 }, undefined, 3],
  [whole, { seq: 5 }, undefined, 0],
  [whole, { seq: 99 }, undefined, 10],
  [whole, { filter: 'a' }, 4, 4],
  [whole, { filter: 'a', keep: 1 }, 4, 3],
  [whole, { filter: 'a', seq: 14 }, 4, undefined],
  [whole, { filter: 'a', seq: 14 }, 0, 0],
  [whole, { filter: 'a', seq: 99 }, 4, 4],
  [{ ...holed, deleted: [12, 15, 16] }, { seq: 16 }, undefined, 3],
  [holed, { seq: 16 }, undefined, undefined],
])('%#: %j', (state, choice, matching, expected) => {
  expect(purgeCount(state, choice, matching)).toBe(expected);
});
