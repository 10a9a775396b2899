import { expect, it } from 'vitest';

import { Flow } from '../../../../src/verify/run/flow.js';

it('holds publishers back until something arrives, and gives up what does not come', () => {
  let arrivals = 0;
  const flow = new Flow(10, () => arrivals);
  const send = (count: number): void => {
    for (let n = 0; n < count; n++) flow.noteSent();
  };
  expect(flow.room(1_000)).toBe(10);
  send(10);
  expect(flow.room(1_000)).toBe(0);
  arrivals = 4;
  expect(flow.room(1_010)).toBe(4);
  send(4);
  expect(flow.room(1_200)).toBe(0);
  // Nothing for 200 ms: ten are given up, and their late arrival makes no room twice over.
  expect(flow.room(1_210)).toBe(10);
  arrivals = 14;
  expect(flow.room(1_220)).toBe(10);
  send(10);
  expect(flow.room(1_230)).toBe(0);
});
