import { describe, expect, it } from 'vitest';
import type { SessionEvent } from '../../../src/wire/session.js';
import { startCluster } from '../../support/cluster.js';
import { eventually } from '../../support/eventually.js';
import { startNatsServer } from '../../support/nats-server.js';
import { asBriefUser, makeOperator } from '../../support/operator.js';
import { bytes, dialTo, failure, laneTo, sessionTo } from './dialled.js';

function events(): {
  readonly seen: SessionEvent[];
  readonly onEvent: (event: SessionEvent) => void;
} {
  const seen: SessionEvent[] = [];
  return { seen, onEvent: (event) => seen.push(event) };
}

describe('a session', () => {
  it('comes back with its subscriptions when the server was restarted', async () => {
    const server = await startNatsServer();
    const { seen, onEvent } = events();
    const session = await sessionTo(dialTo(server.url), { onEvent });
    const plain = session.subscribe('a', {}, () => undefined);
    const first = session.subscribe('a', { queue: 'q' }, () => undefined);
    const second = session.subscribe('a', { queue: 'q' }, () => undefined);
    const bounded = session.subscribe('a', {}, () => undefined);
    bounded.unsubscribe(5);
    const publish = async (count: number): Promise<void> => {
      for (let sent = 0; sent < count; sent++) {
        session.publish({ subject: 'a', payload: bytes('') });
      }
      await session.flush(60_000);
    };
    await publish(3);
    await server.kill();
    await eventually('the loss is noticed', () => !session.connected);
    expect((await failure(session.flush(1000))).kind).toBe('connection');
    expect(() => session.publish({ subject: 'a', payload: bytes('') })).toThrow(/no connection/);
    const added = session.subscribe('a', {}, () => undefined);
    await server.restart();
    await session.whenConnected();
    await publish(10);
    expect(plain.received).toBe(13);
    expect(first.received + second.received).toBe(13);
    expect(bounded.received).toBe(5);
    expect(added.received).toBe(10);
    const types = new Set(seen.map(({ type }) => type));
    expect([...types]).toEqual(['disconnected', 'reconnecting', 'reconnected']);
    const back = seen.find((event) => event.type === 'reconnected');
    expect(back?.gapMs).toBeGreaterThan(0);
  });

  it('goes to a server that the cluster has advertised', async () => {
    const cluster = await startCluster(2);
    const [home, other] = cluster.servers;
    const session = await sessionTo(dialTo(home!.url));
    await eventually('the other server is advertised', () =>
      session.info?.connect_urls?.some((url) => url.endsWith(`:${other!.port}`)),
    );
    await home!.kill();
    await eventually(
      'the loss is noticed',
      () => session.lane?.server !== `127.0.0.1:${home!.port}`,
    );
    await session.whenConnected();
    expect(session.info?.server_name).toBe('n2');
  });

  it('gives up when it is told to', async () => {
    const server = await startNatsServer();
    const session = await sessionTo(dialTo(server.url), { giveUpAfterMs: 300 });
    const waiting = eventually('the loss is noticed', () => !session.connected).then(() =>
      failure(session.whenConnected()),
    );
    await server.kill();
    const error = await session.closed;
    expect(error?.kind).toBe('connection');
    expect(error?.message).toBe('no server could be reached for 300ms');
    expect(await waiting).toBe(error);
  });

  it('reads the credentials anew for each connection', async () => {
    const authorization = { user: 'a', password: 'old' };
    const server = await startNatsServer({ config: { authorization } });
    let password = 'old';
    const dial = dialTo(server.url, { credentials: () => ({ user: 'a', password }) });
    const session = await sessionTo(dial);
    password = 'new';
    await server.restart({ config: { authorization: { user: 'a', password } } });
    await eventually('the session is back', async () => {
      await session.whenConnected();
      return (await session.flush(1000)) > 0;
    });
    expect(session.connected).toBe(true);
  });

  it('ends for good when its credentials are refused', async () => {
    const server = await startNatsServer({ config: { authorization: { token: 'old' } } });
    const { seen, onEvent } = events();
    const dial = dialTo(server.url, { credentials: () => ({ token: 'old' }) });
    const session = await sessionTo(dial, { onEvent });
    await server.restart({ config: { authorization: { token: 'new' } } });
    expect((await session.closed)?.kind).toBe('auth');
    expect(seen.some(({ type }) => type === 'reconnected')).toBe(false);
  });

  it('ends for good when its right has expired, and says so', async () => {
    const operator = await makeOperator();
    const server = await startNatsServer({ config: operator.config });
    const session = await asBriefUser(operator, ({ jwt, seed }) =>
      sessionTo(dialTo(server.url, { credentials: () => ({ jwt, seed: Buffer.from(seed) }) })),
    );
    const error = await session.closed;
    expect(error?.kind).toBe('auth');
    expect(error?.message).toMatch(/has expired/);
  });

  it('stays paused over a reconnection', async () => {
    const server = await startNatsServer();
    const session = await sessionTo(dialTo(server.url));
    const subscription = session.subscribe('a', {}, () => undefined);
    await session.flush(60_000);
    session.pause();
    // A paused socket does not see its own end; the caller resumes it now and then.
    session.resume();
    await server.kill();
    await eventually('the loss is noticed', () => !session.connected);
    session.pause();
    await server.restart();
    await session.whenConnected();
    expect(session.lane?.isPaused).toBe(true);
    await eventually('the subscription stands', async () => {
      const { subscriptions } = await server
        .monitor('/connz?subs=true')
        .then(({ connections }) => (connections as { subscriptions: number }[])[0]!);
      return subscriptions === 1;
    });
    const publisher = await laneTo(dialTo(server.url));
    publisher.publish({ subject: 'a', payload: bytes('') });
    await publisher.flush(60_000);
    expect(subscription.received).toBe(0);
    session.resume();
    await eventually('the message has come', () => subscription.received === 1);
  });

  it('delivers what has arrived before it drains, and sends what it has', async () => {
    const { url } = await startNatsServer();
    const session = await sessionTo(dialTo(url));
    const other = await laneTo(dialTo(url));
    const sentLast = other.subscribe('last', {}, () => undefined);
    const subscription = session.subscribe('a', {}, () => undefined);
    await Promise.all([session.flush(60_000), other.flush(60_000)]);
    for (let count = 0; count < 10_000; count++) {
      other.publish({ subject: 'a', payload: bytes('x') });
    }
    await other.flush(60_000);
    session.publish({ subject: 'last', payload: bytes('') });
    expect(await session.drain(60_000)).toBeUndefined();
    expect(subscription.received).toBe(10_000);
    await other.flush(60_000);
    expect(sentLast.received).toBe(1);
    expect(await session.closed).toBeUndefined();
  });

  it('stops on a signal, also while it tries to come back', async () => {
    const server = await startNatsServer();
    const stop = new AbortController();
    const session = await sessionTo(dialTo(server.url), { signal: stop.signal });
    await server.kill();
    await eventually('the loss is noticed', () => !session.connected);
    stop.abort();
    expect(await session.closed).toBeUndefined();
    expect((await failure(session.whenConnected())).kind).toBe('connection');
  });

  it('does not come back for the exception of a handler', async () => {
    const { url } = await startNatsServer();
    const session = await sessionTo(dialTo(url));
    session.subscribe('a', {}, () => {
      throw new TypeError('mine');
    });
    session.publish({ subject: 'a', payload: bytes('') });
    const error = await session.closed;
    expect(error?.kind).toBe('internal');
    expect(error?.cause).toBeInstanceOf(TypeError);
  });

  it('fails at once when the first connection does', async () => {
    expect((await failure(sessionTo(dialTo('nats://127.0.0.1:1')))).kind).toBe('connection');
  });
});
