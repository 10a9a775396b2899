import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../src/backlog/model/diagnose.js';
import type { ClosedConnection, ConnectionSample } from '../../../../src/streams/model/snapshot.js';
import { HOUR, MINUTE, still, T0, windowOf, type History } from './histories.js';

const INBOX = '_INBOX.Q5EHT0WRCMYV6PXKJ0N4A1';

let cids = 0;

function open(name: string, state: Partial<ConnectionSample> = {}): ConnectionSample {
  return {
    server: 'one',
    cid: (cids += 1),
    atMs: T0,
    name,
    address: '10.0.0.7:5000',
    pendingBytes: 0,
    outMessages: 12,
    inMessages: 3,
    startMs: T0 - HOUR,
    lastActivityMs: T0 - MINUTE + 3,
    subscriptionCount: 1,
    subscriptions: [INBOX],
    ...state,
  };
}

function closed(name: string, state: Partial<ClosedConnection> = {}): ClosedConnection {
  return { ...open(name), stopMs: T0 - MINUTE + 500, reason: 'Client Closed', ...state };
}

/** Ten in flight, silent for a minute, nobody pulls. */
const STANDING = still({ P: 40, A: 10, D: 110, deliveredAt: -MINUTE });

function look(
  connections: readonly ConnectionSample[],
  gone: readonly ClosedConnection[] = [],
  history: Partial<History> = {},
): { readonly verdict: string; readonly headline: string } {
  const core = { open: [connections, connections], closed: gone };
  const report = diagnose(windowOf({ readings: STANDING, core, ...history }));
  const [consumer] = report.streams[0]?.consumers ?? [];
  return { verdict: consumer?.verdict ?? '', headline: consumer?.headline ?? '' };
}

/** 60 messages go out to somebody who has never ten in flight, because as many expire. */
const LOSING = [0, 20, 40].map((step) => ({
  P: 500,
  A: 10,
  D: 1000 + step,
  S: 5009 + step,
  F: 4999 + step,
  firstSeq: 5000 + step,
  L: 5509 + step,
}));

function lookAtLosses(sent: number): { readonly verdict: string; readonly headline: string } {
  const config = { maxAckPending: 10 };
  const before = open('billing', { atMs: T0 });
  const after = { ...before, atMs: T0 + 4000, outMessages: 52, inMessages: 3 + sent };
  const core = { open: [[before], [after]] };
  const stream = { maxAgeMs: 60_000 };
  const lookups = { oldest: { seq: 5040, storedMs: T0 + 4000 - MINUTE, estimated: false } };
  const report = diagnose(windowOf({ readings: LOSING, core, config, stream, lookups }));
  const [consumer] = report.streams[0]?.consumers ?? [];
  return { verdict: consumer?.verdict ?? '', headline: consumer?.headline ?? '' };
}

describe('pulls that were heard of a consumer that is named', () => {
  const standing = still({ P: 20, deliveredAt: -HOUR });
  const seen = (pulls: object, config: object = {}) =>
    look([], [], { readings: standing, config, lookups: { pulls: { pulls: 3, ...pulls } } });

  it('tell what they ask for too much', () => {
    expect(seen({ maxBatch: 100 }, { maxBatch: 10 }).verdict).toBe('PULL_LIMIT_REJECTS');
    expect(seen({ maxExpiresMs: 30_000 }, { maxExpiresMs: 5_000 }).headline).toContain('30s');
  });

  it('are somebody who asks', () => {
    const { verdict, headline } = seen({ maxBatch: 1 });
    expect(verdict).toBe('UNKNOWN');
    expect(headline).toContain('3 pull requests in 4s received no messages');
    expect(seen({ pulls: 0 }).verdict).toBe('NO_CLIENT');
  });

  it('leave no doubt whether there were refused ones', () => {
    expect(seen({ pulls: 0 }, { maxBatch: 10 }).headline).not.toContain('refused');
  });
});

describe('who takes messages that expire in its hands', () => {
  it('hangs when it sends nothing', () => {
    const { verdict, headline } = lookAtLosses(1);
    expect(verdict).toBe('CLIENT_HUNG');
    expect(headline).toContain('billing (10.0.0.7:5000) received 40 messages in 4s');
    expect(headline).toContain('unread messages are lost');
  });

  it('is too slow when it answers', () => {
    const { verdict } = lookAtLosses(40);
    expect(verdict).toBe('SLOW_PROCESSING');
  });

  it('may be either where its traffic does not tell', () => {
    expect(lookAtLosses(12).verdict).toBe('DATA_LOSS_IMMINENT');
  });
});

