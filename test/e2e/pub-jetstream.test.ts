import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientManager } from '../support/patient-jetstream.js';
import { runCli, startCli, type CliOptions } from '../support/run-cli.js';
import { requires, serverIsAtLeast } from '../support/server-version.js';
import { temporaryFolder } from '../support/shut-down.js';

let server: NatsServer;
let connection: NatsConnection;
let manager: JetStreamManager;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  connection = await connect({ servers: server.url });
  manager = await patientManager(connection);
});
afterAll(() => connection.close());
beforeEach(async () => {
  for await (const { config } of manager.streams.list()) await manager.streams.delete(config.name);
  await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
});

function pub(args: readonly string[], options: CliOptions = {}) {
  return runCli(['pub', '-s', server.url, '-J', ...args], options);
}

async function messages() {
  const { state } = await manager.streams.info('ORDERS');
  const all = [];
  if (state.messages === 0) return [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await manager.streams.getMessage('ORDERS', { seq });
    if (message !== null) all.push(message);
  }
  return all;
}

const jsonLines = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('one message', () => {
  it('is told with its place', async () => {
    const result = await pub(['orders.new', 'hello']);
    expect(result).toMatchObject({ code: 0, stdout: '' });
    expect(result.stderr).toBe('stored 1 message in ORDERS at 1, 5 B\n');
  });

  it('has an id, by which a repeat is known', async () => {
    const args = ['orders.new', 'hello', '--msg-id', 'a-{{Count}}', '--ack', 'json'];
    expect(jsonLines((await pub(args)).stdout)).toEqual([
      {
        message: 1,
        subject: 'orders.new',
        msg_id: 'a-1',
        stream: 'ORDERS',
        seq: 1,
        duplicate: false,
      },
    ]);
    expect((await pub(args)).stdout).toContain('"seq":1,"duplicate":true}');
    const report = await pub(['orders.new', 'hello', '--msg-id', 'a-1', '--json']);
    expect(JSON.parse(report.stdout)).toMatchObject({
      stored: 1,
      duplicates: 1,
      refused: 0,
      in_doubt: 0,
      unsent: 0,
      stream: 'ORDERS',
      first_seq: 1,
      last_seq: 1,
      unacknowledged: [],
    });
  });

  it('is told with its domain, and with what its counter is at', async () => {
    await requires('2.12');
    const hub = await startNatsServer({ jetstream: { domain: 'hub' } });
    const other = await connect({ servers: hub.url });
    const streams = (await patientManager(other)).streams;
    const config = { name: 'C', subjects: ['c.>'], allow_msg_counter: true, allow_direct: true };
    await streams.add(config);
    await other.close();
    const count = (...more: string[]) =>
      runCli(['pub', '-s', hub.url, '-J', 'c.a', '', '-H', 'Nats-Incr: 5', ...more]);
    expect((await count()).stderr).toBe(
      'stored 1 message in C (domain hub) at 1, 0 B; the counter is at 5\n',
    );
    const ack = { message: 1, subject: 'c.a', stream: 'C', domain: 'hub', duplicate: false };
    expect(jsonLines((await count('--ack', 'json')).stdout)).toEqual([
      { ...ack, seq: 2, val: '10' },
    ]);
    const report = JSON.parse((await count('--json')).stdout) as unknown;
    expect(report).toMatchObject({ stream: 'C', domain: 'hub', first_seq: 3, val: '15' });
  });

  it('is stored only where and when it is expected', async () => {
    const expected = ['--expect-stream', 'ORDERS', '--expect-last-seq', '0'];
    expect((await pub(['orders.a', 'x', ...expected, '--msg-id', 'first'])).code).toBe(0);
    const again = await pub(['orders.a', 'x', '--expect-last-seq', '0']);
    expect(again).toMatchObject({ code: 8, stdout: '' });
    expect(again.stderr).toContain('wrong last sequence: 1');
    const bySubject = ['--expect-last-subject-seq', '0'];
    expect((await pub(['orders.b', 'x', ...bySubject])).code).toBe(0);
    expect((await pub(['orders.b', 'x', ...bySubject])).code).toBe(8);
    expect((await pub(['orders.c', 'x', '--expect-last-msg-id', 'other'])).code).toBe(8);
    expect((await pub(['orders.c', 'x', '--expect-stream', 'OTHER'])).code).toBe(8);
    expect(await messages()).toHaveLength(2);
  });

  it('lives as long as --ttl says', async () => {
    await requires('2.11');
    const refused = await pub(['orders.a', 'x', '--ttl', '1h']);
    expect(refused).toMatchObject({ code: 8 });
    expect(refused.stderr).toContain('--allow-msg-ttl');
    await manager.streams.update('ORDERS', { allow_msg_ttl: true });
    expect((await pub(['orders.a', 'x', '--ttl', '1h30m'])).code).toBe(0);
    expect((await pub(['orders.a', 'x', '--ttl', 'never'])).code).toBe(0);
    expect((await messages()).map(({ header }) => header.get('Nats-TTL'))).toEqual([
      '5400s',
      'never',
    ]);
  });

  it('does not live for ever on a server that is too old for --ttl', async (context) => {
    if (await serverIsAtLeast('2.11')) context.skip();
    const result = await pub(['orders.a', 'x', '--ttl', '1h']);
    expect(result).toMatchObject({ code: 8 });
    expect(result.stderr).toContain('needs 2.11');
    expect(await messages()).toHaveLength(0);
  });

  it('is not found without a stream for it: 7, with the way to make one', async () => {
    const result = await pub(['nobody', 'x']);
    expect(result).toMatchObject({ code: 7, stdout: '' });
    expect(result.stderr).toMatch(/no stream accepts "nobody"\nhint: .*natsx stream create/);
  });
});

