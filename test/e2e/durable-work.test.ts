import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { AckPolicy, type ConsumerInfo } from '@nats-io/jetstream';
import { beforeAll, describe, expect, it } from 'vitest';

import {
  fillStream,
  numbers,
  store,
  withConnection,
} from '../integration/streams/run/read/fixture.js';
import { eventually } from '../support/eventually.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientManager } from '../support/patient-jetstream.js';
import { emptyHome, runCli, startCli } from '../support/run-cli.js';

let server: NatsServer;
let url: readonly string[];
let made = 0;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  url = ['-s', server.url];
});

/** A stream of its own with numbered messages. */
async function freshStream(count: number): Promise<string> {
  const name = `W${++made}`;
  await fillStream(server.url, { name, subjects: [`w${made}`] }, { count, subjects: [`w${made}`] });
  return name;
}

function work(stream: string, ...flags: readonly string[]): readonly string[] {
  return ['sub', '--stream', stream, '--durable', 'billing', ...flags, ...url];
}

function consumerOf(stream: string): Promise<ConsumerInfo> {
  return withConnection(server.url, async (connection) => {
    const manager = await patientManager(connection);
    return manager.consumers.info(stream, 'billing');
  });
}

function addConsumer(stream: string, config: object): Promise<unknown> {
  return withConnection(server.url, async (connection) => {
    const manager = await patientManager(connection);
    return manager.consumers.add(stream, { durable_name: 'billing', ...config });
  });
}

const lines = (from: number, to: number): string[] =>
  numbers(from, to).map((number) => `message ${number}`);

