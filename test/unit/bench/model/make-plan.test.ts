import { describe, expect, it } from 'vitest';
import { makePlan } from '../../../../src/bench/model/make-plan.js';
import type { BenchRequest } from '../../../../src/bench/model/request.js';

const base: BenchRequest = { scenario: 'pubsub', runId: 'r1', cores: 4 };

describe('plan', () => {
  it('has defaults for everything', () => {
    expect(makePlan(base)).toMatchInlineSnapshot(`
      {
        "ack": "explicit",
        "batch": 500,
        "engine": "wire",
        "firstMs": 60000,
        "goal": {
          "durationMs": 5000,
          "kind": "duration",
        },
        "headers": [],
        "idleMs": 5000,
        "mode": undefined,
        "ownSubject": true,
        "pace": undefined,
        "payload": undefined,
        "publishers": 1,
        "repeat": 1,
        "replicas": 1,
        "replyDelayMs": 0,
        "requesters": 0,
        "responders": 0,
        "runId": "r1",
        "scenario": "pubsub",
        "seed": 1,
        "size": {
          "bytes": 128,
          "kind": "fixed",
        },
        "storage": "file",
        "stream": undefined,
        "subject": "natsx.bench.r1",
        "subjects": 1,
        "subscribers": 1,
        "warmupMs": 500,
        "window": 1,
        "workers": 2,
        "workersPerHost": undefined,
      }
    `);
  });

  it.each<[Partial<BenchRequest>, object]>([
    [
      { scenario: 'queue', clients: 3 },
      { publishers: 1, subscribers: 3 },
    ],
    [
      { scenario: 'pub', clients: 3 },
      { publishers: 3, subscribers: 0 },
    ],
    [
      { scenario: 'request', responders: 0 },
      { requesters: 1, responders: 0, window: 1 },
    ],
    [{ scenario: 'reply' }, { responders: 1, goal: { kind: 'open' }, warmupMs: 0 }],
    [{ scenario: 'sub' }, { subscribers: 1, goal: { kind: 'open' } }],
    [{ scenario: 'js-pub' }, { window: 500 }],
    [{ scenario: 'request', pace: { ratePerS: 10, kind: 'constant' } }, { window: 10_000 }],
    [{ scenario: 'js-get', pace: { ratePerS: 10, kind: 'constant' }, window: 3 }, { window: 3 }],
    [{ scenario: 'js-consume', stream: 'S' }, { goal: { kind: 'stored' } }],
    [{ scenario: 'js-consume' }, { goal: { kind: 'messages', messages: 100_000 } }],
    [{ scenario: 'js-consume' }, { goal: { kind: 'messages', messages: 100_000 }, batch: 500 }],
    [{ messages: 5 }, { goal: { kind: 'messages', messages: 5 } }],
    [{ size: { kind: 'fixed', bytes: 0 } }, { size: { kind: 'fixed', bytes: 0 } }],
    [{ payload: Buffer.from('abc') }, { size: { kind: 'fixed', bytes: 3 } }],
    [{ clients: 2, pubs: 9 }, { workers: 4 }],
    [{ scenario: 'pub', workers: 8 }, { workers: 1 }],
    [{ subjects: 1_000_000 }, { subjects: 1_000_000 }],
  ])('%j gives %j', (request, expected) => {
    expect(makePlan({ ...base, ...request })).toMatchObject(expected);
  });

  it.each<[Partial<BenchRequest>, string]>([
    [{ messages: 1, durationMs: 1 }, 'either --msgs or --duration'],
    [{ messages: 0 }, '--msgs takes a whole number from 1'],
    [{ messages: 1.5 }, '--msgs takes a whole number'],
    [{ durationMs: 0 }, '--duration must be longer than zero'],
    [{ clients: 0 }, '--clients takes a whole number from 1'],
    [{ pace: { ratePerS: -1, kind: 'constant' } }, 'invalid rate of -1'],
    [
      { scenario: 'sub', pace: { ratePerS: 1, kind: 'constant' } },
      '"bench sub" does not use --rate',
    ],
    [{ scenario: 'sub', size: { kind: 'fixed', bytes: 1 } }, '"bench sub" does not use --size'],
    [
      { scenario: 'js-consume', stream: 'S', size: { kind: 'fixed', bytes: 1 } },
      '"bench js-consume" with --stream does not use --size',
    ],
    [
      { scenario: 'js-consume', stream: 'S', storage: 'memory' },
      '"bench js-consume" with --stream does not use --storage',
    ],
    [
      { scenario: 'js-get', stream: 'S', subject: 'a' },
      '"bench js-get" with --stream does not use a subject',
    ],
    [{ window: 5 }, '"bench pubsub" does not use --window'],
    [{ scenario: 'pub', subs: 1 }, '"bench pub" does not use --subs'],
    [{ stream: 'S' }, '"bench pubsub" does not use --stream'],
    [
      { payload: Buffer.alloc(1), size: { kind: 'fixed', bytes: 1 } },
      'either --size or --payload-file',
    ],
    [{ repeat: 0 }, '--repeat takes a whole number from 1'],
    [{ subjects: 0 }, '--subjects takes'],
    [{ warmupMs: -1 }, '--warmup cannot be below zero'],
    [{ clients: 2, subs: 1 }, 'give either --clients or --subs'],
    [{ scenario: 'js-pub', clients: 2, pubs: 2 }, 'give either --clients or --pubs'],
    [{ scenario: 'reply', clients: 1, responders: 1 }, 'give either --clients or --responders'],
    [
      { subjects: 100_000, size: { kind: 'fixed', bytes: 64 * 1024 } },
      '100000 subjects with bodies of that size take 6250 MiB',
    ],
  ])('refuses %j', (request, message) => {
    expect(() => makePlan({ ...base, ...request })).toThrow(
      expect.objectContaining({
        kind: 'usage',
        message: expect.stringContaining(message) as string,
      }),
    );
  });
});