describe('what is wrong on the command line is exit 2, before anything is sent', () => {
  it.each([
    [['orders.a', 'x', '--window', '0'], 'use 1 to 10000 messages'],
    [['orders.a', 'x', '--reply', 'r'], '--jetstream'],
    [['orders.a', 'x', '--msg-id', '{{Nonsense}}'], 'unknown function'],
    [['orders.a', 'x', '--msg-id', 'same', '--count', '2'], 'would have the id "same"'],
    [['orders.a', 'x', '--msg-id-from', 'thin air'], 'hash, json:'],
    [['orders.a', 'x', '--msg-id-from', 'json:oops'], 'no step at position 1'],
    [['orders.a', 'x', '--expect-last-seq', '-1'], 'is not a sequence'],
    [['orders.a', 'x', '--expect-last-seq', '1', '--count', '2'], 'applies to a single message'],
    [['orders.a', 'x', '--ttl', '10ms'], 'the minimum is 1s'],
    [['orders.a', 'x', '--failed', '/does/not/exist/f'], 'cannot write'],
    [['orders.a', 'x', '--ack', 'json', '--json'], '--json'],
  ])('%j', async (args, sentence) => {
    const result = await pub(args);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain(sentence);
    expect(await messages()).toHaveLength(0);
  });

  it('the flags without --jetstream', async () => {
    const result = await runCli(['pub', '-s', server.url, 'orders.a', 'x', '--msg-id', 'a']);
    expect(result).toMatchObject({ code: 2 });
    expect(result.stderr).toContain('--jetstream');
  });

  it('a file for failed messages that holds some already, or is the input', async () => {
    const file = join(temporaryFolder('failed'), 'f');
    writeFileSync(file, '{"subject":"orders.a","payload":""}\n');
    expect(await pub(['orders.a', 'x', '--failed', file])).toMatchObject({ code: 2 });
    expect(await pub(['--jsonl', '--file', file, '--failed', file])).toMatchObject({ code: 2 });
    expect(readFileSync(file, 'utf8')).toContain('orders.a');
  });
});

