import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';

import { subscribe, type SubscribeRequest } from '../../../../src/messaging/run/subscribe.js';
import { readingFailure } from '../../../../src/core/message/reading.js';
import { eventually } from '../../../support/eventually.js';
import { startNatsServer } from '../../../support/nats-server.js';
import { bytes, dialTo, failure, sessionTo } from '../../wire/dialled.js';
import { collectingSink, targetOf } from './reading-support.js';

const never = new AbortController().signal;

function reading(
  patterns: readonly string[],
  differing: Partial<SubscribeRequest> = {},
): SubscribeRequest {
  return { connections: [patterns.map((pattern) => ({ pattern }))], limits: {}, ...differing };
}

async function publish(url: string, messages: readonly (readonly [string, string])[]) {
  const session = await sessionTo(dialTo(url));
  for (const [subject, payload] of messages) session.publish({ subject, payload: bytes(payload) });
  await session.flush(60_000);
}

describe('subjects', () => {
  it('several patterns: each message once for each pattern that matches', async () => {
    const { url } = await startNatsServer();
    const sink = collectingSink();
    const request = reading(['a.*', 'b.>', 'b.c'], { limits: { count: 4 } });
    const done = subscribe(targetOf(url), request, sink, never);
    await sink.stands;
    await publish(url, [
      ['a.x', '1'],
      ['a.x.y', 'no'],
      ['b.c', '2'],
      ['b.c.d', '3'],
      ['c', 'no'],
    ]);
    expect(await done).toMatchObject({ end: 'count', messages: 4, bytes: 4, dropped: 0, gaps: 0 });
    expect(sink.seen.map(({ payload, count }) => [payload, count])).toEqual([
      ['1', 1],
      ['2', 2],
      ['2', 3],
      ['3', 4],
    ]);
  });

  it('one that is denied among several is an error that names it', async () => {
    const { url } = await startNatsServer({
      authorization: {
        users: [{ user: 'u', password: 'p', permissions: { subscribe: { allow: ['a.>'] } } }],
      },
    });
    const target = targetOf(url);
    const dial = dialTo(url, { credentials: () => ({ user: 'u', password: 'p' }) });
    const run = subscribe(
      { ...target, dial },
      reading(['a.x', 'secret.y']),
      collectingSink(),
      never,
    );
    const error = await failure(run);
    expect(error.kind).toBe('auth');
    expect(error.message).toContain('secret.y');
  });

  it('what a filter leaves out is counted, and does not count for the goal', async () => {
    const { url } = await startNatsServer();
    const sink = collectingSink();
    const accepts = ({ payloadSize }: { payloadSize: number }) => payloadSize > 1;
    const done = subscribe(
      targetOf(url),
      reading(['a'], { limits: { count: 2 }, accepts }),
      sink,
      never,
    );
    await sink.stands;
    await publish(url, [
      ['a', '1'],
      ['a', '22'],
      ['a', '3'],
      ['a', '44'],
      ['a', '55'],
    ]);
    expect(await done).toMatchObject({ messages: 2, skipped: 2 });
    expect(sink.seen.map(({ payload }) => payload)).toEqual(['22', '44']);
  });
});

