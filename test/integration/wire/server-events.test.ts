import { describe, expect, it } from 'vitest';
import type { NatsxError } from '../../../src/core/errors.js';
import { encodePublish } from '../../../src/wire/frame-buffer.js';
import { eventually } from '../../support/eventually.js';
import { startNatsServer } from '../../support/nats-server.js';
import { bytes, callback, dialTo, failure, laneTo } from './dialled.js';

describe('what the server says', () => {
  it('PING is answered', async () => {
    const { url } = await startNatsServer({ config: { ping_interval: '1s', ping_max: 2 } });
    let closed = false;
    const lane = await laneTo(dialTo(url), { closed: () => (closed = true) });
    const before = lane.counters.bytesOut;
    // Unanswered PINGs would have closed the connection after the third.
    await eventually(
      'five answers',
      () => lane.counters.bytesOut - before >= 5 * 'PONG\r\n'.length,
    );
    expect(closed).toBe(false);
  });

  it('INFO is kept, with the name and the limits of the server', async () => {
    const { url } = await startNatsServer({ name: 'here', maxPayload: 2048 });
    const lane = await laneTo(dialTo(url));
    expect(lane.info).toMatchObject({ server_name: 'here', max_payload: 2048, headers: true });
    expect(lane.info.version).toMatch(/^2\./);
  });

  it('lame duck is told', async () => {
    const server = await startNatsServer();
    const { happened, happen } = callback<undefined>();
    const lane = await laneTo(dialTo(server.url), { lameDuck: () => happen(undefined) });
    process.kill(server.pid, 'SIGUSR2');
    await happened;
    expect(lane.info.ldm).toBe(true);
  });

  it('a denied publish or subscribe is told with its subject, and the connection stays', async () => {
    const permissions = { publish: { deny: ['no.pub'] }, subscribe: { deny: ['no.sub'] } };
    const { url } = await startNatsServer({
      authorization: { users: [{ user: 'a', password: 'b', permissions }] },
    });
    const errors: NatsxError[] = [];
    const credentials = () => ({ user: 'a', password: 'b' });
    const lane = await laneTo(dialTo(url, { credentials }), {
      asyncError: (error) => errors.push(error),
    });
    lane.publish({ subject: 'no.pub', payload: bytes('') });
    lane.subscribe('no.sub', {}, () => undefined);
    lane.subscribe('no.sub', { queue: 'q' }, () => undefined);
    await lane.flush(60_000);
    expect(
      errors.map(({ kind, details }) => [kind, details?.['operation'], details?.['subject']]),
    ).toEqual([
      ['auth', 'publish', 'no.pub'],
      ['auth', 'subscribe', 'no.sub'],
      ['auth', 'subscribe', 'no.sub'],
    ]);
    expect(await lane.flush(60_000)).toBeGreaterThan(0);
  });

  it('a message above its limit is refused before it costs the connection', async () => {
    const { url } = await startNatsServer({ maxPayload: 1024 });
    const lane = await laneTo(dialTo(url));
    const publish = (): boolean => lane.publish({ subject: 'a', payload: new Uint8Array(1025) });
    expect(publish).toThrow(/has 1025 bytes; the server allows 1024/);
    lane.publish({ subject: 'a', payload: new Uint8Array(1024) });
    expect(await lane.flush(60_000)).toBeGreaterThan(0);
  });

  it('an encoded message above its limit ends the connection', async () => {
    const { url } = await startNatsServer({ maxPayload: 1024 });
    const { happened, happen } = callback<NatsxError | undefined>();
    const lane = await laneTo(dialTo(url), { closed: happen });
    lane.write(encodePublish({ subject: 'a', payload: new Uint8Array(1025) }), 1);
    expect((await happened)?.kind).toBe('rejected');
  });

  it('nonsense on our side is an internal error', async () => {
    const { url } = await startNatsServer();
    const { happened, happen } = callback<NatsxError | undefined>();
    const lane = await laneTo(dialTo(url), { closed: happen });
    lane.write(bytes('NONSENSE\r\n'));
    expect((await happened)?.kind).toBe('internal');
  });
});

describe('the end of a connection', () => {
  it('comes without an error after close, which sends what was published', async () => {
    const { url } = await startNatsServer();
    const reader = await laneTo(dialTo(url));
    const { happened: arrived, happen: arrive } = callback<string>();
    reader.subscribe('a', {}, ({ payload }) => arrive(payload.toString()));
    await reader.flush(60_000);
    const { happened, happen } = callback<NatsxError | undefined>();
    const lane = await laneTo(dialTo(url), { closed: happen });
    lane.publish({ subject: 'a', payload: bytes('last words') });
    await lane.close();
    expect(await happened).toBeUndefined();
    expect(await arrived).toBe('last words');
    expect((await failure(lane.flush(1000))).kind).toBe('connection');
  });

  it('comes to a paused lane with unread messages, and loses nothing that it sent', async () => {
    const { url } = await startNatsServer();
    const other = await laneTo(dialTo(url));
    const sentLast = other.subscribe('last', {}, () => undefined);
    const lane = await laneTo(dialTo(url));
    lane.subscribe('flood', {}, () => undefined);
    await Promise.all([other.flush(60_000), lane.flush(60_000)]);
    lane.pause();
    const payload = new Uint8Array(64 * 1024);
    for (let count = 0; count < 200; count++) other.publish({ subject: 'flood', payload });
    await other.flush(60_000);
    for (let count = 0; count < 100; count++) lane.publish({ subject: 'last', payload });
    await lane.close();
    expect(lane.isClosed).toBe(true);
    await eventually('all of it has arrived', () => sentLast.received === 100);
  });

  it('is an error when the server dies, also for those who wait', async () => {
    const server = await startNatsServer();
    const { happened, happen } = callback<NatsxError | undefined>();
    const lane = await laneTo(dialTo(server.url), { closed: happen });
    server.pause();
    const waiting = failure(lane.flush(60_000));
    await server.kill();
    expect((await happened)?.kind).toBe('connection');
    expect((await waiting).kind).toBe('connection');
    expect((await failure(lane.drained())).kind).toBe('connection');
  });

  it('is found out when the server only goes silent', async () => {
    const server = await startNatsServer();
    const { happened, happen } = callback<NatsxError | undefined>();
    await laneTo(dialTo(server.url), { closed: happen, keepAliveMs: 50 });
    server.pause();
    expect((await happened)?.message).toMatch(/has stopped answering/);
    server.resume();
  });
});
