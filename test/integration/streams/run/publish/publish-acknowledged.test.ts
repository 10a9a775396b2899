import { describe, expect, it } from 'vitest';

import { eventually } from '../../../../support/eventually.js';
import { startCluster } from '../../../../support/cluster.js';
import { startNatsServer } from '../../../../support/nats-server.js';
import { patientManager } from '../../../../support/patient-jetstream.js';
import { numbered, published, steps, stored, throughKill } from './fixture.js';
import { fillStream, leaderOf, withConnection } from '../read/fixture.js';

const texts = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `message ${index + 1}`);

describe('a server that is restarted twice meanwhile', () => {
  it('gets every message once and in order when they have ids', async () => {
    const server = await startNatsServer({ jetstream: true });
    await fillStream(server.url, { name: 'S' });
    let restarted: Promise<void> = Promise.resolve();
    const result = await published(
      [server.url],
      steps(
        numbered(1, 10_000, 'i'),
        () => void (restarted = server.restart()),
        numbered(10_001, 10_000, 'i'),
        () => restarted,
        numbered(20_001, 10_000, 'i'),
        () => void (restarted = server.restart({ signal: 'SIGKILL' })),
        numbered(30_001, 10_000, 'i'),
        () => restarted,
      ),
    );
    expect(result).toMatchObject({ stored: 40_000, refused: 0, inDoubt: 0, unsent: 0 });
    expect(result.failure).toBeUndefined();
    expect(result.events.filter((type) => type === 'reconnected')).toHaveLength(2);
    expect(await stored(server.url)).toEqual(texts(40_000));
  });

  it('gets none twice when they have no ids, and those in doubt are told', async () => {
    const server = await startNatsServer({ jetstream: true });
    await fillStream(server.url, { name: 'S' });
    const result = await published(
      [server.url],
      throughKill(server, numbered(1, 10_000), numbered(10_001, 10_000)),
    );
    expect(result.stored + result.inDoubt).toBe(20_000);
    expect(result).toMatchObject({ refused: 0, unsent: 0, duplicates: 0, failure: undefined });
    expect(result.inDoubt).toBeLessThanOrEqual(500);
    const there = await stored(server.url);
    expect(new Set(there).size).toBe(there.length);
    const known = new Set(there);
    const acknowledged = result.payloads.filter((_, at) => result.fates[at]?.type === 'stored');
    expect(acknowledged.filter((text) => !known.has(text))).toEqual([]);
  });

  it('gets no repeat that its stream would take for a new message', async () => {
    const server = await startNatsServer({ jetstream: true });
    // A restart takes longer than that.
    await fillStream(server.url, { name: 'S', duplicate_window: 100e6 });
    const result = await published(
      [server.url],
      throughKill(server, numbered(1, 10_000, 'i'), numbered(10_001, 10_000, 'i')),
    );
    expect(result.stored + result.inDoubt).toBe(20_000);
    const there = await stored(server.url);
    expect(new Set(there).size).toBe(there.length);
  });

  it('is published to by a user who may not ask about streams', async () => {
    const permissions = { publish: 's.>', subscribe: '_INBOX.>' };
    const users = [
      { user: 'some', password: 'x', permissions },
      { user: 'all', password: 'x' },
    ];
    const server = await startNatsServer({ jetstream: true, authorization: { users } });
    const all = server.url.replace('//', '//all@');
    await withConnection(all, async (connection) => {
      const manager = await patientManager(connection);
      await manager.streams.add({ name: 'S', subjects: ['s.>'] });
    });
    const result = await published(
      [server.url],
      throughKill(server, numbered(1, 5_000, 'i'), numbered(5_001, 5_000, 'i')),
      { user: 'some' },
    );
    expect(result).toMatchObject({ stored: 10_000, failure: undefined });
    await withConnection(all, async (connection) => {
      const manager = await patientManager(connection);
      expect((await manager.streams.info('S')).state.messages).toBe(10_000);
    });
  });
});

describe('a server that does not come back', () => {
  it('leaves every message with its fate, in order, and none is lost', async () => {
    const server = await startNatsServer({ jetstream: true });
    await fillStream(server.url, { name: 'S' });
    const result = await published(
      [server.url],
      steps(numbered(1, 10_000, 'i'), () => void server.kill(), numbered(10_001, 10_000, 'i')),
      { giveUpAfterMs: 500, readToEnd: true },
    );
    expect(result.failure).toMatchObject({ kind: 'connection' });
    expect(result.payloads).toEqual(texts(20_000));
    expect(result.stored + result.inDoubt + result.unsent).toBe(20_000);
    expect(result.unsent).toBeGreaterThan(0);
    await server.restart();
    const there = await stored(server.url);
    expect(there.length).toBeGreaterThanOrEqual(result.stored);
    // What was not sent can be sent now, with the rest, and everything is there once.
    const missing = result.payloads.flatMap((text, at) =>
      result.fates[at]?.type === 'stored' ? [] : [Number(text.slice('message '.length))],
    );
    const again = await published(
      [server.url],
      steps(missing.flatMap((number) => numbered(number, 1, 'i'))),
    );
    expect(again.stored).toBe(missing.length);
    expect(await stored(server.url)).toEqual(texts(20_000));
  });

  it('is a connection error when there was none at all; the input is kept all the same', async () => {
    const server = await startNatsServer();
    await server.stop();
    const result = await published([server.url], steps(numbered(1, 3)), { readToEnd: true });
    expect(result).toMatchObject({ stored: 0, unsent: 3, failure: { kind: 'connection' } });
    await expect(published([server.url], steps(numbered(1, 3)))).rejects.toMatchObject({
      kind: 'connection',
    });
  });
});

