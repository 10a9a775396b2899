import { expect, it } from 'vitest';
import { closestNames, editDistance } from '../../../src/core/closest-names.js';

it.each([
  ['', '', 0],
  ['a', '', 1],
  ['prod', 'prdo', 1],
  ['kitten', 'sitting', 3],
  ['abc', 'abc', 0],
])('from %j to %j it is %d', (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance);
  expect(editDistance(to, from)).toBe(distance);
});

it('names the nearest first, and nothing far-fetched', () => {
  const known = ['production', 'staging', 'prod', 'local', 'prod-eu'];
  expect(closestNames('prdo', known)).toEqual(['prod']);
  expect(closestNames('PROD', known)).toEqual(['prod', 'prod-eu', 'production']);
  expect(closestNames('pro', known, 2)).toEqual(['prod', 'prod-eu']);
  expect(closestNames('zzzz', known)).toEqual([]);
  expect(closestNames('x', ['a', 'b'])).toEqual([]);
});
