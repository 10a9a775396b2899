import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Credentials } from '../../../src/connection/model/dial.js';
import { startNatsServer, type ServerOptions } from '../../support/nats-server.js';
import { makeNkeyUser } from '../../support/nkey-user.js';
import { asBriefUser, makeOperator } from '../../support/operator.js';
import { callback, dialTo, failure, laneTo } from './dialled.js';

async function opens(server: ServerOptions, credentials: Credentials): Promise<void> {
  const { url } = await startNatsServer(server);
  const lane = await laneTo(dialTo(url, { credentials: () => credentials }));
  expect(await lane.flush(60_000)).toBeGreaterThan(0);
}

async function refused(server: ServerOptions, credentials: Credentials): Promise<void> {
  const { url } = await startNatsServer(server);
  const error = await failure(laneTo(dialTo(url, { credentials: () => credentials })));
  expect(error.kind).toBe('auth');
  expect(JSON.stringify(error) + error.message).not.toContain('wrong-secret');
}

const seedOf = (seed: string): Uint8Array => Buffer.from(seed);
const byPassword = { authorization: { user: 'alice', password: 'right' } };
const byToken = { authorization: { token: 'right' } };

describe('credentials', () => {
  it('user and password', () => opens(byPassword, { user: 'alice', password: 'right' }));
  it('a wrong password', () => refused(byPassword, { user: 'alice', password: 'wrong-secret' }));
  it('no password at all', () => refused(byPassword, {}));
  it('token', () => opens(byToken, { token: 'right' }));
  it('a wrong token', () => refused(byToken, { token: 'wrong-secret' }));

  it('NKEY', async () => {
    const user = makeNkeyUser();
    await opens({ authorization: user.authorization }, { seed: seedOf(user.seed) });
  });

  it('an unknown NKEY', async () => {
    const { authorization } = makeNkeyUser();
    await refused({ authorization }, { seed: seedOf(makeNkeyUser().seed) });
  });

  it('something that is no seed', async () => {
    const { authorization } = makeNkeyUser();
    await refused({ authorization }, { seed: seedOf('wrong-secret') });
  });

  it('JWT and seed', async () => {
    const { config, user } = await makeOperator();
    await opens({ config }, { jwt: user.jwt, seed: seedOf(user.seed) });
  });

  it('a JWT with the seed of another user', async () => {
    const { config, user } = await makeOperator();
    await refused({ config }, { jwt: user.jwt, seed: seedOf(makeNkeyUser().seed) });
  });

  it('a revoked user', async () => {
    const operator = await makeOperator();
    const config = await operator.configWithRevoked(operator.user);
    await refused({ config }, { jwt: operator.user.jwt, seed: seedOf(operator.user.seed) });
  });

  it('a user whose right ends while it is connected', async () => {
    const operator = await makeOperator();
    const { url } = await startNatsServer({ config: operator.config });
    const { happened, happen } = callback<string | undefined>();
    await asBriefUser(operator, ({ jwt, seed }) =>
      laneTo(dialTo(url, { credentials: () => ({ jwt, seed: seedOf(seed) }) }), {
        closed: (error) => happen(`${error?.kind}: ${error?.message}`),
      }),
    );
    expect(await happened).toMatch(/^auth: the credential has expired/);
  });
});

describe('a first connection that fails', () => {
  it('nobody listens', async () => {
    const error = await failure(laneTo(dialTo('nats://127.0.0.1:1')));
    expect(error.kind).toBe('connection');
    expect(error.message).toBe('the connection to 127.0.0.1:1 failed: connection refused');
    expect(error.hint).toMatch(/nats-server/);
  });

  it('an unknown host, with a password in the address', async () => {
    const error = await failure(laneTo(dialTo('nats://bob:hidden@no-such-host.invalid:4222')));
    expect(error.kind).toBe('connection');
    expect(error.message).not.toContain('hidden');
  });

  it('a port that says nothing', async () => {
    const error = await failure(
      laneTo(dialTo(await listening(() => undefined), { timeoutMs: 200 })),
    );
    expect(error.kind).toBe('connection');
    expect(error.message).toMatch(/sent no NATS greeting within 200ms/);
  });

  it('a port that speaks something else', async () => {
    const url = await listening((socket) => socket.write('SSH-2.0-OpenSSH_9.9\r\n'));
    const error = await failure(laneTo(dialTo(url)));
    expect(error.kind).toBe('connection');
    expect(error.message).toMatch(/does not speak the NATS protocol/);
  });

  it('a port that closes at once', async () => {
    const url = await listening((socket) => socket.end());
    expect((await failure(laneTo(dialTo(url)))).kind).toBe('connection');
  });

  it('the monitoring port', async () => {
    const { monitorPort } = await startNatsServer();
    const dial = dialTo(`nats://127.0.0.1:${monitorPort}`, { timeoutMs: 500 });
    expect((await failure(laneTo(dial))).kind).toBe('connection');
  });

  it('more connections than the server allows', async () => {
    const { url } = await startNatsServer({ config: { max_connections: 1 } });
    await laneTo(dialTo(url));
    const error = await failure(laneTo(dialTo(url)));
    expect(error.kind).toBe('connection');
    expect(error.message).toMatch(/maximum of connections/);
  });

  it('is made up for by another server', async () => {
    const { url } = await startNatsServer();
    const dial = dialTo(url, { servers: ['nats://127.0.0.1:1', url, 'nats://127.0.0.1:2'] });
    for (let time = 0; time < 8; time++) await laneTo(dial);
  });

  it('names all servers when none answers', async () => {
    const dial = dialTo('', { servers: ['nats://127.0.0.1:1', 'nats://127.0.0.1:2'] });
    const { message } = await failure(laneTo(dial));
    expect(message).toContain('127.0.0.1:1 ');
    expect(message).toContain('127.0.0.1:2 ');
  });

  it('tries each address of a host name', async () => {
    // localhost is ::1 as well on many machines, where this server does not listen.
    const { port } = await startNatsServer();
    await laneTo(dialTo(`nats://localhost:${port}`));
  });
});

async function listening(connected: (socket: Socket) => void): Promise<string> {
  const server: Server = createServer((socket) => {
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    connected(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return `nats://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}