describe('sub --durable', () => {
  it('goes on where it stood: what was printed is acknowledged', async () => {
    const stream = await freshStream(30);
    const first = await runCli(work(stream, '--create', '--count', '10', '--raw'));
    expect(first).toMatchObject({ code: 0, stdout: `${lines(1, 10).join('\n')}\n` });
    expect(first.stderr).toContain('10 messages acknowledged');
    const info = await consumerOf(stream);
    expect(info).toMatchObject({ num_ack_pending: 0, num_pending: 20 });
    const second = await runCli(work(stream, '--wait', '4s', '--raw'));
    expect(second).toMatchObject({ code: 0, stdout: `${lines(11, 30).join('\n')}\n` });
  });

  it('loses nothing when it is killed', async () => {
    const stream = await freshStream(4);
    await addConsumer(stream, { ack_policy: AckPolicy.Explicit, ack_wait: 1_000_000_000 });
    const flag = join(emptyHome(), 'begun');
    const killed = startCli(work(stream, '--command', `touch ${flag}; sleep 5`));
    await eventually('the command runs', () => existsSync(flag));
    killed.signal('SIGKILL');
    await killed.exit;
    const next = await runCli(work(stream, '--count', '4', '--raw'));
    expect(next.code).toBe(0);
    expect(next.stdout.trimEnd().split('\n').sort()).toEqual(lines(1, 4));
  });

  it('keeps what nobody has read of its output', async () => {
    const stream = await freshStream(5);
    const left = startCli(work(stream, '--create', '--raw'));
    await left.waitForStdout(/message 5\n/);
    left.closeStdout();
    await withConnection(server.url, (c) =>
      store(c, { count: 1, from: 6, subjects: [`w${made}`] }),
    );
    expect(await left.exit).toMatchObject({ code: 0 });
    const next = await runCli(work(stream, '--count', '1', '--raw'));
    expect(next.stdout).toBe('message 6\n');
  });

  it('says nothing with --ack none, and makes a consumer that wants nothing', async () => {
    const stream = await freshStream(3);
    const { code, stderr } = await runCli(
      work(stream, '--create', '--ack', 'none', '--count', '3', '--raw'),
    );
    expect(code).toBe(0);
    expect(stderr).toContain('0 messages acknowledged');
    expect((await consumerOf(stream)).config.ack_policy).toBe('none');
  });

  it('ends with 0 at Ctrl-C, with 5 when too little came', async () => {
    const stream = await freshStream(2);
    const cli = startCli(work(stream, '--create', '--raw'));
    await cli.waitForStdout(/message 2\n/);
    cli.signal('SIGINT');
    expect(await cli.exit).toMatchObject({ code: 0 });
    expect(await consumerOf(stream)).toMatchObject({ num_ack_pending: 0, num_pending: 0 });
    const short = await runCli(work(stream, '--count', '1', '--wait', '200ms'));
    expect(short.code).toBe(5);
  });

  it('leaves what it prints to the next one with --ack none', async () => {
    const stream = await freshStream(2);
    await addConsumer(stream, { ack_policy: AckPolicy.Explicit });
    const { code } = await runCli(work(stream, '--ack', 'none', '--count', '2'));
    expect(code).toBe(0);
    expect(await consumerOf(stream)).toMatchObject({ num_ack_pending: 2 });
  });

  it('says that its consumer was removed', async () => {
    const stream = await freshStream(0);
    const cli = startCli(work(stream, '--create'));
    await cli.waitForStderr(/working as billing/);
    await withConnection(server.url, async (connection) => {
      const manager = await patientManager(connection);
      await manager.consumers.delete(stream, 'billing');
    });
    const { code, stderr } = await cli.exit;
    expect(code).toBe(7);
    expect(stderr).toContain(`the consumer billing of ${stream} was removed in the meantime`);
  });

  it('says that its stream was removed, where the consumer went with it', async () => {
    const stream = await freshStream(0);
    const cli = startCli(work(stream, '--create'));
    await cli.waitForStderr(/working as billing/);
    await withConnection(server.url, async (connection) => {
      await (await patientManager(connection)).streams.delete(stream);
    });
    const { code, stderr } = await cli.exit;
    expect(code).toBe(7);
    expect(stderr).toContain(`the stream ${stream} was removed in the meantime`);
    expect(stderr).not.toContain('--create');
  });

  it('ends when its stream is gone after a restart of the server', async () => {
    const own = await startNatsServer({ jetstream: true });
    await fillStream(own.url, { name: 'R', subjects: ['r'] }, { count: 0, subjects: ['r'] });
    const cli = startCli(['sub', '--stream', 'R', '--durable', 'd', '--create', '-s', own.url]);
    await cli.waitForStderr(/working as d/);
    own.pause();
    rmSync(join(own.storeFolder, 'jetstream'), { recursive: true });
    await own.restart({ signal: 'SIGKILL' });
    const { code, stderr } = await cli.exit;
    expect(code).toBe(7);
    expect(stderr).toContain('the stream R was removed in the meantime');
  });

  it('goes on after a restart of the server, and handles everything', async () => {
    const own = await startNatsServer({ jetstream: true });
    await fillStream(own.url, { name: 'R', subjects: ['r'] }, { count: 40, subjects: ['r'] });
    await withConnection(own.url, async (connection) => {
      const manager = await patientManager(connection);
      const config = { durable_name: 'd', ack_policy: AckPolicy.Explicit, ack_wait: 1e9 };
      await manager.consumers.add('R', config);
    });
    const cli = startCli([
      ...['sub', '--stream', 'R', '--durable', 'd', '--wait', '15s', '-s', own.url],
      ...['--concurrency', '4', '--command', 'sleep 0.1; cat; echo', '--timeout', '20s'],
    ]);
    await cli.waitForStdout(/message 4\n/);
    await own.restart();
    const { code, stdout } = await cli.exit;
    expect(code).toBe(0);
    expect(new Set(stdout.trimEnd().split('\n').filter(Boolean)).size).toBe(40);
  });

  it('shares the work with others', async () => {
    const stream = await freshStream(0);
    const workers = [
      startCli(work(stream, '--create', '--raw', '--batch', '1')),
      startCli(work(stream, '--create', '--raw', '--batch', '1')),
    ];
    for (const worker of workers) await worker.waitForStderr(/working as billing/);
    await eventually('both ask', async () => (await consumerOf(stream)).num_waiting >= 2);
    await withConnection(server.url, (c) => store(c, { count: 200, subjects: [`w${made}`] }));
    await eventually('all is done', async () => {
      const info = await consumerOf(stream);
      return info.ack_floor.stream_seq === 200;
    });
    for (const worker of workers) worker.signal('SIGINT');
    const outputs = await Promise.all(workers.map((worker) => worker.exit));
    const got = outputs.map(({ stdout }) => stdout.split('\n').filter(Boolean));
    expect(got.flat().sort()).toEqual(lines(1, 200).sort());
    for (const share of got) expect(share.length).toBeGreaterThan(0);
  });
});

