import { beforeAll, describe, expect, test } from 'vitest';

import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { ownConsumers } from '../support/own-consumers.js';
import { runCli, startCli } from '../support/run-cli.js';
import { requires } from '../support/server-version.js';

const own = ownConsumers();
const { natsx, okJson, failure } = own;

describe('consumer create', () => {
  test('makes a durable pull consumer with explicit acknowledgement', async () => {
    expect(await okJson('consumer create ORDERS NAME')).toMatchObject({
      action: 'created',
      stream: 'ORDERS',
      consumer: own.name,
      ignored: [],
      config: {
        durable_name: own.name,
        ack_policy: 'explicit',
        deliver_policy: 'all',
        max_ack_pending: 1_000,
      },
    });
  });

  test('with what the flags say', async () => {
    const line =
      'consumer create ORDERS NAME --filter orders.* --deliver last-per-subject --max-deliver 4 --backoff 1s,2s --max-ack-pending 5 --max-waiting 6 --inactive-threshold 1h --memory --replicas 1 --description text';
    expect(await okJson(line)).toMatchObject({
      config: {
        filter_subject: 'orders.*',
        deliver_policy: 'last_per_subject',
        max_deliver: 4,
        backoff: [1_000_000_000, 2_000_000_000],
        max_ack_pending: 5,
        max_waiting: 6,
        inactive_threshold: 3_600_000_000_000,
        mem_storage: true,
        num_replicas: 1,
        description: 'text',
      },
    });
    expect(await okJson(line)).toMatchObject({ action: 'unchanged', changes: [] });
  });

  test('a push consumer', async () => {
    const line =
      'consumer create ORDERS NAME --push deliver.here --heartbeat 5s --flow-control --ack none';
    expect(await okJson(line)).toMatchObject({
      config: {
        deliver_subject: 'deliver.here',
        idle_heartbeat: 5_000_000_000,
        ack_policy: 'none',
      },
    });
    expect(await okJson(line)).toMatchObject({ action: 'unchanged' });
  });

  test.each([
    ['--start-seq 7', { deliver_policy: 'by_start_sequence', opt_start_seq: 7 }],
    [
      '--start-time 2026-01-31T12:00:00Z',
      { deliver_policy: 'by_start_time', opt_start_time: '2026-01-31T12:00:00Z' },
    ],
    ['--deliver new', { deliver_policy: 'new' }],
  ])('%s', async (flags, config) => {
    expect(await okJson(`consumer create ORDERS NAME ${flags}`)).toMatchObject({ config });
    expect(await okJson(`consumer create ORDERS NAME ${flags}`)).toMatchObject({
      action: 'unchanged',
    });
  });

  test('several filters', async () => {
    await requires('2.10');
    const line = 'consumer create ORDERS NAME --filter orders.a,orders.b';
    expect(await okJson(line)).toMatchObject({
      config: { filter_subjects: ['orders.a', 'orders.b'] },
    });
  });

  test('from a file; flags override', async () => {
    const stdin = JSON.stringify({ ack_policy: 'all', ack_wait: 1_000_000_000, max_deliver: 3 });
    expect(
      await okJson('consumer create ORDERS NAME --config - --max-deliver 9', { stdin }),
    ).toMatchObject({
      config: { ack_policy: 'all', ack_wait: 1_000_000_000, max_deliver: 9 },
    });
  });

  test('a different one of that name is shown and left alone: exit code 8', async () => {
    await okJson('consumer create ORDERS NAME');
    const run = await natsx('consumer create ORDERS NAME --ack-wait 1m');
    expect(run.code).toBe(8);
    expect(run.stdout).toMatch(/ack_wait +30s +1m/);
    expect(run.stderr).toContain(`natsx consumer edit ORDERS ${own.name} --ack-wait 1m`);
    const other = await failure('consumer create ORDERS NAME --memory');
    expect(other).toMatchObject({
      code: 8,
      hint: expect.stringContaining('another name') as string,
    });
    expect(await okJson('consumer create ORDERS NAME')).toMatchObject({ action: 'unchanged' });
  });

  test('a stream that is not there is exit code 7 with the nearest name', async () => {
    expect(await failure('consumer create ORDRES NAME')).toMatchObject({
      code: 7,
      message: 'there is no stream "ORDRES"',
      hint: 'did you mean ORDERS?',
    });
  });

  test.each([
    '--deliver new --start-seq 7',
    '--heartbeat 5s',
    '--push deliver.here --max-waiting 5',
    '--push deliver.here --pull',
    '--ack none --ack-wait 5s',
    '--max-deliver 2 --backoff 1s,2s',
    '--filter orders..a',
    '--start-time soon',
  ])('%s is exit code 2', async (flags) => {
    expect(await failure(`consumer create ORDERS NAME ${flags}`)).toMatchObject({ code: 2 });
    expect(await failure('consumer rm ORDERS NAME')).toMatchObject({ code: 7 });
  });

  test('what the server refuses is exit code 8 with its reason', async () => {
    const refused = await failure('consumer create ORDERS NAME --replicas 3');
    expect(refused.code).toBe(8);
    expect(refused.message).toMatch(/\(\d{5}\)$/);
  });
});

