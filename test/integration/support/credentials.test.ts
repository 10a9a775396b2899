import { readFileSync } from 'node:fs';
import {
  connect,
  credsAuthenticator,
  nkeyAuthenticator,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { startNatsServer } from '../../support/nats-server.js';
import { makeNkeyUser } from '../../support/nkey-user.js';
import { asBriefUser, makeOperator, type OperatorUser } from '../../support/operator.js';
import { makeCertificates } from '../../support/tls.js';

async function connectOnce(options: NodeConnectionOptions) {
  return connect({ ...options, reconnect: false, timeout: 20_000 });
}

const creds = (user: OperatorUser) => ({
  authenticator: credsAuthenticator(readFileSync(user.credsFile)),
});

test('a server with TLS is trusted by its authority alone', async () => {
  const certificates = await makeCertificates();
  const server = await startNatsServer({ tls: certificates.serverTls });
  const connection = await connectOnce({ servers: server.url, tls: { ca: certificates.ca } });
  await connection.flush();
  await connection.close();
  await expect(connectOnce({ servers: server.url, tls: {} })).rejects.toThrow(/certificate/);
});

test('mutual TLS lets nobody in without a client certificate', async () => {
  const { ca, client, mutualTls } = await makeCertificates();
  const server = await startNatsServer({ tls: mutualTls });
  const { cert, key } = client;
  const connection = await connectOnce({ servers: server.url, tls: { ca, cert, key } });
  await connection.flush();
  await connection.close();
  await expect(connectOnce({ servers: server.url, tls: { ca } })).rejects.toThrow();
});

test('an expired server certificate is refused', async () => {
  const { ca, serverTls } = await makeCertificates({
    serverExpiresAt: new Date(Date.now() - 60_000),
  });
  const server = await startNatsServer({ tls: serverTls });
  await expect(connectOnce({ servers: server.url, tls: { ca } })).rejects.toThrow(/expired/);
});

test('an NKEY user is let in, another is not', async () => {
  const user = makeNkeyUser();
  const server = await startNatsServer({ authorization: user.authorization });
  const authenticatorOf = (seed: string) => nkeyAuthenticator(new TextEncoder().encode(seed));
  const connection = await connectOnce({
    servers: server.url,
    authenticator: authenticatorOf(user.seed),
  });
  await connection.close();
  const stranger = authenticatorOf(makeNkeyUser().seed);
  await expect(connectOnce({ servers: server.url, authenticator: stranger })).rejects.toThrow(
    /Authorization/,
  );
});

test('operator mode knows its users, and refuses expired and revoked ones', async () => {
  const operator = await makeOperator();
  const expired = await operator.addUser('expired', { expiresAt: new Date(Date.now() - 5_000) });
  const revoked = await operator.addUser('revoked');
  const server = await startNatsServer({ jetstream: true, config: operator.config });

  for (const user of [operator.user, operator.systemUser, revoked]) {
    const connection = await connectOnce({ servers: server.url, ...creds(user) });
    await connection.flush();
    await connection.close();
  }
  await server.restart({ config: await operator.configWithRevoked(revoked) });
  for (const user of [expired, revoked]) {
    const failure = connectOnce({ servers: server.url, ...creds(user) });
    await expect(failure).rejects.toThrow(/Authorization/);
  }
  const connection = await connectOnce({ servers: server.url, ...creds(operator.user) });
  await connection.close();
});

test('a connected user is sent away when it expires', async () => {
  const operator = await makeOperator();
  const server = await startNatsServer({ config: operator.config });
  const connection = await asBriefUser(operator, (user) =>
    connectOnce({ servers: server.url, ...creds(user) }),
  );
  expect(String(await connection.closed())).toMatch(/expired/i);
});

test('a connected user is sent away when it is revoked', async () => {
  const operator = await makeOperator();
  const server = await startNatsServer({ config: operator.config });
  const connection = await connectOnce({ servers: server.url, ...creds(operator.user) });
  await server.reload(await operator.configWithRevoked(operator.user));
  expect(String(await connection.closed())).toMatch(/revoked/i);
});

test('a user of an operator has the permissions that were signed', async () => {
  const operator = await makeOperator();
  const reader = await operator.addUser('reader', {
    permissions: { pub: { deny: ['>'] }, sub: {}, resp: {} },
  });
  const server = await startNatsServer({ config: operator.config });
  const connection = await connectOnce({ servers: server.url, ...creds(reader) });
  const denied = (async () => {
    for await (const event of connection.status()) {
      if (event.type === 'error') return event.error.message;
    }
    return 'no word';
  })();
  connection.publish('anything');
  expect(await denied).toMatch(/permissions violation.*publish/i);
  await connection.close();
});
