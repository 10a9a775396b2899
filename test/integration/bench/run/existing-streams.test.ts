import { beforeEach, describe, expect, it } from 'vitest';
import { startNatsServer, type NatsServer } from '../../../support/nats-server.js';
import { RequestMux } from '../../../../src/wire/request-mux.js';
import { openLane } from '../../../../src/wire/open-lane.js';
import { dialTo } from '../../wire/dialled.js';
import { bench } from './bench-run.js';

let server: NatsServer;

beforeEach(async () => {
  server = await startNatsServer({ jetstream: true });
});

/** Makes a stream `MINE` that stores `mine.>`, with `counts` messages on each subject. */
async function makeStream(
  config: Readonly<Record<string, unknown>> = {},
  counts: Readonly<Record<string, number>> = {},
): Promise<void> {
  const lane = await openLane(dialTo(server.url), { version: '0.0.0' });
  const requests = new RequestMux(lane, '_INBOX');
  const whole = { name: 'MINE', subjects: ['mine.>'], allow_direct: true, ...config };
  const payload = Buffer.from(JSON.stringify(whole));
  const made = await requests.request({ subject: '$JS.API.STREAM.CREATE.MINE', payload }, 30_000);
  expect(Buffer.from(made.message.payload).toString()).not.toContain('"error"');
  for (const [subject, count] of Object.entries(counts)) {
    for (let index = 0; index < count; index++) {
      await requests.request({ subject, payload: Buffer.from('x') }, 30_000);
    }
  }
  await lane.close();
}

async function messagesLeft(): Promise<number> {
  return (await server.monitor('/jsz'))['messages'] as number;
}

describe('a stream that is not of the run', () => {
  it('is read as far as it goes, again in each pass, and by subject', async () => {
    await makeStream({}, { 'mine.a': 30, 'mine.b': 20 });
    const all = await bench(server, { scenario: 'js-consume', stream: 'MINE', repeat: 2 });
    expect(all.failure).toBeUndefined();
    expect(all.report.conditions).toMatchObject({ goal: 'stored', stream: 'MINE' });
    expect(all.report.repeats.map(({ received }) => received)).toEqual([50, 50]);
    const some = await bench(server, {
      scenario: 'js-consume',
      stream: 'MINE',
      subject: 'mine.b',
    });
    expect(some.report.totals).toMatchObject({ received: 20, expected: 20, lost: 0 });
  });

  it('has lost nothing when it holds less than was asked for', async () => {
    await makeStream({}, { 'mine.a': 5 });
    const request = { scenario: 'js-consume', stream: 'MINE', messages: 9, idleMs: 3_000 } as const;
    const { report, failure } = await bench(server, request);
    expect(failure).toMatchObject({
      kind: 'timeout',
      message: 'no more messages arrived from the stream MINE before the goal was reached',
    });
    expect(report.totals).toMatchObject({ received: 5, lost: 0 });
  });

  it.each([
    ['js-consume', {}, 'not-found', 'holds no message: there is nothing to consume'],
    ['js-consume', { subject: 'mine.z' }, 'not-found', 'holds no message on mine.z'],
    ['js-get', {}, 'not-found', 'is empty'],
    ['js-pub', {}, 'usage', 'it stores mine.>'],
  ] as const)(
    'says at once that there is nothing to do: %s %j',
    async (scenario, more, kind, message) => {
      await makeStream();
      const run = bench(server, { scenario, stream: 'MINE', ...more }, { useExisting: true });
      await expect(run).rejects.toMatchObject({
        kind,
        message: expect.stringContaining(message) as string,
      });
    },
  );

  it('must allow direct gets', async () => {
    await makeStream({ allow_direct: false }, { 'mine.a': 1 });
    await expect(bench(server, { scenario: 'js-get', stream: 'MINE' })).rejects.toMatchObject({
      kind: 'rejected',
      hint: expect.stringContaining('natsx stream edit MINE --allow-direct') as string,
    });
  });

  it('is not emptied, unless it may be', async () => {
    await makeStream({ retention: 'workqueue' }, { 'mine.a': 10 });
    const request = { scenario: 'js-consume', stream: 'MINE' } as const;
    await expect(bench(server, request)).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('retention workqueue') as string,
    });
    expect(await messagesLeft()).toBe(10);
    const allowed = await bench(server, request, { useExisting: true });
    expect(allowed.report.totals.received).toBe(10);
  });

  it.each(['wire', 'client'] as const)(
    'loses no more than what was asked for: %s engine',
    async (engine) => {
      await makeStream({ retention: 'workqueue' }, { 'mine.a': 10 });
      const run = { scenario: 'js-consume', stream: 'MINE', messages: 3, repeat: 2 } as const;
      const request = { ...run, engine, warmupMs: 300, batch: 5 };
      const { report, failure } = await bench(server, request, { useExisting: true });
      expect(failure).toBeUndefined();
      expect(report.repeats.map(({ received }) => received)).toEqual([3, 3]);
      expect(report.conditions.warmupMs).toBe(0);
      expect(report.notes).toEqual([
        'There was no warm-up: the stream MINE removes acknowledged messages.',
      ]);
      expect(await messagesLeft()).toBeGreaterThanOrEqual(4);
    },
  );

  it.each([
    ['wire', 1],
    ['wire', 3],
    ['client', 1],
  ] as const)('is read as far as was asked for: %s engine, %d clients', async (engine, subs) => {
    await makeStream({}, { 'mine.a': 200 });
    const request = { scenario: 'js-consume', stream: 'MINE', messages: 61, batch: 20 } as const;
    const { report, failure } = await bench(server, { ...request, engine, subs });
    expect(failure).toBeUndefined();
    expect(report.totals).toMatchObject({ received: 61, expected: 61, lost: 0 });
  });
});

