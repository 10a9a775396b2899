import { describe, expect, it } from 'vitest';

import type {
  ReplyExpectation,
  RequestOutcome,
} from '../../../../src/messaging/model/request-outcome.js';
import {
  replyExpectation,
  requestFailure,
} from '../../../../src/messaging/model/request-outcome.js';
import { serviceErrorHeaders, serviceErrorOf } from '../../../../src/core/message/service-error.js';

const one: ReplyExpectation = { replies: 1, untilEmpty: false, gapMs: undefined, timeoutMs: 5000 };
const all: ReplyExpectation = { ...one, replies: 'all', gapMs: 300 };

const outcome = (facts: Partial<RequestOutcome>): RequestOutcome => ({
  subject: 's',
  end: 'complete',
  replies: 1,
  serviceError: undefined,
  ...facts,
});

describe('what a request came to', () => {
  it.each([
    [{ end: 'complete' }, one, undefined],
    [{ end: 'timeout', replies: 0 }, one, 'timeout'],
    [{ end: 'no-responders', replies: 0 }, one, 'no-responders'],
    [{ end: 'timeout', replies: 2 }, { ...one, replies: 3 }, 'timeout'],
    [{ end: 'gap', replies: 2 }, { ...one, replies: 3, gapMs: 10 }, 'timeout'],
    [{ end: 'gap', replies: 2 }, all, undefined],
    [{ end: 'timeout', replies: 2 }, all, undefined],
    [{ end: 'timeout', replies: 0 }, all, 'timeout'],
    [{ end: 'timeout', replies: 2 }, { ...all, untilEmpty: true }, 'timeout'],
    [{ serviceError: { code: '500', description: 'no' } }, one, 'rejected'],
  ] as const)('%j of %j: %s', (facts, expected, kind) => {
    expect(requestFailure(outcome(facts), expected)?.kind).toBe(kind);
  });

  it('no responder: suggests to wait for one, or to wait longer', () => {
    const failed = outcome({ end: 'no-responders', replies: 0 });
    expect(requestFailure(failed, one)?.hint).toContain('--wait-for-responder 10s');
    expect(requestFailure(failed, one, 2000)?.hint).toBe(
      'none within 2s: check the subject, or wait longer',
    );
  });

  it('all replies end with a gap, and an empty one needs none', () => {
    expect(replyExpectation({ ...one, replies: 'all' }).gapMs).toBe(300);
    expect(replyExpectation({ ...one, replies: 'all', gapMs: 5 }).gapMs).toBe(5);
    expect(replyExpectation({ ...one, untilEmpty: true })).toEqual({
      ...one,
      replies: 'all',
      untilEmpty: true,
    });
    expect(replyExpectation(one)).toEqual(one);
  });
});

describe('errors of services', () => {
  it('are read without regard to case, and written on one line', () => {
    const written = serviceErrorHeaders({ code: '3', description: 'a\r\nb' });
    expect(serviceErrorOf(written)).toEqual({ code: '3', description: 'a b' });
    expect(serviceErrorOf(new Map([['nats-service-error', ['x']]]))).toEqual({
      code: '',
      description: 'x',
    });
    expect(serviceErrorOf(new Map([['Other', ['x']]]))).toBeUndefined();
    expect(serviceErrorOf(undefined)).toBeUndefined();
  });
});
