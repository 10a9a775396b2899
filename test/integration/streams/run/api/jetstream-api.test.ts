import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, describe, expect, test } from 'vitest';

import { jetStreamApiPrefix } from '../../../../../src/connection/model/api-scope.js';
import {
  openJetStreamApi,
  type JetStreamApi,
} from '../../../../../src/streams/run/api/jetstream-api.js';
import {
  findConsumer,
  findStream,
  readConsumer,
  readStream,
  readSubjects,
} from '../../../../../src/streams/run/api/jetstream-entities.js';
import { consumerNames, streamNames } from '../../../../../src/streams/run/api/jetstream-names.js';
import {
  createStream,
  deleteMessage,
  readMessage,
  updateStream,
} from '../../../../../src/streams/run/api/jetstream-streams.js';
import { createConsumer } from '../../../../../src/streams/run/api/jetstream-consumers.js';
import { answersFirst, FIRST, noFolder } from '../../../../support/answers-first.js';
import { startNatsServer } from '../../../../support/nats-server.js';

const connections: NatsConnection[] = [];
afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.close();
});

interface Login {
  readonly domain?: string;
  readonly user?: string;
  readonly timeoutMs?: number;
}

async function open(url: string, { domain, user, timeoutMs = 3_000 }: Login = {}) {
  const login = user === undefined ? {} : { user, pass: 'x' };
  const connection = await connect({ servers: url, ...login });
  connections.push(connection);
  const scope = { apiPrefix: jetStreamApiPrefix(undefined, domain), timeoutMs };
  return { connection, api: openJetStreamApi(connection, scope) };
}

async function withStream(): Promise<{ api: JetStreamApi; connection: NatsConnection }> {
  const server = await startNatsServer({ jetstream: true });
  const opened = await open(server.url);
  await createStream(opened.api, { name: 'ORDERS', subjects: ['orders.>'] });
  return opened;
}

test('streams and consumers that are not there: the nearest names, never an unrelated message', async () => {
  const { api } = await withStream();
  await createConsumer(api, 'ORDERS', { name: 'billing', durable_name: 'billing' });
  await expect(readStream(api, 'ORDRES')).rejects.toMatchObject({
    kind: 'not-found',
    message: 'there is no stream "ORDRES"',
    hint: 'did you mean ORDERS?',
  });
  await expect(readConsumer(api, 'ORDERS', 'biling')).rejects.toMatchObject({
    kind: 'not-found',
    message: 'the stream "ORDERS" has no consumer "biling"',
    hint: 'did you mean billing?',
  });
  await expect(readConsumer(api, 'ORDER', 'billing')).rejects.toMatchObject({
    message: 'there is no stream "ORDER"',
  });
  await expect(findConsumer(api, 'ORDER', 'x')).rejects.toMatchObject({ kind: 'not-found' });
  expect(await findStream(api, 'NOPE')).toBeUndefined();
  expect(await findConsumer(api, 'ORDERS', 'nope')).toBeUndefined();
});

test('names of more streams and consumers than fit one page', async () => {
  const { api } = await withStream();
  const numbers = Array.from({ length: 1_100 }, (_, index) => index);
  await Promise.all(
    numbers.map((number) =>
      createStream(api, { name: `S${number}`, subjects: [`s.${number}`], storage: 'memory' }),
    ),
  );
  expect(new Set(await streamNames(api)).size).toBe(1_101);
  expect(await streamNames(api, 's.7')).toEqual(['S7']);
  expect(await consumerNames(api, 'ORDERS')).toEqual([]);
});

test('an update keeps what natsx does not know, and large numbers', async () => {
  const { api } = await withStream();
  const forever = 9_223_372_036_854_775_807n;
  const { config } = await createStream(api, {
    name: 'KEEP',
    subjects: ['keep'],
    max_age: forever as unknown as number,
    republish: { src: 'keep', dest: 'copy' },
  });
  const updated = await updateStream(api, { ...config, description: 'new' });
  expect(updated.config).toMatchObject({
    description: 'new',
    max_age: forever,
    republish: { src: 'keep', dest: 'copy' },
  });
});

/** A server whose first answers to an action are these errors. */
async function answering(action: string, ...errors: readonly object[]): Promise<JetStreamApi> {
  const server = await startNatsServer({ jetstream: true });
  const { connection } = await open(server.url);
  await answersFirst(connection, action, errors);
  return openJetStreamApi(connection, { apiPrefix: FIRST, timeoutMs: 10_000 });
}

test('what is listed and not found is on its way, not missing', async () => {
  const noStream = { code: 404, err_code: 10059, description: 'stream not found' };
  const noConsumer = { code: 404, err_code: 10014, description: 'consumer not found' };
  const api = await answering('STREAM.INFO', noStream);
  await createStream(api, { name: 'ORDERS', subjects: ['orders.>'] });
  await expect(readStream(api, 'ORDERS')).rejects.toMatchObject({
    kind: 'connection',
    message: 'JetStream lists the stream "ORDERS", but does not find it',
  });
  const other = await answering('CONSUMER.INFO', noConsumer);
  await createStream(other, { name: 'ORDERS', subjects: ['orders.>'] });
  await createConsumer(other, 'ORDERS', { name: 'billing', durable_name: 'billing' });
  await expect(readConsumer(other, 'ORDERS', 'billing')).rejects.toMatchObject({
    kind: 'connection',
    message: 'JetStream lists the consumer "billing" of the stream "ORDERS", but does not find it',
  });
});

