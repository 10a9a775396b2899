import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { AckPolicy, DeliverPolicy, type ConsumerConfig } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { eventually } from '../support/eventually.js';
import { pathWithNatsx } from '../support/natsx-on-path.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientManager } from '../support/patient-jetstream.js';
import { runCli } from '../support/run-cli.js';
import { requires } from '../support/server-version.js';
import { temporaryFolder } from '../support/shut-down.js';

interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly summary: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly remedy: readonly string[];
}

let server: NatsServer;
let connection: NatsConnection;
let path: string;
let folder: string;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  connection = await connect({ servers: server.url });
  folder = temporaryFolder('remedies');
  path = pathWithNatsx(folder);
});
afterAll(async () => {
  await connection.close();
});

/** The verdict on a consumer with its finding. */
async function verdict(stream: string, consumer: string): Promise<Finding> {
  const words = ['backlog', stream, consumer, '--window', '1s', '--json', '--server', server.url];
  const run = await runCli(words);
  const report = JSON.parse(run.stdout) as {
    streams: { consumers: { verdict: string; findings: Finding[] }[] }[];
  };
  const [only] = report.streams[0]!.consumers;
  const [first] = only!.findings;
  expect(first?.id).toBe(only!.verdict);
  return first!;
}

/** Carries a printed command out as it stands, in a shell. */
async function carryOut(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-c', command], {
    env: { PATH: path, HOME: folder, NATS_URL: server.url },
  });
  return stdout;
}

let number = 0;

/** A stream with a consumer `c` of that configuration, and as many messages. */
async function scene(
  config: Partial<ConsumerConfig>,
  messages: number,
): Promise<{ readonly stream: string; readonly publish: (count: number) => Promise<void> }> {
  number += 1;
  const stream = `R${String(number)}`;
  const manager = await patientManager(connection);
  await manager.streams.add({ name: stream, subjects: [`${stream}.>`] });
  await manager.consumers.add(stream, {
    name: 'c',
    durable_name: 'c',
    ack_policy: AckPolicy.Explicit,
    ...config,
  });
  const publish = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += 1) {
      await manager.jetstream().publish(`${stream}.a`, String(done));
    }
  };
  await publish(messages);
  return { stream, publish };
}

async function pendingOf(stream: string): Promise<number> {
  const manager = await patientManager(connection);
  return (await manager.consumers.info(stream, 'c')).num_pending;
}

const ahead = { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: 1000 };

describe('a consumer beyond the end of its stream', () => {
  test('is moved back to what it missed, or to the end', async () => {
    await requires('2.14');
    const { stream, publish } = await scene(ahead, 8);
    const finding = await verdict(stream, 'c');
    expect(finding).toMatchObject({
      id: 'CURSOR_AHEAD',
      severity: 'critical',
      evidence: { position: 999, last_seq: 8, will_skip: 991 },
    });
    const [missed, end] = finding.remedy;
    await carryOut(missed!);
    expect(await pendingOf(stream)).toBe(8);
    expect((await verdict(stream, 'c')).id).not.toBe('CURSOR_AHEAD');
    await carryOut(end!);
    await publish(2);
    expect(await pendingOf(stream)).toBe(2);
  });

  test('that was moved there goes on at the end, as nobody knows what it had', async () => {
    await requires('2.14');
    const { stream, publish } = await scene({}, 3);
    const consumer = await (
      await patientManager(connection)
    )
      .jetstream()
      .consumers.get(stream, 'c');
    for (let taken = 0; taken < 3; taken += 1) {
      const message = await consumer.next();
      await message?.ackAck();
    }
    await connection.request(`$JS.API.CONSUMER.RESET.${stream}.c`, JSON.stringify({ seq: 500 }));
    await publish(4);
    const { id, remedy } = await verdict(stream, 'c');
    expect(id).toBe('CURSOR_AHEAD');
    expect(remedy).toEqual([`natsx consumer skip ${stream} c --to 8 --yes`]);
    await carryOut(remedy[0]!);
    await publish(1);
    expect(await pendingOf(stream)).toBe(1);
  });

  test('pushes again once it was moved', async () => {
    await requires('2.14');
    const { stream } = await scene({ ...ahead, deliver_subject: 'push.again' }, 5);
    let got = 0;
    connection.subscribe('push.again', { callback: () => void (got += 1) });
    const { id, remedy } = await verdict(stream, 'c');
    expect(id).toBe('CURSOR_AHEAD');
    await carryOut(remedy[0]!);
    await eventually('it gets what it missed', () => got === 5);
  });
});

describe('messages that were given up', () => {
  test('are shown and brought back by the commands that are printed', async () => {
    await requires('2.14');
    const { stream } = await scene({ max_deliver: 2, ack_wait: 1e9 }, 4);
    const js = (await patientManager(connection)).jetstream();
    const consumer = await js.consumers.get(stream, 'c');
    const found = await eventually('three are given up', async () => {
      // The server gives up at the next pull after the last refusal.
      for await (const message of await consumer.fetch({ max_messages: 4, expires: 1000 })) {
        if (message.seq === 1) await message.ackAck();
        else message.nak();
      }
      const finding = await verdict(stream, 'c');
      return finding.id === 'EXHAUSTED' && finding;
    });
    expect(found.summary).toContain('among sequences 2 to 4');
    const [look, back] = found.remedy;
    const shown = await carryOut(look!);
    expect(shown.split('\n').filter((line) => line.includes(`${stream}.a`))).toHaveLength(3);
    await carryOut(back!);
    expect(await pendingOf(stream)).toBe(3);
  });
});