describe('a stream of the run', () => {
  it.each([0, 4, 8])('is filled and read with bodies of %d bytes', async (bytes) => {
    const size = { kind: 'fixed', bytes } as const;
    const { report, failure } = await bench(server, {
      scenario: 'js-consume',
      messages: 500,
      size,
    });
    expect(failure).toBeUndefined();
    expect(report.totals).toMatchObject({ received: 500, lost: 0 });
  });

  it('has lost nothing when time ends the reading', async () => {
    const { report, failure } = await bench(server, {
      scenario: 'js-consume',
      durationMs: 20,
      size: { kind: 'fixed', bytes: 8 },
      storage: 'memory',
    });
    expect(failure).toBeUndefined();
    expect(report.outcome).toBe('complete');
    expect(report.totals.received).toBeGreaterThan(0);
    expect(report.totals).toMatchObject({ expected: report.totals.received, lost: 0 });
  });

  it('is filled no further than it can keep', async () => {
    const size = { kind: 'fixed', bytes: 16 * 1024 } as const;
    const { report, failure } = await bench(server, { scenario: 'js-get', size, messages: 20 });
    expect(failure).toBeUndefined();
    expect(report.totals).toMatchObject({ received: 20, lost: 0 });
  });

  it('is read from the common start on, not before', async () => {
    const { report } = await bench(server, { scenario: 'js-consume', messages: 10, ack: 'none' });
    expect(report.totals.elapsedNs).toBeGreaterThan(50_000);
  });

  it('is smaller where the server has no room for a large one', async () => {
    const small = await startNatsServer({ config: 'jetstream { max_file_store: 100MB }' });
    const { failure } = await bench(small, { scenario: 'js-pub', durationMs: 50 });
    expect(failure).toBeUndefined();
  });
});

it.each(['wire', 'client'] as const)('stores headers: %s engine', async (engine) => {
  await makeStream({});
  const { failure } = await bench(
    server,
    {
      engine,
      scenario: 'js-pub',
      stream: 'MINE',
      subject: 'mine.a',
      messages: 3,
      headers: [['Kind', 'measured']],
    },
    { useExisting: true },
  );
  expect(failure).toBeUndefined();
  const lane = await openLane(dialTo(server.url), { version: '0.0.0' });
  const payload = Buffer.from('{"seq":2}');
  const subject = '$JS.API.DIRECT.GET.MINE';
  const { message } = await new RequestMux(lane, '_INBOX').request({ subject, payload }, 30_000);
  expect(message.headers?.get('Kind')).toEqual(['measured']);
  await lane.close();
});

it('counts headers as part of what the server takes', async () => {
  const size = { kind: 'fixed', bytes: 1024 * 1024 - 10 } as const;
  const headers = [['Kind', 'measured']] as const;
  const run = bench(server, { scenario: 'pub', messages: 2, size, headers });
  await expect(run).rejects.toMatchObject({
    kind: 'rejected',
    message: expect.stringContaining('with its headers') as string,
  });
});
