import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { freePort } from '../support/free-port.js';
import { startNatsServer } from '../support/nats-server.js';
import { runCli } from '../support/run-cli.js';
import { makeCertificates } from '../support/tls.js';

/** Commands of both engines: what one says of a failure, all say. */
const COMMANDS = [
  ['pub', 'a', 'b'],
  ['pub', 'a', 'b', '--jetstream'],
  ['sub', 'a', '--count', '1'],
  ['request', 'a', 'b'],
  ['reply', 'a', 'b', '--count', '1'],
  ['rtt', '1'],
  ['info'],
  ['stream', 'ls'],
  ['consumer', 'ls', 'S'],
  ['backlog'],
  ['doctor'],
  ['bench', 'pub', '--msgs', '10'],
  ['bench', 'pub', '--msgs', '10', '--engine', 'client'],
  ['record', '/nonexistent/never.jsonl', '--stream', 'S'],
] as const;

interface Failure {
  readonly flags: readonly string[];
  readonly code: number;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const held: NatsConnection[] = [];
afterAll(() => Promise.all(held.map((connection) => connection.close())));

/** Takes the only connection of a server. */
async function hold(options: NodeConnectionOptions): Promise<void> {
  held.push(await connect(options));
}

const failures = new Map<string, Failure>();

beforeAll(async () => {
  const port = await freePort();
  failures.set('refused', {
    flags: ['-s', `127.0.0.1:${port}`],
    code: 3,
    message: new RegExp(`^the connection to 127.0.0.1:${port} failed: connection refused$`),
    hint: /is a nats-server running there\?.*--wait-for-server/,
  });
  failures.set('an unknown host', {
    flags: ['-s', 'no-such-host.invalid'],
    code: 3,
    message:
      /^the connection to no-such-host.invalid:4222 failed: (host not found|name resolution)/,
    hint: /./,
  });
  const authorization = { user: 'ann', password: 'right' };
  const guarded = await startNatsServer({ config: { authorization } });
  failures.set('a wrong password', {
    flags: ['-s', guarded.url, '--user', 'ann', '--password', 'wr0ng'],
    code: 4,
    message: /^the server refused the credentials \(127.0.0.1:\d+: Authorization Violation\)$/,
    hint: /natsx context show/,
  });
  const { serverTls, caFile } = await makeCertificates();
  const secure = await startNatsServer({ tls: serverTls });
  failures.set('a certificate of an unknown authority', {
    flags: ['-s', secure.url],
    code: 3,
    message:
      /^the connection to 127.0.0.1:\d+ failed: the server's certificate is signed by an unknown/,
    hint: /--tls-ca/,
  });
  const plain = await startNatsServer();
  failures.set('no TLS', {
    flags: ['-s', plain.url.replace('nats://', 'tls://')],
    code: 3,
    message: /^the server 127.0.0.1:\d+ offers no TLS$/,
    hint: /TLS/,
  });
  const full = await startNatsServer({ config: { max_connections: 1 } });
  await hold({ servers: full.url });
  failures.set('no connection left', {
    flags: ['-s', full.url],
    code: 3,
    message:
      /^the server has reached its maximum of connections \(127.0.0.1:\d+: maximum connections exceeded\)$/,
    hint: /max_connections/,
  });
  const fullTls = await startNatsServer({ tls: serverTls, config: { max_connections: 1 } });
  const tlsFlags = ['-s', fullTls.url, '--tls-ca', caFile];
  await hold({ servers: fullTls.url.replace('tls://', ''), tls: { caFile } });
  failures.set('no connection left, over TLS', {
    flags: tlsFlags,
    code: 3,
    message: /^the server has reached its maximum of connections /,
    hint: /max_connections/,
  });
});

const CASES = [
  'refused',
  'an unknown host',
  'a wrong password',
  'a certificate of an unknown authority',
  'no TLS',
  'no connection left',
  'no connection left, over TLS',
];

describe.each(CASES)('%s', (name) => {
  test.each(COMMANDS.map((command) => [command.join(' '), command] as const))(
    '%s',
    async (_line, command) => {
      const failure = failures.get(name);
      if (failure === undefined) throw new Error('the failure is not set up');
      const { flags, code, message, hint } = failure;
      const run = await runCli([...command, ...flags, '--json', '--timeout', '30s']);
      const last = run.stderr.trimEnd().split('\n').at(-1) ?? '';
      const { error } = JSON.parse(last) as { readonly error: Record<string, string> };
      expect(error['message']).toMatch(message);
      expect(error['hint']).toMatch(hint);
      expect(run.code).toBe(code);
      expect(run.stderr + run.stdout).not.toContain('wr0ng');
      // None of them waits for a time that cannot help.
      expect(run.durationMs).toBeLessThan(25_000);
    },
  );
});

test.each([
  ['stream', 'ls'],
  ['consumer', 'ls', 'S'],
  ['backlog', 'S'],
  ['pub', 'a', 'b', '--jetstream'],
  ['sub', '--stream', 'S', '--until-end'],
  ['bench', 'js-pub', '--msgs', '10'],
  ['bench', 'js-pub', '--msgs', '10', '--engine', 'client'],
])('JetStream that is off: %s %s', async (...command) => {
  const { url } = await startNatsServer();
  const run = await runCli([...command, '-s', url]);
  expect(run.code).toBe(7);
  expect(run.stderr).toMatch(/^error: JetStream is off for the server$/m);
  expect(run.stderr).toMatch(/^hint: connect to a server or account with JetStream/m);
});

test.each([
  ['publish', ['pub', 'no.a', 'b']],
  ['publish', ['request', 'no.a', 'b']],
  ['subscribe', ['sub', 'no.a']],
  ['subscribe', ['reply', 'no.a', 'b']],
] as const)('not permitted to %s: %j', async (operation, command) => {
  const { url } = await startNatsServer({
    config: {
      authorization: {
        users: [
          {
            user: 'ann',
            password: 'p',
            permissions: { publish: { deny: 'no.>' }, subscribe: { deny: 'no.>' } },
          },
        ],
      },
    },
  });
  const run = await runCli([...command, '-s', url, '--user', 'ann', '--password', 'p']);
  expect(run.stderr).toMatch(new RegExp(`not permitted to ${operation} to "no.a"`));
  expect(run.stderr).toMatch(/^hint: natsx info shows the permissions of this user/m);
  expect(run.code).toBe(4);
});
