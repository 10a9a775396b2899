import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../src/backlog/model/diagnose.js';
import type { CoreSeries } from '../../../../src/backlog/model/series.js';
import type { ClosedConnection, ConnectionSample } from '../../../../src/streams/model/snapshot.js';
import { HOUR, MINUTE, T0, still, windowOf } from './histories.js';

const MIB = 1024 * 1024;

function open(name: string, cid: number, state: Partial<ConnectionSample> = {}): ConnectionSample {
  return {
    server: 'one',
    cid,
    atMs: T0,
    name,
    address: `10.0.0.${String(cid)}:4000`,
    rttMs: 1,
    pendingBytes: 0,
    outMessages: 0,
    inMessages: 0,
    subscriptionCount: 1,
    subscriptions: ['a.>'],
    ...state,
  };
}

function closed(
  name: string,
  cid: number,
  state: Partial<ClosedConnection> = {},
): ClosedConnection {
  return {
    server: 'one',
    cid,
    name,
    address: '10.0.0.9:4000',
    stopMs: T0,
    reason: 'Client Closed',
    subscriptions: ['a.>'],
    subscriptionCount: 1,
    ...state,
  };
}

function found(core: CoreSeries): readonly string[] {
  const window = windowOf({ readings: still({ D: 1, W: 1 }), core });
  return diagnose(window).connections.flatMap(({ name, findings }) =>
    findings.map(({ id, severity }) => `${name}: ${id} ${severity}`),
  );
}

describe('the verdict on a connection', () => {
  const crowd = [1, 2, 3, 4, 5].map((cid) => open(`c${String(cid)}`, cid));

  it.each<readonly [string, CoreSeries, readonly string[]]>([
    ['quick readers', { open: [crowd, crowd] }, []],
    [
      'far too much unsent',
      { open: [[open('slow', 1)], [open('slow', 1, { pendingBytes: 50 * MIB })]] },
      ['slow: CORE_SLOW_CONSUMER critical'],
    ],
    [
      'near the limit that a monitoring port told',
      { open: [[open('slow', 1, { pendingBytes: 800 })]], maxPendingBytes: 1000 },
      ['slow: CORE_SLOW_CONSUMER critical'],
    ],
    [
      'megabytes unsent all the time',
      { open: [9, 12].map((mib) => [open('slow', 1, { pendingBytes: mib * MIB })]) },
      ['slow: CORE_SLOW_CONSUMER warning'],
    ],
    [
      'megabytes unsent for a moment',
      { open: [[open('slow', 1)], [open('slow', 1, { pendingBytes: 12 * MIB })]] },
      [],
    ],
    [
      'cut off minutes ago',
      {
        open: [[]],
        closed: [
          closed('slow', 1, { reason: 'Slow Consumer (Write Deadline)', stopMs: T0 - MINUTE }),
        ],
      },
      ['slow: CORE_SLOW_CONSUMER critical'],
    ],
    [
      'cut off yesterday',
      {
        open: [[]],
        closed: [
          closed('slow', 1, { reason: 'Slow Consumer (Write Deadline)', stopMs: T0 - 24 * HOUR }),
        ],
      },
      [],
    ],
    [
      'counted by the server, not named',
      {
        statistics: [0, 2].map((slowConsumers) => [
          { server: 'one', atMs: T0, connections: 1, slowConsumers },
        ]),
      },
      ['clients of server one: CORE_SLOW_CONSUMER critical'],
    ],
    [
      'stalls publishers',
      { open: [0, 40].map((stalls) => [open('slow', 1, { stalls })]) },
      ['slow: PRODUCER_STALLED warning'],
    ],
    [
      'comes and goes',
      {
        open: [[]],
        closed: [1, 2, 3].map((cid) => closed('flap', cid, { reason: 'Stale Connection' })),
      },
      ['flap: CONNECTION_FLAPPING warning'],
    ],
    [
      'short-lived scripts without subscriptions',
      { open: [[]], closed: [1, 2, 3].map((cid) => closed('cli', cid, { subscriptionCount: 0 })) },
      [],
    ],
    [
      'commands that were done',
      {
        open: [[]],
        closed: [
          ...[1, 2, 3].map((cid) => closed('natsx sub (web-1)', cid, { reason: 'Client Closed' })),
          ...[4, 5, 6].map((cid) =>
            closed('NATS CLI Version 0.5.1', cid, { reason: 'Client Closed' }),
          ),
        ],
      },
      [],
    ],
    [
      'a command that loses its connection',
      {
        open: [[]],
        closed: [1, 2, 3].map((cid) => closed('natsx sub', cid, { reason: 'Stale Connection' })),
      },
      ['natsx sub: CONNECTION_FLAPPING warning'],
    ],
    [
      'this program itself',
      { open: [[]], closed: [1, 2, 3].map((cid) => closed('natsx backlog', cid)) },
      [],
    ],
    [
      'far away',
      { open: [[...crowd, open('far', 6, { rttMs: 120 })]] },
      ['far: SLOW_LINK warning'],
    ],
    [
      'far away, measured when it connected',
      { open: [[...crowd, open('busy start', 6, { rttMs: 120, startMs: T0 - 10_000 })]] },
      ['busy start: SLOW_LINK info'],
    ],
    [
      'far away, measured again since',
      { open: [[...crowd, open('far', 6, { rttMs: 120, startMs: T0 - 600_000 })]] },
      ['far: SLOW_LINK warning'],
    ],
    [
      'five times a microsecond is no distance',
      { open: [[...crowd, open('near', 6, { rttMs: 9 })]] },
      [],
    ],
  ])('%s', (_name, core, ids) => {
    expect(found(core)).toEqual(ids);
  });
});
