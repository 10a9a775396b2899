import { describe, expect, it } from 'vitest';

import { ReplayMark } from '../../../../src/recording/run/replay-mark.js';

describe('the mark of a replay', () => {
  it('stands at the last line of which all before it have arrived', () => {
    const mark = new ReplayMark(11, 10);
    for (const line of [12, 13, 15]) mark.published(line);
    mark.settle(2);
    expect(mark).toMatchObject({ line: 13, messages: 12, confirmed: 2 });
    mark.settle(1);
    expect(mark.line).toBe(13);
    mark.settle(3);
    expect(mark).toMatchObject({ line: 15, messages: 13, confirmed: 3 });
  });

  it('passes what was found only when all before it has arrived', () => {
    const passed: number[] = [];
    const mark = new ReplayMark(1, 0);
    const find = (line: number): void => mark.found(line, () => void passed.push(line));
    find(2);
    expect(mark).toMatchObject({ line: 2, messages: 1, confirmed: 0 });
    mark.published(3);
    find(4);
    find(5);
    mark.published(6);
    find(7);
    expect(passed).toEqual([2]);
    mark.settle(1);
    expect(mark).toMatchObject({ line: 5, messages: 4, confirmed: 1 });
    mark.settle(2);
    expect(mark).toMatchObject({ line: 7, messages: 6, confirmed: 2 });
    expect(passed).toEqual([2, 4, 5, 7]);
  });
});
