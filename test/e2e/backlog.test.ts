import { createConnection } from 'node:net';
import { AckPolicy } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientClient, patientManager } from '../support/patient-jetstream.js';
import { requiresPty, startInPty } from '../support/pty.js';
import { runCli, startCli, type CliResult } from '../support/run-cli.js';
import { requires, serverIsAtLeast } from '../support/server-version.js';

const LIMITS = {
  'io.nats.monitor.enabled': 'true',
  'io.nats.monitor.last-delivery-critical': '1s',
};
const window = ['--window', '400ms'];

let server: NatsServer;
let connection: NatsConnection;
beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  connection = await connect({ servers: server.url });
  const manager = await patientManager(connection);
  await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
  await manager.streams.add({ name: 'IDLE', subjects: ['idle.>'] });
  const explicit = { ack_policy: AckPolicy.Explicit };
  await manager.consumers.add('ORDERS', { durable_name: 'billing', ...explicit });
  await manager.consumers.add('IDLE', { durable_name: 'resting', ...explicit });
  await manager.consumers.add('IDLE', {
    durable_name: 'watched',
    ...explicit,
    ...((await serverIsAtLeast('2.10')) && { metadata: LIMITS }),
  });
  for (let id = 1; id <= 20; id += 1)
    await patientClient(connection).publish(
      id % 4 === 0 ? 'orders.eu' : 'orders.us',
      `{"id":${id}}`,
    );
});
afterAll(() => connection.close());

function backlog(...args: string[]): Promise<CliResult> {
  return runCli(['backlog', ...args, '--server', server.url]);
}

function errorOf({ stderr }: CliResult): { kind: string; message: string; hint?: string } {
  const lines = stderr.trim().split('\n');
  return (JSON.parse(lines.at(-1) ?? '') as { error: { kind: string; message: string } }).error;
}

describe('exit codes', () => {
  test('a backlog is no failure unless asked', async () => {
    const run = await backlog(...window);
    expect(run.code).toBe(0);
    expect(run.stderr).toBe('');
    expect(run.stdout).toMatch(/^2 streams, 3 consumers: /);
    expect(run.stdout).toMatch(/^ORDERS +billing +.*NO_CLIENT$/m);
  });

  test('9 with --fail-on, and the report is printed', async () => {
    const run = await backlog('ORDERS', ...window, '--fail-on', 'warning');
    expect(run.code).toBe(9);
    expect(run.stdout).toContain('NO_CLIENT');
    expect((await backlog('IDLE', ...window, '--fail-on', 'warning')).code).toBe(0);
  });

  test.each([
    ['backlog>19', 9, /^backlog>19 for ORDERS billing \(it is 20\)$/],
    ['backlog>20', 0, /^$/],
    ['age>1ms', 9, /^age>1ms for ORDERS billing \(it is \d[\d.]*(ms|s|m\d+s)\)$/],
    ['age>1h', 0, /^$/],
  ])('--fail-if %s: %i', async (condition, code, message) => {
    const run = await backlog('ORDERS', 'billing', ...window, '--json', '--fail-if', condition);
    expect(run.code).toBe(code);
    expect(JSON.parse(run.stdout)).toMatchObject({ schema: 'natsx.backlog/1' });
    expect(run.stderr === '' ? '' : errorOf(run).message).toMatch(message);
  });

  test('2 for a comparison that cannot be read', async () => {
    expect((await backlog('--fail-if', 'weight>3')).code).toBe(2);
    expect((await backlog('ORDERS', 'a b')).code).toBe(2);
    expect((await backlog('ORDERS', '[')).code).toBe(2);
  });

  test('7 for a stream or consumer that is not there, with the nearest names', async () => {
    const stream = await backlog('ORDRES', '--json');
    expect(stream.code).toBe(7);
    expect(errorOf(stream).hint).toContain('ORDERS');
    const consumer = await backlog('ORDERS', 'biling', '--json');
    expect(consumer.code).toBe(7);
    expect(errorOf(consumer).hint).toContain('billing');
  });
});

describe('without JetStream', () => {
  let plain: NatsServer;
  beforeAll(async () => {
    plain = await startNatsServer();
  });

  test('the account view is that of connections, and says so', async () => {
    const run = await runCli(['backlog', ...window, '--server', plain.url]);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('JetStream is off;');
  });

  test('a named stream is 7', async () => {
    expect((await runCli(['backlog', 'ORDERS', '--server', plain.url])).code).toBe(7);
  });
});

