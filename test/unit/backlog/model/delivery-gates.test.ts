import { describe, expect, it } from 'vitest';

import type { ConsumerFacts } from '../../../../src/backlog/model/consumer-facts.js';
import { deliveryGates } from '../../../../src/backlog/model/delivery-gates.js';

const NOW = 1_000_000;

function facts(
  last: object,
  rest: { readonly motion?: object; readonly lookups?: object; readonly clients?: object } = {},
): ConsumerFacts {
  return {
    last: {
      atMs: NOW,
      paused: false,
      pushBound: false,
      waiting: 0,
      pending: 0,
      ackPending: 0,
      priorityGroups: [],
      delivered: { lastActiveMs: NOW - 200 },
      ...last,
      config: { maxWaiting: 512, maxAckPending: 1000, replayOriginal: false },
    },
    motion: { deliveries: 0 },
    lookups: {},
    clients: {},
    ...rest,
  } as unknown as ConsumerFacts;
}

function stateOf(of: ConsumerFacts, id: string): readonly [string, string] {
  const gate = deliveryGates(of).find((one) => one.id === id);
  return [gate?.state ?? '', gate?.detail ?? ''];
}

describe('whether a client asks', () => {
  it.each([
    ['a pull request waits', facts({ waiting: 1 }), ['yes', '1 pull request of 512 is waiting']],
    [
      'a busy worker has none waiting',
      facts({ pending: 90, ackPending: 10 }, { motion: { deliveries: 10 } }),
      ['unknown', 'no pull request is waiting; the last delivery was 200ms ago'],
    ],
    [
      'a busy worker that was heard',
      facts(
        { pending: 90, ackPending: 10 },
        {
          lookups: { pulls: { pulls: 2 } },
          clients: { serving: [{ name: 'natsx sub', address: '10.0.0.1:4' }] },
        },
      ),
      [
        'unknown',
        'no pull request is waiting; natsx sub (10.0.0.1:4) pulled 2 times in this window',
      ],
    ],
    [
      'nothing to do',
      facts({}),
      ['unknown', 'no pull request is waiting; the last delivery was 200ms ago'],
    ],
    [
      'messages wait and nothing moves',
      facts({ pending: 5, delivered: {} }),
      ['no', 'no pull request is waiting; the server does not remember a delivery'],
    ],
  ])('%s', (_, of, expected) => {
    expect(stateOf(of, 'client_asks')).toEqual(expected);
  });
});

it('says nothing of delivery where nothing is pending', () => {
  expect(stateOf(facts({}), 'something_to_deliver')).toEqual(['unknown', 'nothing is pending']);
  expect(stateOf(facts({ ackPending: 3 }), 'something_to_deliver')).toEqual([
    'unknown',
    'nothing is pending, 3 in flight',
  ]);
  expect(stateOf(facts({ pending: 7 }), 'something_to_deliver')).toEqual(['yes', '7 pending']);
});

it('closes the gate of places in flight at the limit', () => {
  expect(stateOf(facts({ ackPending: 1000 }), 'places_in_flight')).toEqual([
    'no',
    '1,000 of 1,000',
  ]);
});
