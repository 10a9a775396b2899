import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { consumerFacts } from '../../../../src/backlog/model/consumer-facts.js';
import { forecastDrain } from '../../../../src/backlog/model/drain.js';
import { lossClock } from '../../../../src/backlog/model/loss-clock.js';
import { slopeOf } from '../../../../src/backlog/model/regression.js';
import { DEFAULT_THRESHOLDS } from '../../../../src/backlog/model/thresholds.js';
import { MINUTE, streamSample, T0, windowOf, type History } from './histories.js';
import { flagDuration } from '../../../../src/core/values/duration.js';
import { shellWord } from '../../../../src/core/printable.js';

function factsOf(history: History) {
  const [stream] = windowOf(history).streams;
  return consumerFacts(stream!.consumers[0]!, stream!, {
    clients: {},
    thresholds: DEFAULT_THRESHOLDS,
    missing: [],
    serverVersion: '2.15.3',
  })!;
}

describe('rates', () => {
  it('are exact for a whole stream, whatever is redelivered', () => {
    // 200 published, 100 first deliveries, 60 repeats, 90 done in four seconds.
    const { pace } = factsOf({
      readings: [
        { P: 100, A: 10, D: 500, S: 500 },
        { P: 200, A: 20, D: 660, S: 600 },
      ],
      stepMs: 4000,
    });
    expect(pace).toMatchObject({
      publishPerS: 50,
      deliverPerS: 40,
      settlePerS: 22.5,
      growthPerS: 27.5,
      redeliverPerS: 15,
    });
  });

  it('are exact for a filter while nothing is redelivered', () => {
    const { pace, motion } = factsOf({
      readings: [
        { P: 100, D: 50, S: 900, L: 1000 },
        { P: 110, D: 90, S: 1300, L: 1500 },
      ],
      stepMs: 4000,
      config: { filters: ['orders.a'] },
    });
    expect(motion?.exact).toBe(true);
    expect(pace).toMatchObject({ publishPerS: 12.5, settlePerS: 10 });
  });

  it('use the server’s own count of a filter where it was asked', () => {
    const { pace, motion } = factsOf({
      readings: [
        { P: 100, A: 10, D: 500, S: 900, R: 5, L: 1000 },
        { P: 120, A: 10, D: 560, S: 1300, R: 5, L: 1500 },
      ],
      stepMs: 4000,
      config: { filters: ['orders.a'] },
      lookups: { publishedInFilter: 60 },
    });
    expect(motion).toMatchObject({
      exact: true,
      firstDeliveries: 40,
      redeliveries: 20,
      settled: 40,
    });
    expect(pace).toMatchObject({ publishPerS: 15, redeliverPerS: 5 });
  });

  it('do not count what limits removed as done', () => {
    const { pace } = factsOf({
      readings: [
        { P: 199, A: 1, D: 1000, S: 5000, firstSeq: 5000, L: 5199 },
        { P: 199, A: 1, D: 1060, S: 6200, firstSeq: 6200, L: 6399 },
      ],
      stepMs: 4000,
      stream: { maxMessages: 200 },
    });
    expect(pace?.settlePerS).toBeCloseTo(15, 0);
  });

  it.each([
    ['full', 10, 5070],
    ['about to be full again', 3, 5077],
    ['emptied since the stream was read', 10, 5060],
  ])('call nothing done behind a window that is %s by expiry', (_, inFlight, firstSeq) => {
    // A hung worker with ten in flight: as those expire, the server hands out the next, which expire as well.
    const { pace } = factsOf({
      readings: [
        { P: 500, A: 10, D: 1000, S: 5009, F: 4999, firstSeq: 5000, L: 5509 },
        { P: 500, A: inFlight, D: 1070, S: 5079, F: 5069, firstSeq, L: 5579 },
      ],
      stepMs: 4000,
      config: { maxAckPending: 10 },
      stream: { maxAgeMs: 60_000 },
    });
    expect(pace?.settlePerS).toBe(0);
  });

  it('count only what limits removed since the first reading as come in', () => {
    // 1,000 messages before the cursor were gone already; 400 more come and 400 more go.
    const { pace, motion } = factsOf({
      readings: [
        { P: 200, S: 0, firstSeq: 1001, L: 1200 },
        { P: 200, S: 0, firstSeq: 1401, L: 1600 },
      ],
      stepMs: 4000,
      stream: { maxMessages: 200 },
    });
    expect(motion?.evictedUnread).toBe(400);
    expect(pace?.publishPerS).toBe(100);
  });

  it('count what limits removed behind a filter when the oldest message is gone undelivered', () => {
    // Half of the stream is the consumer's. It stands; 400 sequences are removed, and so are 200 of its messages.
    const { pace, motion, drain } = factsOf({
      readings: [
        { P: 200, S: 90, firstSeq: 101, L: 500 },
        { P: 200, S: 90, firstSeq: 501, L: 900 },
      ],
      stepMs: 4000,
      config: { filters: ['orders.a'] },
      stream: { maxAgeMs: 4000 },
      lookups: { oldestAtStart: { seq: 102, storedMs: T0 - 4000, estimated: false } },
    });
    expect(motion).toMatchObject({ evictedUnread: 200, exact: false });
    expect(pace?.publishPerS).toBe(50);
    expect(drain.trend).toBe('flat');
  });

  it('count what limits removed behind a filter while it goes on at the edge', () => {
    // A quarter of 800 messages is the consumer's; it gets 40 of those 200, and as many are pending as before.
    const { pace, motion } = factsOf({
      readings: [
        { P: 50, D: 100, S: 100, firstSeq: 101, L: 300 },
        { P: 51, D: 120, S: 505, firstSeq: 501, L: 700 },
        { P: 50, D: 140, S: 905, firstSeq: 901, L: 1100 },
      ],
      config: { filters: ['orders.a'] },
      stream: { maxMessages: 200 },
    });
    expect(motion?.evictedUnread).toBeGreaterThan(150);
    expect(motion?.evictedUnread).toBeLessThan(170);
    expect(pace?.publishPerS).toBeGreaterThan(48);
    expect(pace?.publishPerS).toBeLessThan(52);
  });

  it.each([
    ['keeps up with a share of the stream', [20, 20, 20], 200],
    ['has a share that changes', [50, 20, 80], 60],
    ['has next to nothing pending', [3, 3, 3], 20],
  ])('call nothing lost behind a filter that %s', (_, pending, perStep) => {
    const { motion } = factsOf({
      readings: pending.map((P, step) => ({
        P,
        D: 100 + step * perStep,
        S: 100 + step * 400,
        firstSeq: 101 + step * 400,
        L: 300 + step * 400,
      })),
      config: { filters: ['orders.a'] },
      stream: { maxMessages: 200 },
    });
    expect(motion?.evictedUnread).toBe(0);
  });

  it.each(['limits', 'workqueue'] as const)(
    'do not count as done what was announced as removed in flight: %s',
    (retention) => {
      // 60 more went out, and 45 messages were removed while somebody had them; two of them before the window.
      const { pace, motion, loss } = factsOf({
        readings: [
          { P: 200, A: 10, D: 1000, S: 1000, firstSeq: 991, L: 1200 },
          { P: 200, A: 10, D: 1060, S: 1060, firstSeq: 1051, L: 1260 },
        ],
        stepMs: 4000,
        stream: { maxAgeMs: 4000, retention },
        lookups: {
          oldest: { seq: 1051, storedMs: T0, estimated: false },
          oldestAtStart: { seq: 991, storedMs: T0 - 4000, estimated: false },
          advisories: {
            durationMs: 5000,
            naked: 0,
            nakedSeqs: [],
            exhaustedSeqs: [],
            deletedUnackedMs: Array.from({ length: 45 }, (_, place) => T0 - 150 + 90 * place),
          },
        },
      });
      expect(motion).toMatchObject({ removedInFlight: 43, settled: 17 });
      expect(pace?.settlePerS).toBe(4.25);
      // It moves on as the limit does: that is no catching up.
      expect(loss).toMatchObject({ limit: 'max_age', inMs: 0 });
    },
  );

  it('balance: what came in is what was done plus what the backlog grew by', () => {
    const amount = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(amount, amount, amount, amount, (published, delivered, settled, before) => {
        const first = Math.min(delivered, before + published);
        const done = Math.min(settled, first);
        const { motion } = factsOf({
          readings: [
            { P: before, D: 0 },
            { P: before + published - first, A: first - done, D: first },
          ],
        });
        expect(motion).toMatchObject({
          published,
          firstDeliveries: first,
          settled: done,
          growth: published - done,
        });
      }),
    );
  });
});