describe('many messages', () => {
  it('are acknowledged in order, each with its line', async () => {
    const result = await pub([
      'orders.{{Count}}',
      '{{Count}}',
      '--template',
      '--count',
      '1000',
      '--ack',
      'json',
      '--window',
      '64',
    ]);
    expect(result.code).toBe(0);
    const acks = jsonLines(result.stdout) as { message: number; subject: string; seq: number }[];
    expect(acks.map(({ message, subject, seq }) => [message, subject, seq])).toEqual(
      Array.from({ length: 1000 }, (_, at) => [at + 1, `orders.${at + 1}`, at + 1]),
    );
    expect(result.stderr).toBe('stored 1,000 messages in ORDERS, 1 to 1000, 2.83 KiB\n');
  });

  it('are published again without duplicates when the id comes from them', async () => {
    const stdin = 'one\ntwo\nthree\n';
    expect((await pub(['orders.a', '--lines', '--msg-id-from', 'hash'], { stdin })).code).toBe(0);
    const again = await pub(['orders.a', '--lines', '--msg-id-from', 'hash'], {
      stdin: `${stdin}four\n`,
    });
    expect(again.stderr).toBe('stored 1 new message in ORDERS at 4; 3 were already there\n');
    const third = await pub(['orders.a', '--lines', '--msg-id-from', 'hash'], { stdin });
    expect(third.stderr).toBe(
      'stored nothing new: all 3 messages were already there, in ORDERS, 1 to 3\n',
    );
    expect((await messages()).map((message) => message.string())).toEqual([
      'one',
      'two',
      'three',
      'four',
    ]);
  });

  it('take their ids from a place in their JSON; large numbers stay apart', async () => {
    const lines = ['{"n":12345678901234567890}', '{"n":12345678901234567891}', '{"n":"x"}'];
    const args = ['orders.a', '--lines', '--msg-id-from', 'json:.n'];
    expect((await pub(args, { stdin: lines.join('\n') })).code).toBe(0);
    const ids = (await messages()).map(({ header }) => header.get('Nats-Msg-Id'));
    expect(ids).toEqual(['12345678901234567890', '12345678901234567891', 'x']);
    const without = await pub(args, { stdin: '{"n":1}\n{"m":1}\n{"n":2}\n' });
    expect(without).toMatchObject({ code: 2 });
    expect(without.stderr).toContain('message 2: its payload has nothing at .n');
    expect(without.stderr).toContain('1 message is stored');
  });

  it('take their ids from a header', async () => {
    const stdin = '{"subject":"orders.a","headers":{"Id":["7"]},"payload":"x"}\n'.repeat(2);
    const result = await pub(['--jsonl', '--msg-id-from', 'header:Id', '--ack', 'json'], { stdin });
    expect(jsonLines(result.stdout)).toMatchObject([{ duplicate: false }, { duplicate: true }]);
  });

  it('end at a broken line: its number, and what is stored', async () => {
    const stdin = `${'{"subject":"orders.a","payload":"x"}\n'.repeat(5)}{broken\n`;
    const result = await pub(['--jsonl'], { stdin });
    expect(result).toMatchObject({ code: 2 });
    expect(result.stderr).toContain('line 6 of the input');
    expect(result.stderr).toContain('5 messages are stored');
    expect(await messages()).toHaveLength(5);
  });

  it('have a rate', async () => {
    const result = await pub(['orders.a', 'x', '--count', '20', '--rate', '100', '--json']);
    const { duration_ms: durationMs } = JSON.parse(result.stdout) as { duration_ms: number };
    expect(durationMs).toBeGreaterThan(180);
  });
});

