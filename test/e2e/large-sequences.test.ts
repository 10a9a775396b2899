import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { runCli, type CliResult } from '../support/run-cli.js';
import { requires } from '../support/server-version.js';

// Sequences that JavaScript's numbers do not hold: …993 would be rounded to …992, which is another message.
const FIRST = '9007199254740990';
let server: NatsServer;
let admin: NatsConnection;

async function api(action: string, body: string): Promise<string> {
  return (await admin.request(`$JS.API.${action}`, body)).string();
}

function natsx(line: string): Promise<CliResult> {
  return runCli([...line.split(' '), '--server', server.url]);
}

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  admin = await connect({ servers: server.url });
  const consumer = '{"durable_name":"c","name":"c","ack_policy":"explicit"}';
  await api('STREAM.CREATE.B', `{"name":"B","subjects":["b.>"],"first_seq":${FIRST}}`);
  await api('CONSUMER.CREATE.B.c', `{"stream_name":"B","config":${consumer}}`);
  for (let at = 0; at < 6; at += 1) await admin.request('b.a', `m${at}`);
});
afterAll(async () => {
  await admin.close();
  await server.stop();
});

describe('a sequence above 2^53', () => {
  test.each([
    'stream rm-msg B 9007199254740993 --yes',
    'stream get B 9007199254740993',
    'stream purge B --seq 9007199254740993 --yes',
    'consumer skip B c --to 9007199254740993 --yes',
    'consumer create B d --start-seq 9007199254740993',
    'sub --stream B --from-seq 9007199254740993 --until-end',
    'sub --stream B --from-start --to-seq 9007199254740993',
  ])('natsx %s: exit code 2, and nothing is changed', async (line) => {
    await requires('2.10');
    const run = await natsx(line);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('too large');
    const { state } = JSON.parse(await api('STREAM.INFO.B', '')) as { state: { messages: number } };
    expect(state.messages).toBe(6);
  });

  test.each([
    'sub --stream B --from-start --until-end',
    'sub --stream B --durable c --count 1 --wait 2s',
    'consumer skip B c --to 1h --yes',
    'consumer ls B',
    'backlog peek B c',
  ])('natsx %s: exit code 8, in words', async (line) => {
    await requires('2.10');
    const run = await natsx(line);
    expect({ code: run.code, stderr: run.stderr }).toMatchObject({
      code: 8,
      stderr: expect.stringContaining('natsx counts exactly up to 9007199254740991') as string,
    });
  });

  test('backlog does not read such a stream, and says so', async () => {
    await requires('2.10');
    const run = await natsx('backlog --window 1s');
    expect(run.stdout + run.stderr).toContain('natsx counts exactly up to 9007199254740991');
    expect(run.code).not.toBe(1);
  });

  test('is printed with all its digits where nothing is counted', async () => {
    await requires('2.10');
    const got = await natsx('stream get B --last-for b.a --json');
    expect(got.code).toBe(0);
    expect(got.stdout).toContain('"seq":9007199254740995');
    const put = await natsx('pub b.a hello -J --json');
    expect(put.stdout).toContain('"first_seq":9007199254740996,"last_seq":9007199254740996');
    const again = await natsx('pub b.a hello -J --json');
    expect(again.stdout).toContain('"first_seq":9007199254740997,"last_seq":9007199254740997');
  });
});