describe('sub --durable --command', () => {
  it('acknowledges what succeeds, and has the rest delivered again', async () => {
    const stream = await freshStream(3);
    const log = join(emptyHome(), 'log');
    const command = `read -r body; echo "$body $NATS_DELIVERED $NATS_STREAM_SEQUENCE" >> ${log}; [ "$NATS_DELIVERED" = 2 ] || [ "$body" != "message 2" ]`;
    const flags = ['--create', '--command', command, '--nak-delay', '50ms', '--count', '4'];
    const { code, stdout, stderr } = await runCli(work(stream, ...flags, '--json'));
    expect(code).toBe(9);
    expect(stderr).toContain('the command failed for 1 of 4 messages');
    expect(readFileSync(log, 'utf8').trimEnd().split('\n')).toEqual([
      'message 1 1 1',
      'message 2 1 2',
      'message 3 1 3',
      'message 2 2 2',
    ]);
    const told = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(told[1]).toMatchObject({ seq: 2, verdict: 'nak', exit_code: 1, delay_ms: 50 });
    expect(told[3]).toMatchObject({ seq: 2, verdict: 'ack', exit_code: 0, delivered: 2 });
    expect(await consumerOf(stream)).toMatchObject({ num_ack_pending: 0, num_pending: 0 });
  });

  it('tells the server that a long work goes on', async () => {
    const stream = await freshStream(1);
    await addConsumer(stream, { ack_policy: AckPolicy.Explicit, ack_wait: 3_000_000_000 });
    const { code } = await runCli(work(stream, '--command', 'sleep 8', '--count', '1'));
    expect(code).toBe(0);
    const info = await consumerOf(stream);
    expect(info).toMatchObject({ num_ack_pending: 0, delivered: { consumer_seq: 1 } });
  });

  it('finishes what was begun at Ctrl-C, and gives the rest back at once', async () => {
    const stream = await freshStream(5);
    const home = emptyHome();
    const go = join(home, 'go');
    const command = `echo begun >&2; while [ ! -e ${go} ]; do sleep 0.05; done; cat`;
    const flags = ['--create', '--command', command, '--concurrency', '2', '--batch', '5'];
    const cli = startCli(work(stream, ...flags));
    await cli.waitForStderr(/begun[^]*begun/);
    await eventually('all are out', async () => (await consumerOf(stream)).num_ack_pending === 5);
    cli.signal('SIGINT');
    writeFileSync(go, '');
    const { code, stderr } = await cli.exit;
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('2 messages acknowledged, 3 returned') as string,
    });
    // Far less than the ack wait of 30 s.
    const next = await runCli(work(stream, '--count', '3', '--wait', '20s', '--raw'));
    expect(next).toMatchObject({ code: 0 });
    expect(next.stdout.trimEnd().split('\n').sort()).toEqual(lines(3, 5));
  });
});

describe('sub --durable, refused', () => {
  it('names what is missing or of the wrong kind', async () => {
    const stream = await freshStream(1);
    await addConsumer(stream, { ack_policy: AckPolicy.None });
    const pushing = await freshStream(1);
    await addConsumer(pushing, { ack_policy: AckPolicy.Explicit, deliver_subject: 'there' });
    const missing = await runCli(['sub', '--stream', stream, '--durable', 'biling', ...url]);
    expect(missing.code).toBe(7);
    expect(missing.stderr).toMatch(/did you mean billing\?.*--create creates it/);
    const silent = await runCli(work(stream, '--ack', 'after-print'));
    expect(silent.code).toBe(2);
    expect(silent.stderr).toContain('has the ack policy none');
    const push = await runCli(work(pushing));
    expect(push.code).toBe(8);
    expect(push.stderr).toContain('is a push consumer, which delivers to there');
    const other = await runCli(['sub', 'else', ...work(stream).slice(1)]);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('delivers all subjects, not else');
  });

  it.each([
    ['a range', ['--from-start'], '--durable cannot be used with the flags of a range'],
    ['nobody to decide', ['--ack', 'manual'], '--ack manual needs --command'],
    ['two who decide', ['--ack', 'none', '--command', 'cat'], 'whose exit code decides'],
    ['a filter', ['--filter', 'json:.a=1'], '--filter cannot be used with --durable'],
    ['two outputs', ['--raw', '--command', 'cat'], 'instead of the messages'],
    ['an empty batch', ['--batch', '0'], '--batch: 0 is too few'],
    [
      'no command at all',
      ['--command', 'cat', '--concurrency', '0'],
      '--concurrency: 0 is too few',
    ],
    [
      'no time',
      ['--command', 'cat', '--command-timeout', '0'],
      '--command-timeout: 0 is too short',
    ],
  ])('has no use for %s', async (_, flags, words) => {
    const { code, stderr } = await runCli(work('ANY', ...flags));
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });

  it.each([[[]], [['--count', '1']]])('tells a missing permission with 4, %j', async (more) => {
    const permissions = { publish: { deny: ['$JS.ACK.>'] } };
    const strict = await startNatsServer({
      jetstream: true,
      authorization: {
        users: [
          { user: 'all', password: 'x' },
          { user: 'few', password: 'x', permissions },
        ],
      },
    });
    const as = (user: string): string => strict.url.replace('://', `://${user}:x@`);
    await fillStream(as('all'), { name: 'S', subjects: ['s'] }, { count: 1, subjects: ['s'] });
    const flags = ['sub', '--stream', 'S', '--durable', 'd', '--create', ...more, '-s', as('few')];
    const { code, stderr } = await runCli(flags);
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: expect.stringContaining('$JS.ACK') as string,
    });
  });
});
