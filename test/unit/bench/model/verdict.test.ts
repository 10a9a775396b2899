import { expect, it } from 'vitest';
import { limitVerdict } from '../../../../src/bench/model/verdict.js';
import type { LimitFacts } from '../../../../src/bench/model/verdict.js';

const idle: LimitFacts = {
  targetRatePerS: undefined,
  achievedRatePerS: 1000,
  busiestThread: 0.2,
  backpressure: 0,
  windowWait: 0,
  machineBusy: 0.3,
  processShare: 0.1,
  local: true,
  roundTripNs: 200_000,
  window: 500,
  writesToDisk: false,
  replyDelayMs: 0,
  roundTrips: false,
  receivesOnly: false,
  elapsedNs: 1e9,
};

it.each<[string, Partial<LimitFacts>, string]>([
  ['a held rate', { targetRatePerS: 1000, busiestThread: 0.99 }, 'target-rate'],
  [
    'a rate that was missed by a busy thread',
    { targetRatePerS: 2000, busiestThread: 0.99 },
    'this-process',
  ],
  ['a responder that waits on purpose', { replyDelayMs: 2, roundTrips: true }, 'responder'],
  ['one request at a time', { window: 1, roundTrips: true }, 'round-trip'],
  ['a busy thread', { busiestThread: 0.95 }, 'this-process'],
  [
    'a busy thread that waits for the socket too',
    { busiestThread: 0.95, backpressure: 0.8 },
    'server',
  ],
  ['a busy thread of a run that was over at once', { busiestThread: 1, elapsedNs: 1e6 }, 'unknown'],
  ['a load that others send', { receivesOnly: true, machineBusy: 1 }, 'unknown'],
  ['a full machine', { machineBusy: 0.97 }, 'this-machine'],
  ['a full machine elsewhere', { machineBusy: 0.97, local: false, backpressure: 0.8 }, 'network'],
  ['a local server that reads slowly', { backpressure: 0.7 }, 'server'],
  [
    'a full window of stream writes',
    { windowWait: 0.9, roundTrips: true, writesToDisk: true },
    'disk',
  ],
  ['a full window in memory', { windowWait: 0.9, roundTrips: true }, 'server'],
  ['a full window far away', { windowWait: 0.9, roundTrips: true, local: false }, 'network'],
  ['nothing', {}, 'unknown'],
])('names the limit: %s', (_, facts, bottleneck) => {
  expect(limitVerdict({ ...idle, ...facts }).bottleneck).toBe(bottleneck);
});

it('gives its evidence', () => {
  expect(limitVerdict({ ...idle, backpressure: 0.712 }).sentence).toBe(
    'The server limited it: natsx waited 71% of the time for the server to read.',
  );
});