describe('what is not acknowledged', () => {
  it('is listed, kept in a file, and published from there', async () => {
    await manager.streams.update('ORDERS', { max_msgs: 3, discard: 'new' });
    const file = join(temporaryFolder('failed'), 'failed.jsonl');
    const stdin = Array.from({ length: 100 }, (_, at) => `line ${at + 1}`).join('\n');
    const args = ['orders.a', '--lines', '--msg-id', 'run-{{Count}}', '--failed', file];
    const result = await pub([...args, '-H', 'Trace: t'], { stdin });
    expect(result).toMatchObject({ code: 8, stdout: '' });
    expect(result.stderr).toMatch(/warning: messages 4 to \d+ were refused: .*maximum messages/);
    expect(result.stderr).toContain('3 messages are stored, 97 are not acknowledged');
    await manager.streams.update('ORDERS', { max_msgs: -1 });
    const again = await pub(['--jsonl', '--file', file]);
    expect(again.stderr).toContain('stored 97 messages');
    const all = await messages();
    expect(all.map((message) => message.string())).toEqual(stdin.split('\n'));
    expect(all.at(-1)?.header.get('Trace')).toBe('t');
    expect(all.at(-1)?.header.get('Nats-Msg-Id')).toBe('run-100');
  });

  it('leaves no file when there is nothing to keep', async () => {
    const file = join(temporaryFolder('failed'), 'failed.jsonl');
    expect((await pub(['orders.a', 'x', '--failed', file])).code).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  it('is kept to the last line when the server is gone for good: exit 3', async () => {
    const own = await startNatsServer({ jetstream: true });
    await runCli(['stream', 'create', 'ORDERS', '--subjects', 'orders.>', '-s', own.url]);
    const file = join(temporaryFolder('failed'), 'failed.jsonl');
    const args = ['pub', '-J', 'orders.a', '--lines', '--msg-id', '{{ID}}', '--ack', 'json'];
    const running = startCli(
      [...args, '--failed', file, '-s', own.url, '--give-up-after', '300ms'],
      { stdinOpen: true },
    );
    running.write('one\ntwo\n');
    await running.waitForStdout(/"message":2,/);
    await own.kill();
    running.write('three\nfour\n');
    await running.waitForStdout(/"message":3,/);
    running.write('five\n');
    running.endStdin();
    const { code, stdout } = await running.exit;
    expect(code).toBe(3);
    expect(jsonLines(stdout)).toHaveLength(5);
    const kept = jsonLines(readFileSync(file, 'utf8')) as { payload: string }[];
    expect(kept.map(({ payload }) => payload)).toEqual(['three', 'four', 'five']);
  });
});

describe('an interest stream', () => {
  it('keeps nothing without a consumer, which is not called stored', async () => {
    await manager.streams.add({ name: 'LOOKED', subjects: ['look.>'], retention: 'interest' });
    const alone = await pub(['look.a', 'x', '--count', '3']);
    expect(alone).toMatchObject({ code: 0 });
    expect(alone.stderr).toContain(
      '3 messages acknowledged, but not kept: the interest stream LOOKED has no consumer for "look.a"',
    );
    expect(alone.stderr).not.toContain('stored 3');
    await manager.consumers.add('LOOKED', { durable_name: 'c', filter_subject: 'look.b' });
    const input = '{"subject":"look.b","payload":"b"}\n{"subject":"look.c","payload":"c"}\n';
    const both = await pub(['--jsonl', '--json'], { stdin: input });
    expect(JSON.parse(both.stdout)).toMatchObject({
      stored: 1,
      not_kept: 1,
      not_kept_by: [{ stream: 'LOOKED', subject: 'look.c', subjects: 1, messages: 1 }],
    });
    expect((await manager.streams.info('LOOKED')).state.messages).toBe(1);
  });
});

describe('exit codes', () => {
  it('4 without the permission to publish', async () => {
    const permissions = { publish: 'other', subscribe: '>' };
    const users = [{ user: 'some', password: 'x', permissions }];
    const own = await startNatsServer({ jetstream: true, authorization: { users } });
    const login = ['-s', own.url, '--user', 'some', '--password', 'x'];
    const result = await runCli(['pub', '-J', 'orders.a', 'x', ...login]);
    expect(result).toMatchObject({ code: 4, stdout: '' });
    expect(result.stderr).toContain('not permitted to publish to "orders.a"');
  });

  it('4 when the acknowledgement may not be received, which leaves the message in doubt', async () => {
    const permissions = { publish: 'orders.>', subscribe: 'nothing' };
    const users = [{ user: 'some', password: 'x', permissions }];
    const own = await startNatsServer({ jetstream: true, authorization: { users } });
    const login = ['-s', own.url, '--user', 'some', '--password', 'x'];
    const result = await runCli(['pub', '-J', 'orders.a', 'x', ...login, '--json']);
    expect(result.code).toBe(4);
    const { error } = JSON.parse(result.stderr) as { readonly error: { readonly message: string } };
    expect(error.message).toMatch(/^not permitted to subscribe to .*; the message may be stored$/);
    expect(error).toMatchObject({ details: { in_doubt: 1 } });
  });

  it('7 when JetStream is off', async () => {
    const own = await startNatsServer();
    const result = await runCli(['pub', '-J', 'orders.a', 'x', '-s', own.url]);
    expect(result).toMatchObject({ code: 7, stdout: '' });
    expect(result.stderr).toContain('JetStream is off');
  });

  it('5 when nobody acknowledges in time', async () => {
    connection.subscribe('quiet');
    const result = await pub(['quiet', 'x', '--timeout', '3s']);
    expect(result).toMatchObject({ code: 5, stdout: '' });
    expect(result.stderr).toContain('no acknowledgement for "quiet"');
  });

  it('5 with the reason when no acknowledgement comes', async () => {
    connection.subscribe('listened');
    await connection.flush();
    const quiet = { name: 'QUIET', subjects: ['unanswered'], no_ack: true };
    await manager.streams.add(quiet);
    const flags = ['--timeout', '300ms'];
    for (const id of [[], ['--msg-id', '1']]) {
      const nothing = await pub(['listened', 'x', ...flags, ...id]);
      expect(nothing).toMatchObject({ code: 5 });
      expect(nothing.stderr).toContain('no stream stores this subject');
      const mute = await pub(['unanswered', 'x', ...flags, ...id]);
      expect(mute).toMatchObject({ code: 5 });
      expect(mute.stderr).toContain('the stream QUIET does not acknowledge (no_ack)');
      expect(mute.stderr).not.toContain('longer --timeout');
    }
  });

  it('5 where the reason may not be looked up', async () => {
    const permissions = { publish: ['listened'], subscribe: ['_INBOX.>', 'listened'] };
    const users = [{ user: 'some', password: 'x', permissions }];
    const own = await startNatsServer({ jetstream: true, authorization: { users } });
    const login = ['-s', own.url, '--user', 'some', '--password', 'x'];
    const listener = startCli(['sub', 'listened', ...login]);
    await listener.waitForStderr(/subscribed/);
    const result = await runCli(['pub', '-J', 'listened', 'x', '--timeout', '300ms', ...login]);
    expect(result).toMatchObject({ code: 5, stdout: '' });
    expect(result.stderr).toContain('the stream of the subject could not be looked up');
    expect(result.stderr).toContain('not permitted to publish to "$JS.API.STREAM.NAMES"');
  });

  it('8 when a client that is not a stream replies', async () => {
    connection.subscribe('chatty', { callback: (_, message) => void message.respond('hi') });
    await connection.flush();
    const result = await pub(['chatty', 'x']);
    expect(result).toMatchObject({ code: 8 });
    expect(result.stderr).toContain('the reply on "chatty" did not come from a stream');
  });

  it('130 on Ctrl-C, after what was on its way is acknowledged', async () => {
    const running = startCli(['pub', '-s', server.url, '-J', 'orders.a', '--lines'], {
      stdinOpen: true,
    });
    running.write('one\ntwo\n');
    await eventually('both are stored', async () => (await messages()).length === 2);
    running.signal('SIGINT');
    const { code, stderr } = await running.exit;
    expect(code).toBe(130);
    expect(stderr).toContain('stored 2 messages');
  });
});
