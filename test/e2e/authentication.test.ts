import { beforeAll, describe, expect, test } from 'vitest';

import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { makeNkeyUser } from '../support/nkey-user.js';
import { asBriefUser, makeOperator, type OperatorUser } from '../support/operator.js';
import { runCli, startCli, type RunningCli } from '../support/run-cli.js';
import { requires } from '../support/server-version.js';
import { makeCertificates, type TestCertificates } from '../support/tls.js';

/** `info` goes through the @nats-io client, `rtt` through natsx's own frames: both must prove who they are alike. */
const engines = [
  ['client', ['info']],
  ['wire', ['rtt', '1']],
] as const;

function codes(server: NatsServer, flags: readonly string[], env = {}): Promise<number[]> {
  return codesOf(['--server', server.url, ...flags], env);
}

async function codesOf(flags: readonly string[], env = {}): Promise<number[]> {
  const runs = engines.map(([, command]) =>
    runCli([...command, '--timeout', '10s', ...flags], { env }),
  );
  return (await Promise.all(runs)).map((run) => run.code ?? -1);
}

describe('user and password', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer({ authorization: { user: 'ann', password: 's3cret-word' } });
  });

  test('are let in from flags, environment and URL', async () => {
    expect(await codes(server, ['--user', 'ann', '--password', 's3cret-word'])).toEqual([0, 0]);
    expect(await codes(server, [], { NATS_USER: 'ann', NATS_PASSWORD: 's3cret-word' })).toEqual([
      0, 0,
    ]);
    const url = server.url.replace('nats://', 'nats://ann:s3cret-word@');
    expect(await codesOf(['--server', url])).toEqual([0, 0]);
    expect(await codesOf([], { NATS_URL: url })).toEqual([0, 0]);
    expect(await codesOf(['--server', url.replace('s3cret-word', 'other')])).toEqual([4, 4]);
  });

  test('are refused with exit code 4 when wrong or missing', async () => {
    expect(await codes(server, ['--user', 'ann', '--password', 'other'])).toEqual([4, 4]);
    expect(await codes(server, [])).toEqual([4, 4]);
  });

  test('never show the password', async () => {
    for (const [, command] of engines) {
      const flags = ['--server', server.url, '--user', 'bob', '--password', 's3cret-word'];
      const run = await runCli([...command, ...flags, '--verbose']);
      expect(run.stderr + run.stdout).not.toContain('s3cret-word');
      expect(run.stderr).toMatch(/^error: /m);
    }
  });
});

test('a token', async () => {
  const server = await startNatsServer({ authorization: { token: 't0ken-word' } });
  expect(await codes(server, ['--token', 't0ken-word'])).toEqual([0, 0]);
  expect(await codes(server, ['--user', 't0ken-word'])).toEqual([0, 0]);
  expect(await codes(server, ['--token', 'wrong'])).toEqual([4, 4]);
});

test('an NKEY', async () => {
  const user = makeNkeyUser();
  const server = await startNatsServer({ authorization: user.authorization });
  expect(await codes(server, ['--nkey', user.seedFile])).toEqual([0, 0]);
  expect(await codes(server, ['--nkey', makeNkeyUser().seedFile])).toEqual([4, 4]);
  expect(await codes(server, ['--nkey', '/nowhere/user.nk'])).toEqual([2, 2]);
});

test('operator mode: creds file, JWT with seed, a revoked user, one that expired', async () => {
  const operator = await makeOperator();
  const revoked = await operator.addUser('revoked');
  const expired = await operator.addUser('expired', { expiresAt: new Date(Date.now() - 60_000) });
  const server = await startNatsServer({ config: await operator.configWithRevoked(revoked) });
  const { user } = operator;
  expect(await codes(server, ['--creds', user.credsFile])).toEqual([0, 0]);
  expect(await codes(server, ['--jwt', user.jwt, '--seed', user.seed])).toEqual([0, 0]);
  expect(await codes(server, ['--creds', revoked.credsFile])).toEqual([4, 4]);
  for (const [, command] of engines) {
    const run = await runCli([...command, '-s', server.url, '--creds', expired.credsFile]);
    expect(run.code).toBe(4);
    expect(run.stderr).toMatch(/error: the credentials for .* expired \S+ ago/);
  }
});

test('a credential that expires while a subscriber runs ends it with exit code 4', async () => {
  const operator = await makeOperator();
  const server = await startNatsServer({ config: operator.config });
  const subscribed = async ({ credsFile }: OperatorUser): Promise<RunningCli> => {
    const started = startCli(['sub', 'a', '--server', server.url, '--creds', credsFile]);
    await started.waitForStderr(/subscribed/);
    return started;
  };
  const sub = await asBriefUser(operator, subscribed, 8_000);
  const { code, stderr } = await sub.exit;
  expect(code).toBe(4);
  expect(stderr).toMatch(/error: .*expired/);
});

describe('TLS', () => {
  let certificates: TestCertificates;
  beforeAll(async () => {
    certificates = await makeCertificates();
  });

  test('with the authority named it connects, without it is exit code 3 with a hint', async () => {
    const server = await startNatsServer({ tls: certificates.serverTls });
    expect(await codes(server, ['--tls-ca', certificates.caFile])).toEqual([0, 0]);
    expect(await codes(server, ['--tlsca', certificates.caFile])).toEqual([0, 0]);
    expect(await codes(server, [], { NATS_CA: certificates.caFile })).toEqual([0, 0]);
    expect(await codes(server, [])).toEqual([3, 3]);
    const run = await runCli(['info', '--server', server.url]);
    expect(run.stderr).toMatch(/hint: .*--tls-ca/);
  });

  test('a server that demands a client certificate is exit code 4 without one', async () => {
    const server = await startNatsServer({ tls: certificates.mutualTls });
    const { client } = certificates;
    const pair = [
      '--tls-ca',
      certificates.caFile,
      '--tls-cert',
      client.certFile,
      '--tls-key',
      client.keyFile,
    ];
    expect(await codes(server, pair)).toEqual([0, 0]);
    expect(await codes(server, ['--tls-ca', certificates.caFile])).toEqual([4, 4]);
    expect(await codes(server, pair.slice(0, 4))).toEqual([2, 2]);
  });

  test.each([
    ['127.0.0.1', [0, 0]],
    ['localhost', [3, 3]],
  ] as const)(
    'a server dialled by its address, with a certificate for %s',
    async (host, wanted) => {
      const own = await makeCertificates({ hosts: [host] });
      const server = await startNatsServer({ tls: own.serverTls });
      expect(await codes(server, ['--tls-ca', own.caFile])).toEqual(wanted);
    },
  );

  test('TLS before INFO', async () => {
    await requires('2.10.4');
    const server = await startNatsServer({
      tls: { ...certificates.serverTls, handshakeFirst: true },
    });
    expect(await codes(server, ['--tls-first', '--tls-ca', certificates.caFile])).toEqual([0, 0]);
  });
});
