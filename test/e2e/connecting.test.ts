import { createServer, type Server } from 'node:net';

import { afterEach, describe, expect, test } from 'vitest';

import { eventually } from '../support/eventually.js';
import { startNatsServer } from '../support/nats-server.js';
import { freePort } from '../support/free-port.js';
import { runCli, startCli } from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A port where somebody listens who is no NATS server. */
async function foreignPort(greeting: string | undefined): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (greeting !== undefined) socket.write(greeting);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const commands = [['info'], ['rtt', '1'], ['sub', 'a'], ['pub', 'a', 'b'], ['request', 'a', 'b']];

describe('a first connection that fails', () => {
  test.each(commands)('%s: nobody listens: exit code 3 at once', async (...command) => {
    const url = `nats://127.0.0.1:${await freePort()}`;
    // A run that waited would be killed before it ended.
    const run = await runCli([...command, '--server', url, '--timeout', '10m']);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('connection refused');
    expect(run.stderr).toMatch(/^hint: /m);
  });

  test.each(commands)(
    '%s: a port that says nothing: exit code 3 after --timeout',
    async (...command) => {
      const url = `nats://127.0.0.1:${await foreignPort(undefined)}`;
      const run = await runCli([...command, '--server', url, '--timeout', '500ms']);
      expect(run.code).toBe(3);
    },
  );

  test.each(commands)('%s: a port that speaks something else: exit code 3', async (...command) => {
    const url = `nats://127.0.0.1:${await foreignPort('SSH-2.0-OpenSSH_9.2\r\n')}`;
    const run = await runCli([...command, '--server', url, '--timeout', '1s']);
    expect(run.code).toBe(3);
  });

  test('a host name that is not known: exit code 3', async () => {
    const run = await runCli(['info', '--server', 'nats://no-such-host.invalid']);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('no-such-host.invalid');
  });

  test('--json tells the failure as one line of JSON on stderr, with the same code', async () => {
    const run = await runCli([
      'info',
      '--json',
      '--server',
      `nats://127.0.0.1:${await freePort()}`,
    ]);
    expect(run.code).toBe(3);
    expect(run.stdout).toBe('');
    expect(JSON.parse(run.stderr)).toMatchObject({ error: { kind: 'connection' } });
  });

  test.each(commands)(
    '%s: ports for routes and leaf nodes: exit code 3, and what they are',
    async (...command) => {
      const [routes, leafs] = [await freePort(), await freePort()];
      const cluster = { name: 'c', listen: `127.0.0.1:${routes}` };
      const leafnodes = { listen: `127.0.0.1:${leafs}` };
      await startNatsServer({ config: { cluster, leafnodes } });
      for (const [port, what] of [
        [routes, /not for clients .*route port/],
        [leafs, /not for clients .*leaf node port/],
      ] as const) {
        const run = await runCli([...command, '--server', `127.0.0.1:${port}`]);
        expect(run.stderr).toMatch(what);
        expect(run.stdout).not.toContain('version');
        expect(run.code).toBe(3);
      }
    },
  );
});

const patient = [
  ['info'],
  ['rtt', '1'],
  ['sub', 'a', '--count', '1'],
  ['pub', 'a', 'b'],
  ['bench', 'pub', '--msgs', '10'],
];

test.each(patient)(
  '%s --wait-for-server connects when the server comes up later',
  async (...command) => {
    const port = await freePort();
    const url = `nats://127.0.0.1:${port}`;
    const waiting = startCli([...command, '--server', url, '--wait-for-server', '50s']);
    await waiting.waitForStderr(/connection refused; trying again for \d/);
    const server = await startNatsServer({ port });
    if (command[0] === 'sub') {
      await waiting.waitForStderr(/subscribed/);
      expect((await runCli(['pub', 'a', 'late', '--server', server.url])).code).toBe(0);
    }
    expect((await waiting.exit).code).toBe(0);
  },
);

test.each(['info', 'rtt'])('%s --wait-for-server gives up with exit code 3', async (command) => {
  const url = `nats://127.0.0.1:${await freePort()}`;
  const waits = ['--server', url, '--wait-for-server', '700ms'];
  const run = await runCli([command, ...waits]);
  expect(run.code).toBe(3);
  expect(run.durationMs).toBeGreaterThan(600);
  // Told once, and not at all to those who want quiet.
  expect(run.stderr.match(/trying again/g)).toHaveLength(1);
  const quiet = await runCli([command, ...waits, '--quiet']);
  expect(quiet.code).toBe(3);
  expect(quiet.stderr).not.toContain('trying again');
});

test.each([...commands.filter(([name]) => name !== 'sub'), ['sub', 'a', '--wait', '10ms']])(
  '%s: a time longer than a timer can count is waited for',
  async (...command) => {
    const { url } = await startNatsServer();
    const run = await runCli([...command, '--server', url, '--timeout', '365d']);
    expect(run.code).toBe(command[0] === 'request' ? 6 : 0);
    expect(run.stderr).not.toContain('Warning');
  },
);