describe('a server that falls silent', () => {
  it.each([
    ['without ids', undefined],
    ['with ids', 'i'],
  ])('is a time-out, %s', async (_, id) => {
    const server = await startNatsServer({ jetstream: true });
    await fillStream(server.url, { name: 'S' });
    let opened = false;
    const source = async function* () {
      await eventually('it is connected', () => opened);
      server.pause();
      yield* steps(numbered(1, 3, id));
    };
    const watch = (): void => void (opened = true);
    const result = await published([server.url], source(), { timeoutMs: 500, watch });
    server.resume();
    expect(result).toMatchObject({ stored: 0, failure: { kind: 'timeout' } });
    expect(result.inDoubt).toBe(3);
  });

  it('gets the messages again and keeps them once when they have ids', async () => {
    const server = await startNatsServer({ jetstream: true });
    await fillStream(server.url, { name: 'S' });
    const result = await published(
      [server.url],
      steps(
        numbered(1, 1_000, 'i'),
        () => {
          server.pause();
          setTimeout(() => server.resume(), 700);
        },
        numbered(1_001, 300, 'i'),
      ),
      { timeoutMs: 200 },
    );
    expect(result).toMatchObject({ stored: 1_300, inDoubt: 0, failure: undefined });
    expect(await stored(server.url)).toEqual(texts(1_300));
  });
});

describe('what JetStream refuses', () => {
  it('ends it with the words of the server, and what is stored is counted', async () => {
    const server = await startNatsServer({ jetstream: true });
    await fillStream(server.url, { name: 'S', max_msgs: 10, discard: 'new' });
    const result = await published([server.url], steps(numbered(1, 2_000)), { readToEnd: true });
    expect(result).toMatchObject({ stored: 10, failure: { kind: 'rejected' } });
    expect(result.failure?.message).toContain('maximum messages exceeded');
    expect(result.refused).toBeGreaterThan(0);
    expect(result.stored + result.refused + result.unsent).toBe(2_000);
    expect(result.inDoubt).toBe(0);
  });

  it('does not keep the others away with keepGoing', async () => {
    const server = await startNatsServer({ jetstream: true });
    await fillStream(server.url, { name: 'S' });
    const strays = [{ subject: 'nobody', payload: Buffer.from('stray') }];
    const source = steps(numbered(1, 100), strays, numbered(101, 100));
    const result = await published([server.url], source, { keepGoing: true });
    expect(result).toMatchObject({ stored: 200, refused: 1, unsent: 0 });
    expect(result.fates[100]).toMatchObject({ type: 'refused', error: { kind: 'not-found' } });
    expect([...(await stored(server.url))].sort()).toEqual([...texts(200)].sort());
  });

  it.each([
    [{ jetstream: true }, 'no stream accepts "s.a"'],
    [{}, 'JetStream is off'],
  ])('is not found without a stream: %j', async (options, sentence) => {
    const server = await startNatsServer(options);
    const result = await published([server.url], steps(numbered(1, 1)));
    expect(result).toMatchObject({ refused: 1, failure: { kind: 'not-found' } });
    expect(result.failure?.message).toContain(sentence);
  });
});

it('loses no message and doubles none when the leader of an R3 stream is killed', async () => {
  const cluster = await startCluster(3, { jetstream: true });
  const url = cluster.urls[0] ?? '';
  await fillStream(url, { name: 'S', num_replicas: 3 });
  const { leader, otherUrls } = await leaderOf(cluster, 'S');
  const result = await published(
    otherUrls,
    steps(numbered(1, 3_000, 'i'), () => void leader.kill(), numbered(3_001, 3_000, 'i')),
    { timeoutMs: 2_000 },
  );
  expect(result).toMatchObject({ stored: 6_000, inDoubt: 0, failure: undefined });
  // Reading makes a consumer, for which the cluster needs a leader again.
  const there = await eventually('the stream can be read', () => stored(otherUrls[0] ?? ''), {
    timeoutMs: 60_000,
  });
  expect([...there].sort()).toEqual([...texts(6_000)].sort());
  await cluster.stop();
});
