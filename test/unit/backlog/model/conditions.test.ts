import { describe, expect, it } from 'vitest';
import { checkReport } from '../../../../src/backlog/model/check.js';
import { diagnose } from '../../../../src/backlog/model/diagnose.js';
import {
  failedConditions,
  failsOn,
  parseFailCondition,
} from '../../../../src/backlog/model/fail-condition.js';
import { HOUR, MINUTE, still, T0, windowOf, type History } from './histories.js';

const report = (history: History) => diagnose(windowOf(history));
const dead: History = {
  readings: still({ P: 40, D: 100, deliveredAt: -2 * MINUTE }),
  lookups: { oldest: { storedMs: T0 - 10 * MINUTE, estimated: false } },
};
const draining: History = {
  readings: [
    { P: 900, D: 100 },
    { P: 800, D: 200 },
    { P: 700, D: 300 },
  ],
};
const none = { warning: [], critical: [] };

describe('--fail-if', () => {
  it.each<readonly [string, History, boolean]>([
    ['backlog>39', dead, true],
    ['backlog>40', dead, false],
    ['age>5m', dead, true],
    ['age>1h', dead, false],
    ['eta>10s', draining, true],
    ['eta>1h', draining, false],
    ['eta>1h', dead, true],
    ['rate_out<100', draining, true],
    ['loss<1h', dead, false],
  ])('%s', (text, history, failed) => {
    expect(
      failedConditions(report(history), [parseFailCondition(text)]).some(
        ({ value }) => value !== undefined,
      ),
    ).toBe(failed);
  });

  it('says so when the value is not known', () => {
    expect(failedConditions(report(draining), [parseFailCondition('age>5m')])).toEqual([
      { condition: 'age>5m', field: 'age', stream: 'ORDERS', consumer: 'worker', value: undefined },
    ]);
  });

  it.each(['age>5', 'backlog>many', 'speed>1'])('refuses %s', (text) => {
    expect(() => parseFailCondition(text)).toThrow(expect.objectContaining({ kind: 'usage' }));
  });
});

describe('--fail-on', () => {
  it('counts alarms, and nothing that its owner lets lag', () => {
    expect(failsOn(report(dead), 'critical')).toBe(true);
    expect(failsOn(report(draining), 'warning')).toBe(false);
    const marked = { ...dead, config: { metadata: { 'io.natsx.ignore': '1' } } };
    expect(failsOn(report(marked), 'warning')).toBe(false);
  });
});

describe('the Nagios check', () => {
  it.each<readonly [string, History, 0 | 1 | 2 | 3]>([
    ['critical', dead, 2],
    ['healthy', draining, 0],
    ['a doubt', { readings: [{ P: 3 }] }, 3],
    ['a warning', { readings: still({ P: 4, A: 3, D: 100, deliveredAt: -4000 }) }, 1],
    [
      'metadata of the owner',
      {
        readings: [
          { P: 10, D: 100 },
          { P: 10, D: 200 },
          { P: 10, D: 300 },
        ],
        config: {
          metadata: {
            'io.nats.monitor.enabled': 'true',
            'io.nats.monitor.unprocessed-critical': '10',
          },
        },
      },
      2,
    ],
    [
      'metadata that is switched off',
      {
        readings: [
          { P: 10, D: 100 },
          { P: 10, D: 200 },
          { P: 10, D: 300 },
        ],
        config: { metadata: { 'io.nats.monitor.unprocessed-critical': '10' } },
      },
      0,
    ],
    [
      'metadata with a time',
      {
        readings: still({ D: 100, deliveredAt: -HOUR }),
        config: {
          metadata: {
            'io.nats.monitor.enabled': 'true',
            'io.nats.monitor.last-delivery-critical': '30m',
          },
        },
      },
      2,
    ],
    [
      'metadata that cannot be read',
      {
        readings: still({ D: 100, deliveredAt: -HOUR }),
        config: {
          metadata: {
            'io.nats.monitor.enabled': 'true',
            'io.nats.monitor.last-ack-critical': 'soon',
          },
        },
      },
      0,
    ],
  ])('%s', (_name, history, status) => {
    expect(checkReport(report(history), none).status).toBe(status);
  });

  it('prints one line with its figures', () => {
    expect(checkReport(report(draining), none).line).toMatchInlineSnapshot(
      `"OK ORDERS worker: It keeps up at 50 msg/s: a backlog of 700 messages, done in about 14s. | 'backlog'=700;;;0 'pending'=700;;;0 'ack_pending'=0;;;0 'rate_in'=0;;;0 'rate_out'=50;;;0 'eta'=14s;;;0"`,
    );
  });

  it('tests the limits that it was given', () => {
    const limits = {
      warning: [parseFailCondition('backlog>100')],
      critical: [parseFailCondition('backlog>1000')],
    };
    expect(checkReport(report(draining), limits)).toMatchObject({
      status: 1,
      problems: ['ORDERS worker: backlog>100 (it is 700)'],
    });
  });
});
