import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { promiseOf, verdictOf } from '../../../../src/verify/model/expectation.js';
import { judge, type DeliveryOutcome } from '../../../../src/verify/model/judge.js';
import { OrderWatch } from '../../../../src/verify/model/reader.js';
import { ReceiverTally } from '../../../../src/verify/model/receiver-tally.js';
import { SenderAccount } from '../../../../src/verify/model/sender-account.js';

/** What happens to one message: whether it is acknowledged, and how often each of two receivers gets it. */
const fate = fc.record({
  acknowledged: fc.boolean(),
  first: fc.nat(2),
  second: fc.nat(2),
});
const fates = fc.array(fc.array(fate, { maxLength: 40 }), { minLength: 1, maxLength: 3 });

describe('judging', () => {
  it('gives each message one fate, and agrees with a count by hand', () => {
    fc.assert(
      fc.property(fates, (publishers) => {
        const receivers = [new ReceiverTally('a'), new ReceiverTally('b')] as const;
        const accounts = publishers.map((messages, index) => {
          const account = new SenderAccount(index + 1, 'acknowledged');
          messages.forEach(({ acknowledged, first, second }, at) => {
            account.noteSent(at + 1, 1_000 * at);
            if (acknowledged) account.acknowledged.add(at + 1);
            for (let n = 0; n < first; n++) receivers[0].arrived(index + 1, at + 1);
            for (let n = 0; n < second; n++) receivers[1].arrived(index + 1, at + 1);
          });
          return account;
        });
        const outcome = judge(accounts, receivers);
        const all = publishers.flat();
        const arrived = all.filter(({ first, second }) => first > 0 && second > 0);
        const missing = all.filter(({ first, second }) => first === 0 || second === 0);
        expect(outcome.sent).toBe(all.length);
        expect(outcome.delivered).toBe(arrived.length);
        expect(outcome.lost).toBe(missing.filter(({ acknowledged }) => acknowledged).length);
        expect(outcome.inDoubt).toBe(missing.filter(({ acknowledged }) => !acknowledged).length);
        expect(outcome.duplicated).toBe(
          all.filter(({ first, second }) => first > 1 || second > 1).length,
        );
        expect(outcome.sent).toBe(outcome.delivered + outcome.lost + outcome.inDoubt);
        const inGaps = outcome.gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
        expect(inGaps).toBe(outcome.lost);
      }),
    );
  });

  it('names the places of what is lost, with the times of sending', () => {
    const account = new SenderAccount(1, 'none');
    for (let number = 1; number <= 1_000; number++) account.noteSent(number, 5_000 + number * 10);
    const tally = new ReceiverTally('a');
    for (let number = 1; number <= 1_000; number++) {
      if (number < 100 || (number > 120 && number !== 1_000)) tally.arrived(1, number);
    }
    expect(judge([account], [tally]).gaps).toEqual([
      { publisher: 1, from: 100, to: 120, firstAtMs: 6_000, lastAtMs: 6_200 },
      { publisher: 1, from: 1_000, to: 1_000, firstAtMs: 15_000, lastAtMs: 15_000 },
    ]);
  });

  it('believes that a message which arrived was sent', () => {
    const account = new SenderAccount(1, 'acknowledged');
    const tally = new ReceiverTally('a');
    tally.arrived(1, 3);
    expect(judge([account], [tally])).toMatchObject({ sent: 3, delivered: 1, lost: 0, inDoubt: 2 });
  });
});

describe('the order', () => {
  it.each([
    [[1, 2, 3, 4], 0],
    [[2, 1, 3, 4], 1],
    [[4, 1, 2, 3], 3],
    [[1, 3, 2, 4, 6, 5], 2],
  ])('of %j is wrong %i times', (numbers, expected) => {
    const watch = new OrderWatch();
    expect(numbers.filter((number) => watch.isLate('a', 1, number))).toHaveLength(expected);
  });

  it('is watched for each publisher and each subject apart', () => {
    const watch = new OrderWatch();
    expect(watch.isLate('a', 1, 5)).toBe(false);
    expect(watch.isLate('a', 2, 1)).toBe(false);
    expect(watch.isLate('b', 1, 1)).toBe(false);
    expect(watch.isLate('a', 1, 4)).toBe(true);
  });
});

describe('a verdict', () => {
  const none = {
    sent: 10,
    delivered: 10,
    inDoubt: 0,
    refused: 0,
    lost: 0,
    duplicated: 0,
    corrupted: 0,
    outOfOrder: 0,
    receivers: [{}],
  };
  const verdict = (
    faults: Partial<DeliveryOutcome>,
    expectation: 'at-most-once' | 'at-least-once' | 'exactly-once',
    ordered = false,
  ): boolean =>
    verdictOf(
      { ...none, ...faults } as unknown as DeliveryOutcome,
      { expectation, because: '' },
      ordered,
    ).kept;

  it.each([
    [{}, [true, true, true]],
    [{ lost: 1 }, [true, false, false]],
    [{ duplicated: 1 }, [false, true, false]],
    [{ corrupted: 1 }, [false, false, false]],
    [{ outOfOrder: 1 }, [true, true, true]],
  ])('on %j is %j for at most, at least, exactly once', (faults, kept) => {
    const expectations = ['at-most-once', 'at-least-once', 'exactly-once'] as const;
    expect(expectations.map((one) => verdict(faults, one))).toEqual(kept);
  });

  it.each([
    ['nothing was sent', { sent: 0, delivered: 0 }],
    ['no message arrived', { delivered: 0, inDoubt: 10 }],
    ['no message arrived', { delivered: 0, inDoubt: 10, refused: 10 }],
    ['no message arrived', { delivered: 0, lost: 10 }],
    ['no message arrived at every receiver', { delivered: 0, lost: 10, receivers: [{}, {}] }],
    ['5 messages refused by the stream', { delivered: 5, inDoubt: 5, refused: 5 }],
  ])('is never that a promise was kept when %s', (words, faults) => {
    for (const expectation of ['at-most-once', 'at-least-once', 'exactly-once'] as const) {
      const outcome = { ...none, ...faults } as unknown as DeliveryOutcome;
      const { kept, broken } = verdictOf(outcome, { expectation, because: '' }, false);
      expect({ kept, broken }).toMatchObject({
        kept: false,
        broken: expect.arrayContaining([words]) as string[],
      });
    }
  });

  it('on the order needs two messages, unless one was all', () => {
    const lonely = { delivered: 1, lost: 9 };
    expect(verdict(lonely, 'at-most-once', true)).toBe(false);
    expect(verdict(lonely, 'at-most-once', false)).toBe(true);
    expect(verdict({ sent: 1, delivered: 1 }, 'at-most-once', true)).toBe(true);
  });

  it('minds the order only when asked', () => {
    expect(verdict({ outOfOrder: 1 }, 'at-least-once', true)).toBe(false);
  });

  it('expects what the configuration promises', () => {
    const consumer = (ackPolicy: string, maxDeliver = -1): string =>
      promiseOf({ kind: 'consumer', ackPolicy, maxDeliver }).expectation;
    expect(promiseOf({ kind: 'core' }).expectation).toBe('at-most-once');
    expect(consumer('explicit')).toBe('at-least-once');
    expect(consumer('all', 5)).toBe('at-least-once');
    expect(consumer('none')).toBe('at-most-once');
    expect(consumer('explicit', 1)).toBe('at-most-once');
  });
});