test('a filter that matches no subject of the stream is created, with a warning', async () => {
  const run = await natsx('consumer create ORDERS NAME --filter nope.x');
  expect(run.code).toBe(0);
  expect(run.stderr).toContain(
    'warning: the filter nope.x matches no subject of the stream ORDERS, which stores orders.>',
  );
  const edited = await natsx('consumer edit ORDERS NAME --filter other.x --yes --json');
  expect(edited.stderr).toContain('warning: the filter other.x matches no subject');
  expect((await natsx('consumer edit ORDERS NAME --filter orders.x --yes --json')).stderr).toBe('');
});

test('consumer ls without a stream lists the consumers of all streams', async () => {
  await okJson('stream create OTHER --subjects other');
  await okJson('consumer create OTHER alone');
  await okJson('consumer create ORDERS NAME');
  const { stdout } = await natsx('consumer ls --json');
  const all = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { stream: string; name: string });
  expect(all).toContainEqual(expect.objectContaining({ stream: 'OTHER', name: 'alone' }));
  expect(all).toContainEqual(expect.objectContaining({ stream: 'ORDERS', name: own.name }));
  expect((await natsx('consumer ls')).stdout).toMatch(/^Stream +Consumer/);
});

test('consumer apply creates, then changes', async () => {
  const config = { stream_name: 'ORDERS', name: own.name, ack_policy: 'explicit' };
  const stdin = JSON.stringify([{ ...config, max_ack_pending: 5 }]);
  const looked = await natsx('consumer apply -', { stdin });
  expect(looked.code).toBe(2);
  expect(looked.stdout).toContain(`would create the consumer ${own.name} of ORDERS`);
  expect((await natsx('consumer apply - --yes', { stdin })).stderr).toContain('created');
  const changed = { stdin: JSON.stringify({ name: own.name, max_ack_pending: 6 }) };
  const run = await natsx('consumer apply - --stream ORDERS --yes', changed);
  expect(run.stderr).toMatch(/max_ack_pending +5 +6/);
  expect(await okJson('consumer info ORDERS NAME')).toMatchObject({
    config: { max_ack_pending: 6, durable_name: own.name },
  });
});