describe('the drain', () => {
  it.each([
    [0, -5, 'empty', 0],
    [1000, -50, 'draining', 20],
    [1000, 50, 'growing', undefined],
    [1000, 0.1, 'flat', undefined],
    [1_000_000, -500, 'flat', undefined],
    [2, -1, 'draining', 2],
  ] as const)('of %d at %d/s is %s', (backlog, perS, trend, etaS) => {
    expect(forecastDrain(backlog, { perS }, 4000)).toEqual({
      trend,
      ...(etaS === undefined ? {} : { etaS }),
    });
  });

  it('is unknown with one sample', () => {
    expect(forecastDrain(10, undefined, 0)).toEqual({ trend: 'unknown' });
  });

  it('has a range from the spread of the samples', () => {
    const slope = slopeOf([
      { atMs: 0, value: 1000 },
      { atMs: 2000, value: 880 },
      { atMs: 4000, value: 800 },
    ]);
    expect(slope?.perS).toBe(-50);
    const { etaS = 0, etaRangeS } = forecastDrain(800, slope, 4000);
    expect(etaS).toBe(16);
    expect(etaRangeS?.[0]).toBeLessThan(16);
    expect(etaRangeS?.[1]).toBeGreaterThan(16);
  });
});

describe('the loss clock', () => {
  const facts = {
    ingestPerS: 10,
    startSeq: 101,
    oldestAgeMs: 50_000,
    floorPerS: 0,
    catchUpFactor: undefined,
  };
  const stream = (config: object, messages = 500) =>
    streamSample({ firstSeq: 1, messages, L: messages }, T0, config);

  it.each([
    ['age, nobody works', { maxAgeMs: MINUTE }, {}, { inMs: 10_000, limit: 'max_age' }],
    [
      'age, half as fast as time',
      { maxAgeMs: MINUTE },
      { catchUpFactor: 0.5 },
      { inMs: 20_000, limit: 'max_age' },
    ],
    ['age, faster than time', { maxAgeMs: MINUTE }, { catchUpFactor: 1.2 }, undefined],
    [
      'age, by the floor’s pace',
      { maxAgeMs: MINUTE },
      { floorPerS: 5 },
      { inMs: 20_000, limit: 'max_age' },
    ],
    [
      'age, discard new expires all the same',
      { maxAgeMs: MINUTE, discard: 'new' },
      {},
      { inMs: 10_000, limit: 'max_age' },
    ],
    [
      'count: 500 free places and 100 read messages at 10/s',
      { maxMessages: 1000 },
      {},
      { inMs: 60_000, limit: 'max_msgs' },
    ],
    ['count, the consumer is as fast', { maxMessages: 1000 }, { floorPerS: 10 }, undefined],
    ['count, discard new refuses instead', { maxMessages: 1000, discard: 'new' }, {}, undefined],
    ['bytes: 100 bytes a message', { maxBytes: 60_000 }, {}, { inMs: 20_000, limit: 'max_bytes' }],
    [
      'the earliest of several',
      { maxBytes: 60_000, maxAgeMs: MINUTE },
      {},
      { inMs: 10_000, limit: 'max_age' },
    ],
    ['no limit', {}, {}, undefined],
  ])('%s', (_name, config, more, clock) => {
    expect(lossClock({ stream: stream(config), ...facts, ...more })).toEqual(clock);
  });
});

describe('words of commands', () => {
  it.each([
    [shellWord('a b'), `'a b'`],
    [shellWord('ORDERS'), 'ORDERS'],
    [flagDuration(7_200_000), '2h'],
    [flagDuration(90_000), '90s'],
    [flagDuration(2_700_000), '45m'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected);
  });
});