describe('who holds the messages', () => {
  it('is named when its traffic alone ended with the last delivery', () => {
    const { verdict, headline } = look([
      open('billing'),
      open('other', { lastActivityMs: T0 - 9000 }),
    ]);
    expect(verdict).toBe('CLIENT_HUNG');
    expect(headline).toContain('The client billing');
  });

  it('is not the last alone, when those before it owe the rest', () => {
    const before = { lastActivityMs: T0 - MINUTE - 800, outMessages: 6, inMessages: 2 };
    const last = open('billing', { outMessages: 8, inMessages: 2 });
    const { verdict, headline } = look([open('shipping', before), last]);
    expect(verdict).toBe('CLIENT_HUNG');
    expect(headline).toContain('10 messages are held by 2 clients');
    expect(headline).toContain(
      'billing (10.0.0.7:5000), silent for 1m4s, and earlier ones, shipping (10.0.0.7:5000)',
    );
  });

  it('has no more than it ever got', () => {
    const { headline } = look([open('billing', { outMessages: 8, inMessages: 1 })]);
    expect(headline).toContain('received the last of 10 messages in flight, at most 8 of them,');
  });

  it('does not share them with those who owe nothing, or something else', () => {
    const last = open('billing', { outMessages: 8, inMessages: 1 });
    const earlier = { lastActivityMs: T0 - MINUTE - 800 };
    const done = open('done', { ...earlier, outMessages: 5, inMessages: 5 });
    expect(look([done, last]).headline).not.toContain('done');
    const reader = open('reader', { ...earlier, outMessages: 900, inMessages: 1 });
    expect(look([reader, last]).headline).not.toContain('reader');
  });

  it('is one of several when several stopped then', () => {
    const { verdict, headline } = look([open('billing'), open('shipping')]);
    expect(verdict).toBe('CLIENT_HUNG');
    expect(headline).toContain('one or more of the 2 clients');
  });

  it.each([
    ['listens to the stream itself', { subscriptions: ['orders.>', INBOX] }],
    ['waits for no replies', { subscriptions: ['audit'] }],
    ['came later', { startMs: T0 - MINUTE + 1 }],
  ])('is nobody who %s', (_, state) => {
    const { verdict, headline } = look([open('neighbour', state)]);
    expect(verdict).toBe('CLIENT_GONE_WITH_WORK');
    expect(headline).not.toContain('neighbour');
  });

  it('is gone at once when its connection is closed, and no other closed one is named', () => {
    const neighbour = closed('neighbour', { lastActivityMs: T0 - MINUTE - 5000 });
    const history = { config: { ackWaitMs: HOUR } };
    const { verdict, headline } = look([open('x', { inMessages: 99 })], [neighbour], history);
    expect(verdict).toBe('CLIENT_HUNG');
    expect(headline).not.toContain('neighbour');
    const quiet = open('quiet', { lastActivityMs: T0 - HOUR });
    const told = look([quiet], [neighbour, closed('billing')], history);
    expect(told.verdict).toBe('CLIENT_GONE_WITH_WORK');
    expect(told.headline).toContain('probably billing');
  });

  it('hangs, whoever it is, where closed connections are told and none of them could have got them', () => {
    const before = closed('earlier', { stopMs: T0 - HOUR });
    const told = look([open('busy', { lastActivityMs: T0 })], [before]);
    expect(told.verdict).toBe('CLIENT_HUNG');
    expect(told.headline).not.toContain('busy');
    expect(look([open('busy', { lastActivityMs: T0 })]).verdict).toBe('CLIENT_GONE_WITH_WORK');
  });

  it('is found late on a busy machine, but not before one that was closed at once', () => {
    const late = open('late', { lastActivityMs: T0 - MINUTE + 60, outMessages: 3 });
    expect(look([late]).headline).toContain('The client late');
    const told = look([late], [closed('billing', { outMessages: 3 })]);
    expect(told.verdict).toBe('CLIENT_GONE_WITH_WORK');
    expect(told.headline).toContain('probably billing');
  });

  it('is gone at once when nobody is connected who could have got them', () => {
    const history = { config: { ackWaitMs: HOUR } };
    const { verdict } = look([open('new', { startMs: T0 - 1000 })], [], history);
    expect(verdict).toBe('CLIENT_GONE_WITH_WORK');
  });
});

describe('an unused durable whose server has forgotten when it delivered', () => {
  const forgotten = { readings: still({ D: 100, deliveredAt: null }) };
  const week = 8 * 24 * HOUR;

  it.each([
    ['is not accused while the server may be new', 2 * HOUR, 24 * HOUR, false],
    ['is not accused when it is young itself', week, 24 * HOUR, false],
    ['is told when both are old', week, week, true],
  ])('%s', (_, upMs, ageMs, told) => {
    const core = { open: [[open('old', { startMs: T0 - upMs, lastActivityMs: T0 })]] };
    const sample = { createdMs: T0 - ageMs };
    const [stream] = diagnose(windowOf({ ...forgotten, core, sample })).streams;
    const ids = stream?.consumers[0]?.findings.map(({ id }) => id);
    expect(ids?.includes('ORPHANED_DURABLE')).toBe(told);
  });
});

describe('messages that are lost while nobody asks', () => {
  it('have no client as their cause, however short the rest', () => {
    const readings = [0, 100, 200].map((lost) => ({
      P: 100,
      D: 50,
      L: 550 + lost,
      firstSeq: 451 + lost,
      deliveredAt: -5000,
    }));
    const { verdict } = look([open('x', { inMessages: 99 })], [], {
      readings,
      stream: { maxMessages: 100 },
    });
    expect(verdict).toBe('NO_CLIENT');
  });
});
