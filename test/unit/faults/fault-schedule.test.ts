import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { FaultPlan, InjectedFault } from '../../../src/faults/model/fault-plan.js';
import {
  countBefore,
  faultSchedule,
  firstRoundMs,
  meets,
  rhythmsOf,
} from '../../../src/faults/model/fault-schedule.js';
import { shareLosses } from '../../../src/faults/model/fault-costs.js';
import { parseFaults } from '../../../src/faults/model/parse-faults.js';

const planOf = (spec: string, seed = 1): FaultPlan => ({
  spec,
  seed,
  faults: parseFaults(spec),
  command: undefined,
});

const timed = fc
  .record({
    kind: fc.constantFrom('cut' as const, 'blackhole' as const),
    durationMs: fc.integer({ min: 1, max: 5_000 }),
    more: fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: undefined }),
  })
  .map(({ kind, durationMs, more }): InjectedFault => ({
    kind,
    durationMs,
    everyMs: more === undefined ? undefined : durationMs + more,
  }));

describe('faultSchedule', () => {
  it('begins after one period, and has what lasts from the beginning at 0', () => {
    expect(faultSchedule(planOf('cut 1s every 3s, delay 5ms'), 9_500)).toEqual([
      { kind: 'delay', index: 1, atMs: 0 },
      { kind: 'cut', index: 0, atMs: 3_000 },
      { kind: 'cut', index: 0, atMs: 6_000 },
      { kind: 'cut', index: 0, atMs: 9_000 },
    ]);
  });

  it('lets the seed pick the moment of a fault without a period', () => {
    const at = (seed: number) => faultSchedule(planOf('cut 1s', seed), 60_000)[0]?.atMs ?? 0;
    const moments = [1, 2, 3, 4, 5].map(at);
    expect(new Set(moments).size).toBeGreaterThan(1);
    for (const moment of moments) {
      expect(moment).toBeGreaterThanOrEqual(1_000);
      expect(moment).toBeLessThanOrEqual(2_000);
    }
  });

  it('is equal for equal seeds, in order, and a longer load only adds to it', () => {
    fc.assert(
      fc.property(
        fc.array(timed, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.integer({ min: 0, max: 20_000 }),
        (faults, seed, untilMs) => {
          const plan = { spec: '', seed, faults, command: undefined };
          const schedule = faultSchedule(plan, untilMs);
          expect(faultSchedule({ ...plan, faults: [...faults] }, untilMs)).toEqual(schedule);
          const longer = faultSchedule(plan, 2 * untilMs);
          expect(longer.filter(({ atMs }) => atMs < untilMs)).toEqual(schedule);
          const times = schedule.map(({ atMs }) => atMs);
          expect(times).toEqual([...times].sort((a, b) => a - b));
          expect(times.every((atMs) => atMs < untilMs)).toBe(true);
        },
      ),
    );
  });

  it('says by when each fault has happened once', () => {
    expect(firstRoundMs(planOf('cut 1s every 3s, delay 5ms'))).toBe(4_000);
    expect(firstRoundMs(planOf('delay 5ms'))).toBe(0);
  });
});

describe('meets', () => {
  it('agrees with a search through all occurrences', () => {
    fc.assert(
      fc.property(
        timed,
        fc.integer({ min: 0, max: 30_000 }),
        fc.integer({ min: 0, max: 10_000 }),
        fc.integer({ min: 0, max: 30_000 }),
        (fault, fromMs, lasts, untilMs) => {
          const plan = { spec: '', seed: 1, faults: [fault], command: undefined };
          const [rhythm] = rhythmsOf(plan);
          if (rhythm === undefined) return;
          const toMs = fromMs + lasts;
          const searched = faultSchedule(plan, untilMs).some(
            ({ atMs }) => fromMs <= atMs + rhythm.durationMs && toMs >= atMs,
          );
          expect(meets(rhythm, { fromMs, toMs }, untilMs)).toBe(searched);
          expect(countBefore(rhythm, untilMs)).toBe(faultSchedule(plan, untilMs).length);
        },
      ),
    );
  });
});

describe('shareLosses', () => {
  const incident = (beganMs: number, recoveredMs: number | undefined) => ({
    index: 0,
    beganMs,
    endedMs: beganMs,
    recoveredMs,
    connections: 1,
    missing: 0,
  });

  it('counts each lost message once: for a fault that lasted, or for the next one within reach', () => {
    const incidents = [incident(1_000, 1_200), incident(3_000, undefined)];
    // One message a millisecond.
    const lost = [
      { from: 500, to: 599, sentMs: (number: number) => number },
      { from: 950, to: 1_300, sentMs: (number: number) => number },
      { from: 2_990, to: 5_000, sentMs: (number: number) => number },
    ];
    const { byIncident, others } = shareLosses(lost, incidents, 100);
    // 950 to 1,200, then 2,990 to the end; 100 before and 100 after the first one are not explained.
    expect(byIncident).toEqual([251, 2_011]);
    expect(others).toBe(200);
  });

  it('adds up to all lost messages', () => {
    const times = fc.integer({ min: 0, max: 1_000 });
    fc.assert(
      fc.property(
        fc.uniqueArray(times, { maxLength: 5 }),
        fc.array(times, { maxLength: 5 }),
        fc.nat(100),
        (starts, lengths, reachMs) => {
          const incidents = [...starts]
            .sort((a, b) => a - b)
            .map((began, at) => incident(began, began + (lengths[at] ?? 10)));
          const lost = lengths.map((length, at) => ({
            from: 1,
            to: length,
            sentMs: (number: number) => at * 50 + number / 3,
          }));
          const { byIncident, others } = shareLosses(lost, incidents, reachMs);
          const sum = [...byIncident, others].reduce((total, count) => total + count, 0);
          expect(sum).toBe(lengths.reduce((total, length) => total + length, 0));
          expect(Math.min(0, ...byIncident, others)).toBe(0);
        },
      ),
    );
  });
});
