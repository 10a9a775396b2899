import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ReplyMatcher } from '../../../../src/messaging/run/reply-matcher.js';
import { KeptMessage } from '../../../../src/core/message/message-in-place.js';
import type { Exchange } from '../../../../src/core/message/reading.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function message(subject: string, reply?: string): KeptMessage {
  return new KeptMessage({ subject, reply, payload: new Uint8Array(), receivedAtMs: 0 });
}

function matcherInto(told: Exchange[]): ReplyMatcher {
  return new ReplyMatcher({
    inboxPattern: '_INBOX.>',
    timeoutMs: 1000,
    onExchange: (exchange) => {
      told.push(exchange);
      return 'taken';
    },
    ready: () => Promise.resolve(),
  });
}

describe('a matcher of requests and replies', () => {
  it('tells the time between the two', () => {
    const told: Exchange[] = [];
    const matcher = matcherInto(told);
    matcher.take(message('svc', '_INBOX.1'), 1);
    vi.advanceTimersByTime(250);
    matcher.reply(message('_INBOX.1'));
    expect(told).toMatchObject([{ count: 1, outcome: 'replied', replyNumber: 1 }]);
    expect(told[0]?.latencyNs).toBeCloseTo(250e6, -3);
  });

  it('tells a request without a reply when its time is over, each at its own time', () => {
    const told: Exchange[] = [];
    const matcher = matcherInto(told);
    matcher.take(message('svc', '_INBOX.1'), 1);
    vi.advanceTimersByTime(600);
    matcher.take(message('svc', '_INBOX.2'), 2);
    vi.advanceTimersByTime(401);
    expect(told.map(({ count, outcome }) => [count, outcome])).toEqual([[1, 'no-reply']]);
    expect(matcher.busy).toBe(true);
    vi.advanceTimersByTime(600);
    expect(told.map(({ count }) => count)).toEqual([1, 2]);
    expect(matcher.busy).toBe(false);
  });

  it('does not know replies to what it has not seen, nor after their time', () => {
    const told: Exchange[] = [];
    const matcher = matcherInto(told);
    matcher.reply(message('_INBOX.9'));
    matcher.take(message('svc', '_INBOX.1'), 1);
    vi.advanceTimersByTime(1001);
    matcher.reply(message('_INBOX.1'));
    expect(told.map(({ outcome }) => outcome)).toEqual(['no-reply']);
  });

  it('tells what is left at once when it has to hurry', async () => {
    const told: Exchange[] = [];
    const matcher = matcherInto(told);
    matcher.take(message('svc', '_INBOX.1'), 1);
    await matcher.settled(true);
    expect(told).toMatchObject([{ outcome: 'no-reply' }]);
  });

  it('forgets the oldest when more wait than it may remember', () => {
    const told: Exchange[] = [];
    const matcher = matcherInto(told);
    for (let n = 1; n <= 100_002; n += 1) matcher.take(message('svc', `_INBOX.${n}`), n);
    expect(told.map(({ count }) => count)).toEqual([1, 2]);
  });

  it('shows a message that wants no reply, or wants it elsewhere, by itself', () => {
    const told: Exchange[] = [];
    const matcher = matcherInto(told);
    matcher.take(message('event'), 1);
    matcher.take(message('event', 'some.other.subject'), 2);
    expect(told.map(({ outcome }) => outcome)).toEqual(['no-reply-wanted', 'reply-elsewhere']);
  });
});