describe('limits', () => {
  it('too few messages before the idle time is over: a time-out', async () => {
    const { url } = await startNatsServer();
    const limits = { count: 3, idleMs: 3_000 };
    const sink = collectingSink();
    const done = subscribe(targetOf(url), reading(['a'], { limits }), sink, never);
    await sink.stands;
    await publish(url, [['a', '1']]);
    const outcome = await done;
    expect(outcome).toMatchObject({ end: 'idle', messages: 1 });
    const error = readingFailure(outcome, limits);
    expect(error?.kind).toBe('timeout');
    expect(error?.message).toBe('only 1 of 3 messages arrived: nothing more arrived for 3s');
  });

  it('the idle time starts anew with each message', async () => {
    const { url } = await startNatsServer();
    const sink = collectingSink();
    const limits = { idleMs: 4_000 };
    const done = subscribe(targetOf(url), reading(['a'], { limits }), sink, never);
    await sink.stands;
    const session = await sessionTo(dialTo(url));
    for (let n = 0; n < 4; n += 1) {
      session.publish({ subject: 'a', payload: bytes('x') });
      await session.flush(60_000);
      await eventually('the message arrives', () => sink.seen.length > n || undefined);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    }
    const outcome = await done;
    expect(outcome).toMatchObject({ end: 'idle', messages: 4 });
    expect(outcome.elapsedMs).toBeGreaterThan(3 * 1_500 + 3_900);
    expect(readingFailure(outcome, limits)).toBeUndefined();
  });

  it('a duration ends it, without a failure when nothing else was wanted', async () => {
    const { url } = await startNatsServer();
    const limits = { durationMs: 80 };
    const outcome = await subscribe(
      targetOf(url),
      reading(['a'], { limits }),
      collectingSink(),
      never,
    );
    expect(outcome).toMatchObject({ end: 'duration', messages: 0 });
    expect(outcome.elapsedMs).toBeGreaterThanOrEqual(79);
    expect(readingFailure(outcome, limits)).toBeUndefined();
  });

  it('an abort ends it, and what the server had sent by then arrives', async () => {
    const { url } = await startNatsServer();
    const stop = new AbortController();
    const sink = collectingSink();
    const done = subscribe(targetOf(url), reading(['a']), sink, stop.signal);
    await sink.stands;
    await publish(
      url,
      Array.from({ length: 1000 }, (_, n) => ['a', String(n)] as const),
    );
    stop.abort();
    expect(await done).toMatchObject({ end: 'stopped', messages: 1000 });
  });
});

describe('a connection that is lost', () => {
  it('comes back with its subscriptions, and the gap is told', async () => {
    const server = await startNatsServer();
    const target = targetOf(server.url);
    const sink = collectingSink();
    const request = reading(['a', 'b.*'], { limits: { count: 2 } });
    const done = subscribe(target, request, sink, never);
    await sink.stands;
    await publish(server.url, [['a', 'before']]);
    await eventually('it arrives', () => sink.seen.length === 1 || undefined);
    await server.restart({ signal: 'SIGKILL' });
    await eventually(
      'it is back',
      () => target.events.some(({ type }) => type === 'reconnected') || undefined,
    );
    await publish(server.url, [['b.c', 'after']]);
    const outcome = await done;
    expect(outcome).toMatchObject({ messages: 2, gaps: 1, slowConsumerCuts: 0, connected: true });
    expect(outcome.gapMs).toBeGreaterThan(0);
    expect(sink.seen.map(({ payload }) => payload)).toEqual(['before', 'after']);
  });

  it('is given up when the policy says so', async () => {
    const server = await startNatsServer();
    const sink = collectingSink();
    const run = subscribe(
      targetOf(server.url, { giveUpAfterMs: 300 }),
      reading(['a']),
      sink,
      never,
    );
    const failed = failure(run);
    await sink.stands;
    await server.kill();
    expect((await failed).kind).toBe('connection');
  });

  it('that is not back when the time is over is no success', async () => {
    const server = await startNatsServer();
    const sink = collectingSink();
    const limits = { idleMs: 4_000 };
    const done = subscribe(targetOf(server.url), reading(['a'], { limits }), sink, never);
    await sink.stands;
    await server.kill();
    const outcome = await done;
    expect(outcome).toMatchObject({ end: 'idle', connected: false });
    expect(readingFailure(outcome, limits)?.kind).toBe('connection');
  });
});