describe('once connected', () => {
  test('a subscriber with a goal gives up with 3 when --timeout passed without a server', async () => {
    const server = await startNatsServer();
    const sub = startCli(['sub', 'a', '--count', '1', '--server', server.url, '--timeout', '3s']);
    await sub.waitForStderr(/subscribed/);
    await server.kill();
    const { code, stderr } = await sub.exit;
    expect(code).toBe(3);
    expect(stderr).toMatch(/error: /);
  });

  test('a responder with a goal does so as well', async () => {
    const server = await startNatsServer();
    const flags = ['--count', '1', '--server', server.url, '--timeout', '3s'];
    const reply = startCli(['reply', 'a', 'x', ...flags]);
    await reply.waitForStderr(/listening/);
    await server.kill();
    expect((await reply.exit).code).toBe(3);
  });

  test('an endless subscriber comes back and tells the gap', async () => {
    const server = await startNatsServer();
    const sub = startCli(['sub', 'a', '--raw', '--server', server.url]);
    await sub.waitForStderr(/subscribed/);
    await server.restart({ signal: 'SIGKILL' });
    await sub.waitForStderr(/connected again .* after [\d.]+ ?m?s/);
    expect((await runCli(['pub', 'a', 'after', '--server', server.url])).code).toBe(0);
    await sub.waitForStdout(/after/);
    sub.signal('SIGINT');
    expect((await sub.exit).code).toBe(0);
  });

  test('an endless subscriber is bounded by --give-up-after', async () => {
    const server = await startNatsServer();
    const sub = startCli(['sub', 'a', '--server', server.url, '--give-up-after', '500ms']);
    await sub.waitForStderr(/subscribed/);
    await server.kill();
    expect((await sub.exit).code).toBe(3);
  });
});

describe('a server whose headers are switched off', () => {
  test('is used as far as it goes; headers are exit code 8', async () => {
    const { url } = await startNatsServer({ config: { no_header_support: true } });
    const run = (...args: readonly string[]) => runCli([...args, '-s', url, '--timeout', '4s']);
    const sub = startCli(['sub', 'a', '--count', '1', '-s', url]);
    await sub.waitForStderr(/subscribed to/);
    expect((await run('pub', 'a', 'b')).code).toBe(0);
    expect((await sub.exit).code).toBe(0);
    const withHeaders = await run('pub', 'a', 'b', '-H', 'Trace: a1');
    expect(withHeaders.code).toBe(8);
    expect(withHeaders.stderr).toContain('this server does not support headers');
    expect((await run('request', 'a', 'b', '-H', 'Trace: a1')).code).toBe(8);
    // Without headers nobody can be told that nobody listens.
    expect((await run('request', 'nobody', 'b')).code).toBe(5);
  });
});

test.each([
  ['pub', 'LONG', 'b'],
  ['pub', 'a', 'b', '--reply', 'LONG'],
  ['pub', 'LONG', 'b', '--jetstream'],
  ['sub', 'a', 'LONG'],
  ['queue-sub', 'a', 'LONG'],
  ['request', 'LONG', 'b', '--timeout', '10m'],
  ['reply', 'LONG', 'b'],
])('%s %s: a subject that the server does not read to its end: exit code 8', async (...command) => {
  const { url } = await startNatsServer();
  const args = command.map((word) => (word === 'LONG' ? 'a'.repeat(5_000) : word));
  const run = await runCli([...args, '-s', url]);
  expect(run.stderr).toContain('longer than the server allows');
  expect(run.stderr).not.toContain('reconnecting');
  expect(run.code).toBe(8);
});

/** Somebody who takes connections and says nothing. */
async function silentServer(): Promise<{
  readonly url: string;
  readonly connections: () => number;
}> {
  let connections = 0;
  const port = await foreignPort(undefined);
  servers.at(-1)?.on('connection', () => (connections += 1));
  return { url: `nats://127.0.0.1:${port}`, connections: () => connections };
}

describe('Ctrl-C ends a command that waits for a server', () => {
  const long = ['--wait-for-server', '10m', '--timeout', '10m'];

  test.each([...commands, ['stream', 'ls']])('%s, which is tried again', async (...command) => {
    const closed = `nats://127.0.0.1:${await freePort()}`;
    const trying = startCli([...command, '-s', closed, ...long]);
    await trying.waitForStderr(/trying again/);
    trying.signal('SIGINT');
    const { code, stderr } = await trying.exit;
    expect(stderr).not.toMatch(/error: (?!interrupted)/);
    expect(code).toBe(130);
  });

  test.each([...commands, ['stream', 'ls'], ['context', 'validate', '--connect']])(
    '%s, which does not answer',
    async (...command) => {
      const home = temporaryFolder('home');
      const { url, connections } = await silentServer();
      const saved = await runCli(['context', 'save', 'silent', '-s', url], { home });
      expect(saved.code).toBe(0);
      const connecting = startCli([...command, '--context', 'silent', ...long], { home });
      await eventually('it has connected', () => connections() > 0);
      connecting.signal('SIGTERM');
      const { code, stderr } = await connecting.exit;
      expect(stderr).not.toMatch(/error: (?!interrupted)/);
      expect(code).toBe(143);
    },
  );

  test('rtt ends between two PINGs', async () => {
    const server = await startNatsServer();
    const { url } = server;
    const rtt = startCli(['rtt', '1000000000', '--json', '-s', url]);
    await eventually(
      'it has connected',
      async () => (await server.monitor('/connz'))['num_connections'],
    );
    rtt.signal('SIGINT');
    const { code, stdout } = await rtt.exit;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject([{ server: url }]);
    expect(stdout).not.toContain('error');
  });
});