describe('--json', () => {
  test('has the documented keys', async () => {
    const run = await backlog('ORDERS', 'billing', ...window, '--json');
    const report = JSON.parse(run.stdout) as Record<string, unknown> & {
      streams: (Record<string, unknown> & { consumers: Record<string, unknown>[] })[];
    };
    expect(Object.keys(report)).toEqual(
      'schema at server window_ms complete missing account streams connections'.split(' '),
    );
    expect(report).toMatchObject({
      schema: 'natsx.backlog/1',
      complete: true,
      missing: [],
    });
    expect(report['at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const [stream] = report.streams;
    expect(stream).toMatchObject({ name: 'ORDERS', verdict: 'OK', severity: 'ok' });
    expect(stream?.consumers).toHaveLength(1);
    expect(stream?.consumers[0]).toMatchObject({
      stream: 'ORDERS',
      name: 'billing',
      pending: 20,
      ack_pending: 0,
      backlog: 20,
      rate_in_per_s: 0,
      rate_out_per_s: 0,
      drain_eta_s: null,
      time_to_loss_s: null,
      verdict: 'NO_CLIENT',
      confidence: 'medium',
    });
    const [finding] = stream?.consumers[0]?.['findings'] as object[];
    expect(Object.keys(finding ?? {}).toSorted()).toEqual(
      ['evidence', 'id', 'remedy', 'severity', 'summary'].toSorted(),
    );
  });

  test('--only-unhealthy and --top leave out the rest', async () => {
    const run = await backlog(...window, '--json', '--only-unhealthy', '--top', '1');
    const { streams } = JSON.parse(run.stdout) as { streams: { name: string }[] };
    expect(streams.map(({ name }) => name)).toEqual(['ORDERS']);
  });
});

describe('peek and subjects', () => {
  test('the next message, and what waits by subject', async () => {
    const peeked = await backlog('peek', 'ORDERS', 'billing', '--count', '2', '--json');
    const lines = peeked.stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { stream: 'ORDERS', seq: 1, payload: { id: 1 }, delivered: false },
      { seq: 2 },
    ]);
    const subjects = await backlog('subjects', 'ORDERS', 'billing', '--json');
    expect(JSON.parse(subjects.stdout)).toMatchObject({
      subjects: [
        { subject: 'orders.us', messages: 15 },
        { subject: 'orders.eu', messages: 5 },
      ],
    });
  });
});

describe('check', () => {
  test.each([
    ['an idle consumer', ['IDLE', 'resting'], 0, /^OK /],
    ['a limit', ['IDLE', 'resting', '--warning', 'backlog>=0'], 1, /^WARNING /],
    ['a backlog that nobody works on', ['ORDERS', 'billing'], 2, /^CRITICAL .*NO_CLIENT.*\|/],
    ['a limit in the metadata', ['IDLE', 'watched'], 2, /^CRITICAL .*last-delivery-critical/],
    ['a consumer that is not there', ['ORDERS', 'nobody'], 3, /^UNKNOWN /],
    ['no such flag', ['ORDERS', '--wraning', 'age>1s'], 3, /^UNKNOWN unknown flag .*--warning/],
    ['no comparison', ['ORDERS', '--warning', 'weight>3'], 3, /^UNKNOWN "weight" /],
    ['the whole account', [], 2, /^CRITICAL ORDERS billing: NO_CLIENT.*'IDLE_resting_backlog'=0/],
  ] as const)('%s', async (_what, args, code, line) => {
    if (args.some((arg) => arg === 'watched')) await requires('2.10');
    const run = await backlog('check', ...args, ...window);
    expect(run.stdout).toMatch(line);
    expect(run.code).toBe(code);
  });

  test('3 when the server cannot be reached', async () => {
    const run = await runCli(['backlog', 'check', 'ORDERS', '--server', 'nats://127.0.0.1:1']);
    expect(run.stdout).toMatch(/^UNKNOWN /);
    expect(run.code).toBe(3);
  });
});

describe('explain', () => {
  test('a verdict, and the nearest for a misspelt one', async () => {
    const run = await runCli(['backlog', 'explain', 'NO_CLIENT']);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('What to do');
    const wrong = await runCli(['backlog', 'explain', 'NO_CLIENTS', '--json']);
    expect(wrong.code).toBe(2);
    expect(errorOf(wrong).hint).toContain('NO_CLIENT');
  });
});