describe('a sink that cannot keep up', () => {
  it('drops are counted, and are a failure', async () => {
    const { url } = await startNatsServer();
    const sink = collectingSink(({ count }) => (count % 2 === 0 ? 'dropped' : 'taken'));
    const limits = { count: 10 };
    const done = subscribe(targetOf(url), reading(['a'], { limits }), sink, never);
    await sink.stands;
    await publish(
      url,
      Array.from({ length: 10 }, () => ['a', 'xyz'] as const),
    );
    const outcome = await done;
    expect(outcome).toMatchObject({ end: 'count', messages: 5, dropped: 5, bytes: 15 });
    expect(readingFailure(outcome, limits)?.kind).toBe('unhealthy');
  });

  it('when it is full, reading stops until there is room, and nothing is lost', async () => {
    const { url } = await startNatsServer();
    const total = 200_000;
    let open: () => void = () => undefined;
    let waits = 0;
    const base = collectingSink(({ count }) => (count % 50_000 === 0 ? 'full' : 'taken'));
    const sink = {
      ...base,
      ready: () => {
        waits += 1;
        return new Promise<void>((resolve) => (open = resolve));
      },
    };
    const done = subscribe(
      targetOf(url),
      reading(['a'], { limits: { count: total } }),
      sink,
      never,
    );
    await base.stands;
    const session = await sessionTo(dialTo(url));
    for (let n = 0; n < total; n += 1) {
      if (!session.publish({ subject: 'a', payload: bytes('x'.repeat(40)) }))
        await session.drained();
    }
    await eventually('the first pause', () => waits === 1 || undefined);
    const held = base.seen.length;
    await session.flush(60_000);
    // What is already in the read buffer still comes; the rest waits.
    expect(base.seen.length).toBeLessThan(total);
    expect(held).toBeGreaterThanOrEqual(50_000);
    const opener = setInterval(() => open(), 5);
    expect(await done).toMatchObject({ messages: total, dropped: 0, gaps: 0 });
    clearInterval(opener);
  });

  it('a server that cuts a reader which stands still is told as such', async () => {
    const server = await startNatsServer({
      maxPayload: 600_000,
      config: { max_pending: 1_000_000 },
    });
    const base = collectingSink(({ count }) => (count === 1 ? 'full' : 'taken'));
    let open: () => void = () => undefined;
    const sink = { ...base, ready: () => new Promise<void>((resolve) => (open = resolve)) };
    const target = targetOf(server.url);
    const stop = new AbortController();
    const done = subscribe(target, reading(['a']), sink, stop.signal);
    await base.stands;
    const session = await sessionTo(dialTo(server.url));
    session.publish({ subject: 'a', payload: bytes('first') });
    await eventually('it stands still', () => base.seen.length === 1 || undefined);
    const payload = new Uint8Array(500_000);
    const flood = setInterval(() => void session.publish({ subject: 'a', payload }), 1);
    await server.waitForLog(/Slow Consumer/);
    clearInterval(flood);
    open();
    await eventually(
      'it is back',
      () => target.events.some(({ type }) => type === 'reconnected') || undefined,
    );
    stop.abort();
    const outcome = await done;
    expect(outcome.gaps).toBeGreaterThan(0);
    expect(outcome.slowConsumerCuts).toBeGreaterThan(0);
    expect(outcome.dropped).toBe(0);
    expect(readingFailure(outcome, {})?.kind).toBe('unhealthy');
  });

  it('a reader that is too slow by itself is told from a server that was restarted', async () => {
    const server = await startNatsServer({
      maxPayload: 600_000,
      config: { max_pending: 1_000_000 },
    });
    const sink = collectingSink(() => {
      const untilMs = performance.now() + 40;
      while (performance.now() < untilMs);
      return 'taken';
    });
    const target = targetOf(server.url);
    const stop = new AbortController();
    const done = subscribe(target, reading(['a']), sink, stop.signal);
    await sink.stands;
    // The publisher must not share our busy event loop.
    const flood = spawn(process.execPath, ['-e', FLOOD, String(server.port)], { stdio: 'ignore' });
    // More than once: on a machine with other work the flood itself may stall before a cut, and we look idle.
    await eventually(
      'it was cut and is back, three times',
      () => target.events.filter(({ type }) => type === 'reconnected').length >= 3,
      { timeoutMs: 40_000 },
    );
    flood.kill();
    stop.abort();
    const outcome = await done;
    expect(outcome.slowConsumerCuts).toBeGreaterThan(0);
    expect(readingFailure(outcome, {})?.kind).toBe('unhealthy');
  });
});

const FLOOD = `
const socket = require('node:net').connect(Number(process.argv[1]), '127.0.0.1');
const frame = 'PUB a 500000\\r\\n' + 'x'.repeat(500000) + '\\r\\n';
socket.once('data', () => {
  socket.write('CONNECT {"verbose":false}\\r\\n');
  setInterval(() => { if (socket.writableLength < 4e6) socket.write(frame); }, 1);
});
`;
