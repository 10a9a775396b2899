import { expect, it } from 'vitest';

import { BacklogTrail } from '../../../../src/backlog/model/backlog-trail.js';

const reading = (values: Readonly<Record<string, number>>) => new Map(Object.entries(values));

it('names the largest of now first, and forgets nobody who was behind', () => {
  const trail = new BacklogTrail();
  trail.add(1, reading({ a: 9, b: 1, idle: 0 }));
  trail.add(2, reading({ a: 0, b: 5, c: 2 }));
  expect(trail.largest(9)).toEqual(['b', 'c', 'a']);
  expect(trail.largest(1)).toEqual(['b']);
  expect(trail.points('c')).toEqual([
    { atMs: 1, backlog: undefined },
    { atMs: 2, backlog: 2 },
  ]);
});

it('covers any time with a bounded number of points, the last of them recent', () => {
  const trail = new BacklogTrail();
  for (let n = 0; n < 100_000; n += 1) {
    trail.add(n, reading({ a: n, ...(n < 10 ? { gone: 5 } : {}) }));
  }
  const points = trail.points('a');
  expect(points.length).toBeLessThanOrEqual(240);
  expect(points.length).toBeGreaterThan(100);
  expect(points[0]).toEqual({ atMs: 0, backlog: 0 });
  expect(points.at(-1)?.atMs).toBeGreaterThan(99_000);
  const steps = points.slice(1).map(({ atMs }, place) => atMs - (points[place]?.atMs ?? 0));
  expect(new Set(steps).size).toBe(1);
  expect(points.every(({ atMs, backlog }) => backlog === atMs)).toBe(true);
});