describe('export', () => {
  test('serves metrics, says where, and ends by SIGTERM with 0', async () => {
    const args = ['backlog', 'export', '--listen', '127.0.0.1:0', ...window];
    const run = startCli([...args, '--server', server.url]);
    const [, address = ''] = await run.waitForStderr(/serving metrics on (\S+)/);
    const answer = await fetch(address);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    const text = await answer.text();
    expect(text).toMatch(/^natsx_\w+\{.*consumer="billing".*\} 20$/m);
    run.signal('SIGTERM');
    expect((await run.exit).code).toBe(0);
    await expect(connects(new URL(address))).resolves.toBe(false);
  });
});

function connects({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: hostname, port: Number(port) });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
}

test.each(['pause ORDERS billing --until 1h', 'skip ORDERS billing --to 10'])(
  'consumer %s does nothing without --yes',
  async (line) => {
    const run = await runCli(['consumer', ...line.split(' '), '--server', server.url]);
    expect(run.code).toBe(2);
    expect(`${run.stdout}${run.stderr}`).toContain('--yes');
    expect(run.stdout).toContain('ORDERS');
    const { stdout } = await backlog('ORDERS', 'billing', ...window, '--json');
    expect(stdout).toContain('"backlog":20');
    expect(stdout).not.toContain('PAUSED');
  },
);

describe('--watch', () => {
  const args = () => ['backlog', '--watch', ...window, '--server', server.url];

  test('in place on a terminal: chooses, looks closer, sorts, pauses, quits, and tidies up', async () => {
    requiresPty();
    const run = startInPty(args(), { rows: 40 });
    await run.waitFor(/▸ORDERS.*NO_CLIENT/);
    expect(await run.waitFor(/q quit.*sort \(severity\)/)).not.toBeNull();
    run.type('\r');
    await run.waitFor(/what delivery needs/);
    run.type('\u001b');
    await run.waitFor(/what delivery needs[^]*q quit.*sort \(severity\)/);
    run.type('s');
    await run.waitFor(/sort \(backlog\)/);
    run.type(' ');
    await run.waitFor(/frozen/);
    run.type('q');
    const { code, drawn } = await run.exit;
    expect(code).toBe(0);
    const last = drawn.lastIndexOf('\u001b[?1049l');
    expect(drawn.lastIndexOf('\u001b[?1049h')).toBeLessThan(last);
    expect(drawn.lastIndexOf('\u001b[?25h')).toBeGreaterThan(drawn.lastIndexOf('\u001b[?25l'));
    // What was seen last stays on the ordinary screen.
    expect(drawn.slice(last)).toContain('NO_CLIENT');
  });

  test('Ctrl-C ends it with 0', async () => {
    requiresPty();
    const run = startInPty(args());
    await run.waitFor(/q quit/);
    run.type('\u0003');
    expect((await run.exit).code).toBe(0);
  });

  test('no line is wider than the terminal', async () => {
    requiresPty();
    const run = startInPty(['backlog', ...window, '--server', server.url]);
    const { code, text } = await run.exit;
    expect(code).toBe(0);
    const tooWide = text.split(/\r?\n/).filter((line) => line.length > 80);
    expect(tooWide.filter((line) => !line.includes('reading'))).toEqual([]);
  });

  test('a line for each refresh where there is no terminal', async () => {
    const run = startCli(args());
    await run.waitForStdout(/\n.*\n/);
    run.signal('SIGINT');
    const { code, stdout } = await run.exit;
    expect(code).toBe(0);
    for (const line of stdout.trim().split('\n')) expect(line).toMatch(/^\d{4}-.*Z .*consumers/);
  });

  test('--json is a document for each refresh, and ends when its reader leaves', async () => {
    const run = startCli([...args(), '--json']);
    const [line = ''] = await run.waitForStdout(/^.*\n/);
    expect(JSON.parse(line)).toMatchObject({ schema: 'natsx.backlog/1' });
    run.closeStdout();
    expect((await run.exit).code).toBe(0);
  });
});

test('4 for a user that may not ask, in the words of what is missing', async () => {
  const users = [
    {
      user: 'u',
      password: 'p',
      permissions: { publish: { deny: ['$JS.API.>', '$SYS.>'] }, subscribe: ['>'] },
    },
  ];
  const closed = await startNatsServer({ jetstream: true, authorization: { users } });
  const login = ['--server', closed.url, '--user', 'u', '--password', 'p'];
  const run = await runCli(['backlog', ...window, '--json', ...login]);
  expect(run.code).toBe(4);
  expect(errorOf(run).message).toContain('$JS.API');
});
