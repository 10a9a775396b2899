import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { JetStreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startFrameProxy, type FrameTreatment } from '../support/frame-proxy.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientManager } from '../support/patient-jetstream.js';
import { runCli, type CliOptions } from '../support/run-cli.js';
import { requires, serverIsAtLeast } from '../support/server-version.js';

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
  await manager.streams.add({ name: 'PLAIN', subjects: ['plain.>'] });
  if (!(await serverIsAtLeast('2.14'))) return;
  const allowed = { allow_atomic: true, allow_batched: true };
  await manager.streams.add({ name: 'B', subjects: ['b.>'], ...allowed });
});

function pub(args: readonly string[], lines: number, options: CliOptions & { url?: string } = {}) {
  const stdin = Array.from({ length: lines }, (_, index) => `${index + 1}\n`).join('');
  const { url = server.url, ...rest } = options;
  return runCli(['pub', '-s', url, '-J', '--lines', ...args], { stdin, ...rest });
}

async function bodies(): Promise<readonly string[]> {
  const { state } = await manager.streams.info('B');
  const all: string[] = [];
  for (let seq = 1; seq <= state.last_seq; seq++) {
    const message = await manager.streams.getMessage('B', { seq });
    if (message !== null) all.push(message.string());
  }
  return all;
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}`);

/** Spoils the `n`th message of the batch, or a commit's answer. */
function proxy(treat: { toServer?: FrameTreatment; toClient?: FrameTreatment }) {
  return startFrameProxy(server.port, treat);
}

describe('pub --atomic', () => {
  it('stores all lines, next to each other', async () => {
    await requires('2.12');
    const result = await pub(['b.x', '--atomic', '--json'], 4);
    expect(result).toMatchObject({ code: 0 });
    expect(JSON.parse(result.stdout)).toMatchObject({
      stored: 4,
      stream: 'B',
      first_seq: 1,
      last_seq: 4,
      batch: { mode: 'atomic', outcome: 'committed' },
    });
    expect(await bodies()).toEqual(numbers(1, 4));
    expect((await pub(['b.x', '--atomic'], 1000)).stderr).toContain('stored 1,000 messages in B');
  });

  it('refuses more than 1,000 before anything is published', async () => {
    await requires('2.12');
    const result = await pub(['b.x', '--atomic'], 1001);
    expect(result).toMatchObject({ code: 2 });
    expect(result.stderr).toContain('1,000');
    expect(await bodies()).toEqual([]);
  });

  it('stores nothing when a message is refused, or the stream does not allow it', async () => {
    await requires('2.12');
    const args = ['pub', '-s', server.url, '-J', '--atomic', '--jsonl'];
    const stdin = `${JSON.stringify({ subject: 'b.x', payload: 'a' })}\n${JSON.stringify({
      subject: 'b.x',
      payload: 'b',
      headers: { 'Nats-Expected-Last-Subject-Sequence': ['7'] },
    })}\n`;
    const result = await runCli(args, { stdin });
    expect(result).toMatchObject({ code: 8 });
    expect(result.stderr).toContain('nothing of the batch is stored');
    expect(await bodies()).toEqual([]);
    const plain = await pub(['plain.x', '--atomic'], 3);
    expect(plain).toMatchObject({ code: 8 });
    expect(plain.stderr).toContain('--allow-batch');
    expect(await pub(['nowhere.x', '--atomic'], 3)).toMatchObject({ code: 7 });
  });

  it('asks the stream for the batch when the answer to the commit is lost', async () => {
    await requires('2.12');
    const { url } = await proxy({
      toClient: ({ bytes, payload }) => (payload.includes('"batch":') ? [] : [bytes]),
    });
    const result = await pub(['b.x', '--atomic', '--json', '--timeout', '1s'], 3, { url });
    expect(result).toMatchObject({ code: 9 });
    expect(result.stderr).toContain('unknown');
    expect(JSON.parse(result.stdout)).toMatchObject({ stored: 3, in_doubt: 0, last_seq: 3 });
    expect(await bodies()).toEqual(numbers(1, 3));
  });

  it('leaves open whether the batch is stored when nobody can tell', async () => {
    await requires('2.12');
    const isAnswer = (payload: Buffer) =>
      payload.includes('"batch":') || payload.includes('stream_msg_get_response');
    const { url } = await proxy({
      toClient: ({ bytes, payload }) => (isAnswer(payload) ? [] : [bytes]),
    });
    const result = await pub(['b.x', '--atomic', '--json', '--timeout', '500ms'], 3, { url });
    expect(result).toMatchObject({ code: 5 });
    expect(result.stderr).toMatch(/unknown/);
    expect(JSON.parse(result.stdout)).toMatchObject({
      stored: 0,
      in_doubt: 3,
      batch: { outcome: 'unknown' },
    });
  });
});

describe('pub --batch fast', () => {
  it('stores all lines', async () => {
    await requires('2.14');
    const result = await pub(['b.x', '--batch', 'fast', '--json'], 5000);
    expect(result).toMatchObject({ code: 0 });
    expect(JSON.parse(result.stdout)).toEqual({
      stored: 5000,
      refused: 0,
      lost: 0,
      in_doubt: 0,
      unsent: 0,
      payload_bytes: 18_893,
      duration_ms: expect.any(Number) as number,
      stream: 'B',
      last_seq: 5000,
      batch: { mode: 'fast', outcome: 'committed' },
      gaps: [],
      unacknowledged: [],
    });
    expect(await pub(['plain.x', '--batch', 'fast'], 3)).toMatchObject({ code: 8 });
    expect(await pub(['nowhere.x', '--batch', 'fast'], 3)).toMatchObject({ code: 7 });
  });

  /** Two messages of the batch do not reach the server. */
  function losing(first: number) {
    const lost = new Set([`${first}`, `${first + 1}`]);
    return proxy({
      toServer: ({ bytes, subject, payload }) =>
        subject === 'b.x' && lost.has(payload.toString()) ? [] : [bytes],
    });
  }

  it('ends before a gap, and says so', async () => {
    await requires('2.14');
    const { url } = await losing(700);
    const result = await pub(['b.x', '--batch', 'fast', '--json'], 3000, { url });
    expect(result).toMatchObject({ code: 9 });
    expect(result.stderr).toContain('messages 700 to 701 did not reach the stream');
    expect(JSON.parse(result.stdout)).toMatchObject({
      stored: 699,
      lost: 2,
      gaps: [{ first: 700, last: 701 }],
    });
    expect(await bodies()).toEqual(numbers(1, 699));
  });

  it('goes on after gaps with --keep-going, also at the very end', async () => {
    await requires('2.14');
    const { url } = await losing(2999);
    const args = ['b.x', '--batch', 'fast', '--keep-going', '--json'];
    const last = await pub(args, 3000, { url });
    expect(last).toMatchObject({ code: 9 });
    expect(JSON.parse(last.stdout)).toMatchObject({
      stored: 2998,
      lost: 2,
      unsent: 0,
      gaps: [{ first: 2999, last: 3000 }],
    });
    const middle = await pub(args, 6000, { url });
    expect(JSON.parse(middle.stdout)).toMatchObject({ stored: 5998, lost: 2 });
    expect(await bodies()).toHaveLength(2998 + 5998);
  });
});

it('an old server is named, and gets nothing', async () => {
  if (await serverIsAtLeast('2.12')) return;
  const result = await pub(['plain.x', '--atomic'], 2);
  expect(result).toMatchObject({ code: 8 });
  expect(result.stderr).toContain('the server is too old for atomic batches');
});
