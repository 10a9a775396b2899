import { describe, expect, it } from 'vitest';

import {
  memberNames,
  queueSubscription,
  type QueueRequest,
} from '../../../../src/messaging/run/queue-workers.js';
import { matchRepliesRequest } from '../../../../src/messaging/run/reply-matcher.js';
import { subscribe } from '../../../../src/messaging/run/subscribe.js';
import type { Exchange } from '../../../../src/core/message/reading.js';
import { startNatsServer } from '../../../support/nats-server.js';
import { bytes, dialTo, sessionTo } from '../../wire/dialled.js';
import { collectingSink, targetOf } from './reading-support.js';

const never = new AbortController().signal;

function joining(differing: Partial<QueueRequest>): QueueRequest {
  return {
    pattern: 'jobs.*',
    queue: 'q',
    members: memberNames(3),
    ownConnections: false,
    holdBack: false,
    limits: {},
    ...differing,
  };
}

async function publishJobs(url: string, jobs: number): Promise<void> {
  const session = await sessionTo(dialTo(url));
  for (let n = 0; n < jobs; n += 1) session.publish({ subject: 'jobs.x', payload: bytes(`${n}`) });
  await session.flush(60_000);
}

describe('members of a queue group', () => {
  it.each([false, true])(
    'each message goes to one of them (own connections: %s)',
    async (ownConnections) => {
      const server = await startNatsServer();
      const sink = collectingSink();
      const request = joining({ ownConnections, limits: { count: 300 } });
      const done = subscribe(targetOf(server.url), queueSubscription(request, sink), sink, never);
      await sink.stands;
      const { connections } = await server.monitor('/varz');
      expect(connections).toBe(ownConnections ? 3 : 1);
      await publishJobs(server.url, 300);
      expect(await done).toMatchObject({ end: 'count', messages: 300 });
      expect(new Set(sink.seen.map(({ payload }) => payload)).size).toBe(300);
      for (const member of request.members) {
        const got = sink.seen.filter((one) => one.member === member).length;
        expect(got).toBeGreaterThan(50);
      }
    },
  );

  it('work takes its time, one message after the other for each member', async () => {
    const { url } = await startNatsServer();
    const sink = collectingSink();
    const work = { minMs: 10, maxMs: 10 };
    const request = joining({ members: memberNames(1), work, limits: { count: 30 } });
    const done = subscribe(targetOf(url), queueSubscription(request, sink), sink, never);
    await sink.stands;
    const startMs = performance.now();
    await publishJobs(url, 30);
    expect(await done).toMatchObject({ messages: 30, dropped: 0 });
    const elapsedMs = performance.now() - startMs;
    expect(elapsedMs).toBeGreaterThanOrEqual(295);
    expect(sink.seen.map(({ payload }) => Number(payload))).toEqual([...Array(30).keys()]);
  });

  it('when stopped, they finish what they have', async () => {
    const { url } = await startNatsServer();
    const stop = new AbortController();
    const sink = collectingSink();
    const work = { minMs: 5, maxMs: 5 };
    const request = joining({ work });
    const done = subscribe(targetOf(url), queueSubscription(request, sink), sink, stop.signal);
    await sink.stands;
    await publishJobs(url, 60);
    stop.abort();
    expect(await done).toMatchObject({ end: 'stopped', messages: 60 });
    expect(sink.seen).toHaveLength(60);
  });
});

describe('requests with their replies', () => {
  it('pairs, more replies than one, no responders, none at all, and none wanted', async () => {
    const { url } = await startNatsServer();
    const exchanges: Exchange[] = [];
    const sink = collectingSink();
    const request = matchRepliesRequest(['svc.>'], {
      limits: { count: 4 },
      accepts: undefined,
      inboxPattern: '_INBOX.>',
      timeoutMs: 2_000,
      onExchange: (exchange) => {
        exchanges.push(exchange);
        return 'taken';
      },
      ready: () => Promise.resolve(),
    });
    const done = subscribe(targetOf(url), request, sink, never);
    await sink.stands;

    const service = await sessionTo(dialTo(url));
    service.subscribe('svc.twice', {}, ({ reply }) => {
      for (const payload of ['one', 'two']) {
        service.publish({ subject: reply ?? '', payload: bytes(payload) });
      }
    });
    service.subscribe('svc.silent', {}, () => undefined);
    await service.flush(60_000);
    const client = await sessionTo(dialTo(url));
    client.subscribe('_INBOX.client.*', {}, () => undefined);
    const ask = (subject: string, reply: string) =>
      client.publish({ subject, reply: `_INBOX.client.${reply}`, payload: bytes('?') });
    ask('svc.twice', '1');
    ask('svc.silent', '2');
    client.publish({ subject: 'svc.event', payload: bytes('!') });
    await client.flush(60_000);
    ask('svc.twice', '3');

    expect(await done).toMatchObject({ end: 'count', messages: 4 });
    const told = exchanges.map(({ count, outcome, reply, replyNumber }) => [
      count,
      outcome,
      reply === undefined ? undefined : Buffer.from(reply.payload).toString(),
      replyNumber,
    ]);
    expect(told).toHaveLength(6);
    expect(told).toEqual(
      expect.arrayContaining([
        [1, 'replied', 'one', 1],
        [1, 'replied', 'two', 2],
        [2, 'no-reply', undefined, undefined],
        [3, 'no-reply-wanted', undefined, undefined],
        [4, 'replied', 'one', 1],
        [4, 'replied', 'two', 2],
      ]),
    );
    const replied = exchanges.filter(({ outcome }) => outcome === 'replied');
    expect(replied).toHaveLength(4);
    for (const { latencyNs } of replied) expect(latencyNs).toBeGreaterThan(0);
  });
});
