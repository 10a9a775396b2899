import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { readPlanFile } from '../../../../src/bench/console/plan-file.js';

const folder = mkdtempSync(join(tmpdir(), 'natsx-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string): ReturnType<typeof readPlanFile> {
  const file = join(folder, 'plan.yaml');
  writeFileSync(file, text);
  return readPlanFile(file);
}

describe('a plan', () => {
  it('has scenarios with stages and flags', () => {
    const [noise, orders] = read(`
scenarios:
  - { scenario: request, name: noise, rate: 500, background: true }
  - name: orders
    scenario: pubsub
    subject: my.orders
    size: 1KiB
    header: ['A: b']
    rate: 2k
    stages:
      - { name: ramp, duration: 10s, rate: "1k..5k" }
      - { duration: 1m, fail-if: ['p99>5ms', 'lost>0'] }
`);
    expect(noise).toMatchObject({
      ...{ name: 'noise', scenario: 'request', background: true },
      request: { pace: { ratePerS: 500, kind: 'constant' }, warmupMs: 0, window: 10_000 },
      stages: [{ name: 'noise', durationMs: Infinity }],
    });
    expect(orders).toMatchObject({
      background: false,
      request: {
        ...{ subject: 'my.orders', size: { kind: 'fixed', bytes: 1024 } },
        headers: [['A', 'b']],
      },
      stages: [
        {
          ...{ name: 'ramp', durationMs: 10_000 },
          pace: { ratePerS: 3_000, ramp: { fromPerS: 1_000, toPerS: 5_000, overMs: 10_000 } },
        },
        { name: 'stage 2', durationMs: 60_000, pace: { ratePerS: 2_000 } },
      ],
    });
    expect(orders?.stages[1]?.thresholds.map(({ text }) => text)).toEqual(['p99>5ms', 'lost>0']);
  });

  it('may be JSON', () => {
    const text = JSON.stringify({ scenarios: [{ scenario: 'pub', msgs: 10 }] }, undefined, '\t');
    expect(read(text)).toMatchObject([{ scenario: 'pub', stages: [{ messages: 10 }] }]);
  });

  const scenario = (lines: string): string => `scenarios:\n  - scenario: pubsub\n${lines}\n`;
  it.each([
    ['is empty', '', '1:1', /map of keys/],
    ['is a list', '[]', '1:1', /map of keys/],
    ['is broken', 'scenarios: [', '1:13', /./],
    ['has another key', 'scenario: []', '1:1', /no key "scenario".*/],
    ['has no scenario', 'scenarios: []', '1:12', /empty list/],
    ['names no kind', 'scenarios:\n  - name: a', '2:5', /"scenario" is missing/],
    ['names another kind', 'scenarios:\n  - scenario: pup', '2:15', /"pup" is not a scenario/],
    ['has a typing error', scenario('    sise: 1'), '3:5', /no key "sise"/],
    ['has a wrong number', scenario('    pubs: x'), '3:11', /not a whole number/],
    ['has no clients', scenario('    pubs: 0'), '3:11', /--pubs takes/],
    ['has a wrong duration', scenario('    duration: 5'), '3:15', /duration/],
    ['has a flag of others', scenario('    window: 5'), '3:13', /does not use --window/],
    ['has a key twice', scenario('    size: 1\n    size: 2'), '4:5', /unique/],
    ['has two goals', scenario('    msgs: 1\n    duration: 1s'), '3:11', /--msgs or --duration/],
    ['has a wrong subject', scenario('    subject: a..b'), '3:14', /subject/],
    ['has no stages', scenario('    stages: []'), '3:13', /empty list/],
    ['has no end of a stage', scenario('    stages: [{name: a}]'), '3:14', /no duration/],
    ['has a wrong rate', scenario('    stages: [{duration: 1s, rate: 1k..x}]'), '3:35', /rate/],
    ['has no rate', scenario('    stages: [{duration: 1s, rate: 0..0}]'), '3:35', /rate/],
    ['has a wrong limit', scenario("    fail-if: ['p99>5x']"), '3:15', /invalid duration/],
    ['has no end', 'scenarios:\n  - {scenario: pub, background: true}', '2:3', /no end/],
    [
      'has a name twice',
      'scenarios:\n  - {name: a, scenario: pub}\n  - {name: a, scenario: pub}',
      '3:12',
      /two scenarios/,
    ],
  ])('that %s is an error with its place', (_what, text, place, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).toThrow(`plan.yaml:${place}: `);
  });
});