describe('consumer pause', () => {
  test('takes its end as a flag or an argument, and asks for it in a sentence', async () => {
    await requires('2.11');
    await okJson('consumer create ORDERS NAME');
    expect(await failure('consumer pause ORDERS NAME --yes')).toMatchObject({
      code: 2,
      message: 'no end of the pause is given',
    });
    const paused = await natsx('consumer pause ORDERS NAME 1h --yes');
    expect(paused).toMatchObject({ code: 0, stdout: '' });
    expect(paused.stderr).toMatch(
      new RegExp(`^paused the consumer ${own.name} of ORDERS until .* \\(in 1h\\); .* waits?\\n$`),
    );
    expect((await natsx('consumer info ORDERS NAME')).stdout).toMatch(/paused +until .*\(in/);
    const resumed = await natsx('consumer resume ORDERS NAME --yes');
    expect(resumed.stderr).toMatch(/^resumed the consumer/);
    const again = await natsx('consumer resume ORDERS NAME --yes --quiet');
    expect(again).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
});

describe('consumer rm', () => {
  test('without --yes: what it has left, exit code 2, and it stays', async () => {
    await okJson('consumer create ORDERS NAME --filter orders.rm');
    // The stream's acknowledgement answers the request: then the message is there.
    expect((await natsx('request orders.rm hello')).code).toBe(0);
    const looked = await natsx('consumer rm ORDERS NAME');
    expect(looked.code).toBe(2);
    expect(looked.stdout).toContain('1 message pending, 0 not acknowledged');
    expect(looked.stderr).toContain('--yes');
    expect(await okJson('consumer rm ORDERS NAME --yes')).toMatchObject({
      action: 'removed',
      consumer: own.name,
      num_pending: 1,
    });
    expect(await failure('consumer rm ORDERS NAME --yes')).toMatchObject({ code: 7 });
  });

  test('a mistyped name is exit code 7 with the nearest', async () => {
    await okJson('consumer create ORDERS invoicing');
    expect(await failure('consumer rm ORDERS invoicng --yes')).toMatchObject({
      code: 7,
      message: 'the stream "ORDERS" has no consumer "invoicng"',
      hint: 'did you mean invoicing?',
    });
  });
});

describe('each command says what stands in its way', () => {
  const commands = [
    'stream create S --subjects s',
    'stream edit S --max-msgs 1 --yes',
    'stream rm S --yes',
    'stream purge S --yes',
    'stream get S 1',
    'stream rm-msg S 1 --yes',
    'consumer create S c',
    'consumer edit S c --ack-wait 1s --yes',
    'consumer rm S c --yes',
  ];
  let plain: NatsServer;
  let locked: NatsServer;
  beforeAll(async () => {
    plain = await startNatsServer();
    const permissions = { publish: { deny: ['$JS.API.>'] } };
    const users = [{ user: 'ann', password: 'x', permissions }];
    locked = await startNatsServer({ jetstream: true, authorization: { users } });
  });

  test.each(commands)('%s: JetStream is off: exit code 7', async (command) => {
    const run = await runCli([...command.split(' '), '--server', plain.url]);
    expect(run.code).toBe(7);
    expect(run.stderr).toContain('JetStream is off for the server');
  });

  test.each(commands)('%s: no permission: exit code 4 with the subject', async (command) => {
    const login = ['--user', 'ann', '--password', 'x'];
    const run = await runCli([...command.split(' '), '--server', locked.url, ...login]);
    expect(run.code).toBe(4);
    expect(run.stderr).toMatch(/not permitted to publish to "\$JS\.API\./);
  });

  test.each(commands)('%s: nobody there: exit code 3', async (command) => {
    const run = await runCli([...command.split(' '), '--server', 'nats://127.0.0.1:1']);
    expect(run.code).toBe(3);
  });

  test('an API prefix where somebody listens and never answers: exit code 5', async () => {
    const mute = startCli(['sub', 'mute.>', '--server', own.url]);
    await mute.waitForStderr(/subscribed/);
    const flags = ['--js-api-prefix', 'mute', '--timeout', '3s', '--server', own.url];
    const run = await runCli(['stream', 'rm', 'S', '--yes', ...flags]);
    expect(run.code).toBe(5);
    expect(run.stderr).toContain('JetStream did not answer in time');
  });
});