describe('a stream that cannot be made', () => {
  test('because its folder was just being removed: it is made all the same', async () => {
    const api = await answering('STREAM.CREATE', noFolder);
    const { config } = await createStream(api, { name: 'ORDERS', subjects: ['orders.>'] });
    expect(config.name).toBe('ORDERS');
  });

  test('a second time, or for another reason: that is told', async () => {
    const failing = await answering('STREAM.CREATE', noFolder, noFolder);
    await expect(createStream(failing, { name: 'ORDERS' })).rejects.toMatchObject({
      kind: 'rejected',
      message: 'creating the stream "ORDERS": error creating store for stream (10049)',
    });
    const refusing = await answering('STREAM.CREATE', { ...noFolder, description: 'no' });
    await expect(createStream(refusing, { name: 'ORDERS' })).rejects.toMatchObject({
      message: 'creating the stream "ORDERS": no (10049)',
    });
  });
});

test('subjects that another stream has: the other is named', async () => {
  const { api } = await withStream();
  await expect(
    createStream(api, { name: 'MORE', subjects: ['x', 'orders.eu'] }),
  ).rejects.toMatchObject({
    kind: 'rejected',
    message: 'ORDERS already has subjects of the stream "MORE"',
  });
});

describe('a message', () => {
  async function withMessages() {
    const opened = await withStream();
    for (const subject of ['orders.a', 'orders.b', 'orders.a'])
      await opened.connection.request(subject, Uint8Array.of(0xff, 0, 10));
    return opened;
  }

  test('by sequence, the newest, the next one', async () => {
    const { api } = await withMessages();
    const first = await readMessage(api, 'ORDERS', { by: 'seq', seq: 1 });
    expect(first).toMatchObject({ stream: 'ORDERS', seq: 1, message: { subject: 'orders.a' } });
    expect([...first.message.payload]).toEqual([0xff, 0, 10]);
    expect(Math.abs(Date.parse(first.time) - Date.now())).toBeLessThan(60_000);
    const last = await readMessage(api, 'ORDERS', { by: 'last', subject: 'orders.a' });
    expect(last.seq).toBe(3);
    const next = await readMessage(api, 'ORDERS', { by: 'next', subject: 'orders.*', seq: 2 });
    expect(next.seq).toBe(2);
  });

  test('that is not there: why, and the range of the stream', async () => {
    const { api } = await withMessages();
    await deleteMessage(api, 'ORDERS', { seq: 2, erase: true });
    const message = async (seq: number) =>
      readMessage(api, 'ORDERS', { by: 'seq', seq }).catch((error: unknown) => error);
    expect(await message(4)).toMatchObject({
      kind: 'not-found',
      message: `"ORDERS" has no message 4 yet: the stream's sequences are 1 to 3`,
      details: { first_seq: 1, last_seq: 3 },
    });
    expect(await message(2)).toMatchObject({
      message: expect.stringContaining('was deleted') as string,
    });
    await expect(
      readMessage(api, 'ORDERS', { by: 'last', subject: 'orders.zz' }),
    ).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('counts by subject', async () => {
    const { api } = await withMessages();
    expect(await readSubjects(api, 'ORDERS', 'orders.*')).toEqual(
      new Map([
        ['orders.a', 2],
        ['orders.b', 1],
      ]),
    );
    expect(await readSubjects(api, 'ORDERS', 'nothing')).toEqual(new Map());
  });
});

describe('JetStream that does not answer', () => {
  test('is off for the server', async () => {
    const server = await startNatsServer();
    const { api } = await open(server.url);
    await expect(readStream(api, 'A')).rejects.toMatchObject({
      kind: 'not-found',
      message: 'JetStream is off for the server',
    });
  });

  test('is off for the account', async () => {
    const server = await startNatsServer({
      jetstream: true,
      config: {
        accounts: {
          ON: { jetstream: 'enabled', users: [{ user: 'on', password: 'x' }] },
          OFF: { users: [{ user: 'off', password: 'x' }] },
        },
      },
    });
    const { api } = await open(server.url, { user: 'off' });
    await expect(readStream(api, 'A')).rejects.toMatchObject({
      kind: 'not-found',
      message: 'JetStream is off for this account',
    });
  });

  test('has another domain', async () => {
    const server = await startNatsServer({ jetstream: { domain: 'hub' } });
    const right = await open(server.url, { domain: 'hub' });
    await expect(readStream(right.api, 'A')).rejects.toMatchObject({
      message: 'there is no stream "A"',
    });
    const wrong = await open(server.url, { domain: 'edge' });
    await expect(readStream(wrong.api, 'A')).rejects.toMatchObject({
      kind: 'not-found',
      message: 'no JetStream answers under "$JS.edge.API"',
    });
  });

  test('may not be asked: the subject is named', async () => {
    const deny = { publish: { deny: ['$JS.API.STREAM.INFO.>'] } };
    const users = [{ user: 'ann', password: 'x', permissions: deny }];
    const server = await startNatsServer({ jetstream: true, authorization: { users } });
    const { api } = await open(server.url, { user: 'ann' });
    await expect(readStream(api, 'A')).rejects.toMatchObject({
      kind: 'auth',
      message: expect.stringContaining('"$JS.API.STREAM.INFO.A"') as string,
    });
  });

  test('hangs', async () => {
    const server = await startNatsServer({ jetstream: true });
    const { api } = await open(server.url, { timeoutMs: 200 });
    server.pause();
    await expect(readStream(api, 'A')).rejects.toMatchObject({
      kind: 'timeout',
      message: 'looking up the stream "A": JetStream did not answer in time',
    });
    server.resume();
  });
});
