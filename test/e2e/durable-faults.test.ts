import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { AckPolicy, type ConsumerInfo } from '@nats-io/jetstream';
import { describe, expect, it } from 'vitest';

import { fillStream, numbers, withConnection } from '../integration/streams/run/read/fixture.js';
import { startCluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { startNatsServer } from '../support/nats-server.js';
import { patientManager } from '../support/patient-jetstream.js';
import { emptyHome, runCli, startCli } from '../support/run-cli.js';

const lines = (from: number, to: number): string[] =>
  numbers(from, to).map((number) => `message ${number}`);
const read = (text: string): string[] => text.split('\n').filter(Boolean);
const work = (...args: readonly string[]): string[] => [
  ...['sub', '--stream', 'S', '--durable', 'd'],
  ...args,
];

/** A server with a stream of numbered messages and its consumer. */
async function workplace(count: number, config: object) {
  const server = await startNatsServer({ jetstream: true });
  await fillStream(server.url, { name: 'S', subjects: ['s'] }, { count, subjects: ['s'] });
  await addConsumer(server.url, config);
  return server;
}

function addConsumer(url: string, config: object): Promise<unknown> {
  return withConnection(url, async (connection) => {
    const manager = await patientManager(connection);
    const usual = { durable_name: 'd', ack_policy: AckPolicy.Explicit };
    return manager.consumers.add('S', { ...usual, ...config });
  });
}

function consumerOf(url: string): Promise<ConsumerInfo> {
  return withConnection(url, async (connection) =>
    (await patientManager(connection)).consumers.info('S', 'd'),
  );
}

describe('sub --durable where it gets difficult', () => {
  it('hands over at Ctrl-C without a gap or a repetition', async () => {
    const server = await workplace(20_000, {});
    const first = startCli(work('--raw', '-s', server.url));
    await first.waitForStdout(/message 3000\n/);
    first.signal('SIGINT');
    const { code, stdout } = await first.exit;
    expect(code).toBe(0);
    const info = await consumerOf(server.url);
    const printed = read(stdout);
    // What was given back waits to be delivered again, which a server counts in its own time.
    expect(info.ack_floor.stream_seq).toBe(printed.length);
    const rest = ['--count', String(20_000 - printed.length)];
    const second = await runCli(work('--raw', ...rest, '-s', server.url));
    expect([...printed, ...read(second.stdout)].sort()).toEqual(lines(1, 20_000).sort());
    expect(await consumerOf(server.url)).toMatchObject({ num_ack_pending: 0, num_pending: 0 });
  });

  it('says what it could not acknowledge when the server is gone at Ctrl-C', async () => {
    const server = await workplace(2, {});
    const command = 'while kill -0 $PPID && [ ! -e "$GONE" ]; do sleep 0.05; done; cat';
    const gone = join(emptyHome(), 'gone');
    const cli = startCli(work('--command', command, '-s', server.url), { env: { GONE: gone } });
    await eventually('one is worked on', async () => {
      return (await consumerOf(server.url)).num_ack_pending > 0;
    });
    await server.kill();
    await cli.waitForStderr(/lost the connection/);
    cli.signal('SIGINT');
    writeFileSync(gone, '');
    const { code, stdout, stderr } = await cli.exit;
    expect({ code, stdout }).toEqual({ code: 3, stdout: 'message 1' });
    expect(stderr).toContain('0 messages acknowledged; there was no connection to settle 1');
  });

  it('keeps to the limits that the consumer sets for requests', async () => {
    const limits = { max_batch: 7, max_expires: 400_000_000, max_bytes: 2_000, max_waiting: 1 };
    const server = await workplace(200, limits);
    const { code, stdout, stderr } = await runCli(
      work('--raw', '--count', '200', '--wait', '5s', '-s', server.url),
    );
    expect({ code, printed: read(stdout) }).toEqual({ code: 0, printed: lines(1, 200) });
    expect(stderr).toContain('200 messages acknowledged');
    // A second one has to wait for its place, and is not refused for good.
    const idle = await runCli(work('--wait', '1s', '-s', server.url));
    expect(idle.code).toBe(0);
  });

  it('runs no more commands than the consumer lets be open', async () => {
    const server = await workplace(30, { max_ack_pending: 3 });
    const flags = ['--concurrency', '8', '--command', 'sleep 0.05; cat; echo', '--count', '30'];
    const cli = startCli(work(...flags, '-s', server.url));
    let most = 0;
    const state = { done: false };
    const watching = (async () => {
      while (!state.done) most = Math.max(most, (await consumerOf(server.url)).num_ack_pending);
    })();
    const { code, stdout } = await cli.exit;
    state.done = true;
    await watching;
    expect({ code, handled: read(stdout).sort() }).toEqual({
      code: 0,
      handled: lines(1, 30).sort(),
    });
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(3);
  });

  it('notices a silent server by its heartbeats, and goes on where it answers again', async () => {
    const server = await workplace(0, { ack_wait: 60_000_000_000 });
    const cli = startCli(work('--raw', '--heartbeat', '200ms', '-s', server.url));
    await cli.waitForStderr(/working as d/);
    await eventually('it asks', async () => (await consumerOf(server.url)).num_waiting > 0);
    server.pause();
    await cli.waitForStderr(/the server has stopped responding; retrying/);
    server.resume();
    await fillMore(server.url, 20);
    await cli.waitForStdout(/message 20\n/);
    cli.signal('SIGINT');
    const { code, stdout } = await cli.exit;
    expect({ code, printed: read(stdout) }).toEqual({ code: 0, printed: lines(1, 20) });
    expect(await consumerOf(server.url)).toMatchObject({ num_ack_pending: 0 });
  });

  it('leaves what failed to the ack wait with --no-nak-on-error', async () => {
    const server = await workplace(1, { ack_wait: 3_000_000_000 });
    const command = 'date +%s%3N; [ "$NATS_DELIVERED" = 2 ]';
    const flags = ['--command', command, '--no-nak-on-error', '--count', '2', '--json'];
    const { code, stdout } = await runCli(work(...flags, '-s', server.url));
    expect(code).toBe(9);
    const told = read(stdout).map((line) => JSON.parse(line) as { output: string });
    expect(told).toMatchObject([
      { delivered: 1, verdict: 'leave', exit_code: 1 },
      { delivered: 2, verdict: 'ack', exit_code: 0 },
    ]);
    const [one, two] = told.map(({ output }) => Number(output));
    expect((two ?? 0) - (one ?? 0)).toBeGreaterThanOrEqual(500);
    expect(await consumerOf(server.url)).toMatchObject({ num_ack_pending: 0 });
  });

  it('ends a command that takes too long, and has the message delivered again', async () => {
    const server = await workplace(1, {});
    const command = '[ "$NATS_DELIVERED" = 2 ] || exec sleep 300; cat';
    const flags = ['--command', command, '--command-timeout', '4s', '--nak-delay', '10ms'];
    const { code, stdout, stderr } = await runCli(work(...flags, '--count', '2', '-s', server.url));
    expect({ code, stdout }).toEqual({ code: 9, stdout: 'message 1' });
    expect(stderr).toMatch(/message 1 of S, delivery 1: .*4 ?s/);
    expect(await consumerOf(server.url)).toMatchObject({ num_ack_pending: 0, num_pending: 0 });
  });

  it('goes on when the consumer of an R3 stream changes its leader again and again', async () => {
    const cluster = await startCluster(3, { jetstream: true });
    const [url = ''] = cluster.urls;
    const stream = { name: 'S', subjects: ['s'], num_replicas: 3 };
    await fillStream(url, stream, { count: 3_000, subjects: ['s'] });
    await addConsumer(url, { ack_wait: 2_000_000_000 });
    const server = cluster.urls.join(',');
    const args = work('--raw', '--batch', '10', '--wait', '20s', '-s', server);
    const cli = startCli(args, { timeoutMs: 150_000 });
    for (const reached of [200, 1_000, 2_000]) {
      await cli.waitForStdout(new RegExp(`message ${reached}\n`));
      await eventually('the leader steps down', () => stepDown(url));
    }
    const { code, stdout } = await cli.exit;
    expect(code).toBe(0);
    expect([...new Set(read(stdout))].sort()).toEqual(lines(1, 3_000).sort());
    const info = await eventually('all is acknowledged', async () => {
      const now = await consumerOf(url);
      return now.num_ack_pending === 0 && now.ack_floor.stream_seq === 3_000 && now;
    });
    expect(info.num_pending).toBe(0);
    await cluster.stop();
  }, 180_000);
});

function stepDown(url: string): Promise<unknown> {
  return withConnection(url, (connection) =>
    connection.request('$JS.API.CONSUMER.LEADER.STEPDOWN.S.d', '', { timeout: 5_000 }),
  );
}

function fillMore(url: string, count: number): Promise<void> {
  return withConnection(url, async (connection) => {
    for (const text of lines(1, count)) connection.publish('s', text);
    await connection.flush();
  });
}
