import { expect, it } from 'vitest';

import { RunTimeline } from '../../../../src/bench/model/live.js';
import type { BenchProgress } from '../../../../src/bench/model/run.js';

const progress = (pass: number, seconds: number): BenchProgress => ({
  phase: pass === 0 ? 'warm-up' : 'measuring',
  pass,
  passes: 2,
  sent: 10,
  received: 10,
  ratePerS: 10,
  share: undefined,
  elapsedNs: seconds * 1e9,
  timeline: () => ({
    intervals: Array.from({ length: seconds }, (_, second) => ({
      atMs: second * 1000,
      ms: 1000,
      sent: pass,
      received: pass,
      p50Ns: undefined,
      p99Ns: undefined,
      maxNs: undefined,
    })),
    stalls: [{ atMs: 100, ms: 50 }],
  }),
});

it('shows passes one after the other, and forgets the warm-up', () => {
  const timeline = new RunTimeline();
  const shown = () => timeline.all.intervals.map(({ atMs, sent }) => [atMs, sent]);
  timeline.add(progress(0, 1));
  expect(shown()).toEqual([[0, 0]]);
  timeline.add(progress(1, 1));
  timeline.add(progress(1, 2));
  expect(shown()).toEqual([
    [0, 1],
    [1000, 1],
  ]);
  timeline.add(progress(2, 1));
  expect(shown()).toEqual([
    [0, 1],
    [1000, 1],
    [2000, 2],
  ]);
  expect(timeline.all.stalls.map(({ atMs }) => atMs)).toEqual([100, 2100]);
});

it('a search begins again with its first pass', () => {
  const timeline = new RunTimeline();
  timeline.add(progress(1, 2));
  timeline.add(progress(1, 1));
  expect(timeline.all.intervals.map(({ atMs }) => atMs)).toEqual([0, 1000, 2000]);
});
