import { AckPolicy } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readWindow } from '../../../../src/backlog/run/window.js';
import { diagnose } from '../../../../src/backlog/model/diagnose.js';
import type { BacklogReport, ConsumerReport } from '../../../../src/backlog/model/report.js';
import { DEFAULT_THRESHOLDS, type Thresholds } from '../../../../src/backlog/model/thresholds.js';
import { eventually } from '../../../support/eventually.js';
import type { NatsServer } from '../../../support/nats-server.js';
import { requireOlderServer } from '../../../support/server-version.js';
import { patientClient, patientManager } from '../../../support/patient-jetstream.js';
import { setUp, work, type Bench } from './bench.js';
import { open, start } from './own-server.js';
import { longWay } from './rare-scenarios.js';

afterEach(() => void vi.restoreAllMocks());

/** The account view, as a viewer of its own sees it. */
async function lookAtAccount(
  viewer: NatsConnection,
  thresholds: Partial<Thresholds> = {},
  apiPrefix = '$JS.API',
): Promise<BacklogReport> {
  const scope = { apiPrefix, timeoutMs: 5000 };
  const request = { windowMs: 600, taps: false, coreOnly: false, scope };
  const window = await readWindow(viewer, request, new AbortController().signal);
  return diagnose(window, { ...DEFAULT_THRESHOLDS, ...thresholds });
}

describe('the account', () => {
  it('is told that its storage is nearly used up', async () => {
    const limited = '{ max_file: 1000000, max_mem: 0, max_streams: 5, max_consumers: 5 }';
    const user = '[{ user: app, password: app }]';
    const server = await start({
      jetstream: true,
      config: `accounts { APP { jetstream: ${limited}, users: ${user} } }`,
    });
    const bench = await setUp(server.url, { credentials: { user: 'app', pass: 'app' } });
    await bench.publish(19, undefined, 50_000);
    const report = await lookAtAccount(await open(server, { user: 'app' }));
    await bench.close();
    expect(report.account.findings.map(({ id }) => id)).toEqual(['STORE_NEAR_LIMIT']);
    expect(report.account.findings[0]?.evidence['share']).toBeGreaterThan(0.94);
  });

  it('is told that the API is slow', async () => {
    const server = await start({ jetstream: true });
    const bench = await setUp(server.url);
    const viewer = await bench.client('natsx backlog', await longWay(server.port, 30));
    const report = await lookAtAccount(viewer, { apiSlowMs: 40 });
    await bench.close();
    expect(report.account.findings.map(({ id }) => id)).toEqual(['API_OVERLOADED']);
  });
});

async function finishSome(bench: Bench, count: number): Promise<void> {
  const consumer = await patientClient(bench.admin).consumers.get(bench.stream, 'worker');
  let taken = 0;
  for await (const message of await consumer.fetch({ max_messages: count, expires: 20_000 })) {
    await message.ackAck();
    if (++taken === count) break;
  }
}

describe('after a restart', () => {
  it('says so, and ages are right at once', async () => {
    const server = await start({ jetstream: true });
    const before = await setUp(server.url);
    await before.publish(3);
    await finishSome(before, 3);
    const stored = await timed(() => before.publish(5));
    await before.close();
    await server.restart();
    const report = await lookAtAccount(await open(server));
    const [consumer] = report.streams[0]?.consumers ?? [];
    expect(consumer?.findings.map(({ id }) => id)).toContain('JUST_RESTARTED');
    expect(consumer?.verdict).toBe('NO_CLIENT');
    expect(consumer?.confidence.level).toBe('low');
    expectStored(consumer, stored);
  });
});

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** When something was done: how long that takes is the machine's business. */
async function timed(action: () => Promise<unknown>): Promise<Span> {
  const fromMs = Date.now();
  await action();
  return { fromMs, toMs: Date.now() };
}

/** The age that is told belongs to a message that was stored in that span. */
function expectStored(consumer: ConsumerReport | undefined, { fromMs, toMs }: Span): void {
  const storedMs = (consumer?.facts?.last.atMs ?? 0) - (consumer?.facts?.oldestAgeMs ?? 0);
  expect(storedMs).toBeGreaterThan(fromMs - ROUNDED_MS);
  expect(storedMs).toBeLessThan(toMs + ROUNDED_MS);
}

/** Two clocks of one machine, of which one counts whole milliseconds. */
const ROUNDED_MS = 5;

/** A filtered consumer with messages of a known age, looked at with a clock that is an hour fast. */
async function ageByAWrongClock(server: NatsServer): Promise<void> {
  const bench = await setUp(server.url, { consumer: null });
  await bench.manager.consumers.add(bench.stream, {
    durable_name: 'worker',
    ack_policy: AckPolicy.Explicit,
    filter_subject: `${bench.stream}.a`,
  });
  await bench.publish(5, `${bench.stream}.b`);
  const stored = await timed(() => bench.publish(5, `${bench.stream}.a`));
  const right = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => right() + 3_600_000);
  const { consumer, report } = await bench.look({ windowMs: 800 });
  vi.restoreAllMocks();
  await bench.close();
  expect(consumer?.verdict).toBe('NO_CLIENT');
  expect(Math.abs(report.atMs - Date.now())).toBeLessThan(FAR_FROM_AN_HOUR_MS);
  expect(consumer?.facts?.motion?.dtMs).toBeGreaterThan(400);
  expect(consumer?.facts?.motion?.dtMs).toBeLessThan(FAR_FROM_AN_HOUR_MS);
  expectStored(consumer, stored);
}

/** More than any busy machine takes, and far less than the clock is off. */
const FAR_FROM_AN_HOUR_MS = 600_000;

describe('a client clock that is an hour off', () => {
  it('changes nothing', async () => {
    await ageByAWrongClock(await start({ jetstream: true }));
  });
});

describe('an older server', () => {
  it('tells ages by its own clock', async () => {
    await ageByAWrongClock(await start({ jetstream: true, binary: await requireOlderServer() }));
  });

  it('gets the same verdicts', async () => {
    const server = await start({ jetstream: true, binary: await requireOlderServer() });
    const stalled = await setUp(server.url, { consumer: { max_ack_pending: 5 } });
    await stalled.publish(30);
    await work(stalled, () => undefined);
    const busy = await setUp(server.url);
    busy.publishSteadily(50);
    await work(busy, ({ ack }) => ack());
    const viewer = await open(server);
    await eventually('both consumers are as they will stay', async () => {
      const report = await lookAtAccount(viewer);
      const verdicts = report.streams.map(({ name, consumers }) => [name, consumers[0]?.verdict]);
      expect(Object.fromEntries(verdicts)).toEqual({
        [stalled.stream]: 'STALLED_MAX_ACK_PENDING',
        [busy.stream]: 'OK',
      });
      expect(report.complete).toBe(true);
      return report;
    });
    await Promise.all([stalled.close(), busy.close()]);
  });
});

describe('a user with few permissions', () => {
  it('is told what is missing, what it costs and what it takes', async () => {
    const allow = '["$JS.API.INFO", "$JS.API.STREAM.INFO.*", "$JS.API.CONSUMER.LIST.*"]';
    const permissions = `{ publish: { allow: ${allow} }, subscribe: { allow: ["_INBOX.>"] } }`;
    const users = `[{ user: app, password: app }, { user: few, password: few, permissions: ${permissions} }]`;
    const server = await start({
      jetstream: true,
      config: `accounts { APP { jetstream: enabled, users: ${users} } }`,
    });
    const bench = await setUp(server.url, {
      credentials: { user: 'app', pass: 'app' },
      consumer: null,
    });
    await bench.manager.consumers.add(bench.stream, {
      durable_name: 'worker',
      ack_policy: AckPolicy.Explicit,
      filter_subject: `${bench.stream}.a`,
    });
    await bench.publish(2, `${bench.stream}.b`);
    await bench.publish(5, `${bench.stream}.a`);
    const scope = { apiPrefix: '$JS.API', timeoutMs: 5000 };
    const request = { stream: bench.stream, windowMs: 600, taps: false, coreOnly: false, scope };
    const viewer = await open(server, { user: 'few' });
    const report = diagnose(await readWindow(viewer, request, new AbortController().signal));
    await bench.close();
    const missing = new Map(report.missing.map(({ what, detail }) => [what, detail]));
    expect(missing.get('connections')).toContain('clients cannot be named');
    expect(missing.get(`messages of ${bench.stream}`)).toContain('$JS.API.STREAM.MSG.GET');
    expect(missing.get('advisories')).toContain('$JS.EVENT.ADVISORY');
    expect(report.streams[0]?.consumers[0]?.verdict).toBe('NO_CLIENT');
    expect(report.complete).toBe(false);
  });

  it('who may not list consumers is never told that all is well', async () => {
    const allow = '["$JS.API.INFO", "$JS.API.STREAM.>"]';
    const permissions = `{ publish: { allow: ${allow} }, subscribe: { allow: ["_INBOX.>"] } }`;
    const users = `[{ user: app, password: app }, { user: few, password: few, permissions: ${permissions} }]`;
    const server = await start({
      jetstream: true,
      config: `accounts { APP { jetstream: enabled, users: ${users} } }`,
    });
    const bench = await setUp(server.url, { credentials: { user: 'app', pass: 'app' } });
    const report = await lookAtAccount(await open(server, { user: 'few' }));
    await bench.close();
    const [stream] = report.streams;
    expect(stream).toMatchObject({ name: bench.stream, verdict: 'UNKNOWN', severity: 'unknown' });
    expect(stream?.headline).toContain('1 consumer could not be read');
    expect(report.missing.map(({ what }) => what)).toContain(`consumers of ${bench.stream}`);
  });
});

describe('domains', () => {
  it('are read through the prefix, and a mirror that lost its upstream is told', async () => {
    const hub = await start({ name: 'hub', jetstream: { domain: 'hub' }, leafnode: true });
    const remote = hub.leafUrl ?? '';
    const leaf = await start({ jetstream: { domain: 'leaf' }, leafnode: { remote } });
    const manager = await patientManager(await open(hub));
    await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
    const far = await open(leaf);
    const leafManager = await patientManager(far);
    const mirror = { name: 'ORDERS', external: { api: '$JS.hub.API', deliver: '' } };
    await leafManager.streams.add({ name: 'COPY', mirror });
    await manager.jetstream().publish('orders.new', 'x');
    await eventually(
      'the mirror has it',
      async () => (await leafManager.streams.info('COPY')).state.messages === 1,
    );
    const across = await lookAtAccount(await open(hub), {}, '$JS.leaf.API');
    expect(across.streams.map(({ name, verdict }) => [name, verdict])).toEqual([['COPY', 'OK']]);

    hub.pause();
    const lost = await eventually('the mirror is silent for long', async () => {
      const report = await lookAtAccount(far, { upstreamSilentMs: 1500 });
      return report.streams[0]?.verdict === 'OK' ? undefined : report;
    });
    hub.resume();
    expect(lost.streams[0]).toMatchObject({ verdict: 'MIRROR_SOURCE_LAG', severity: 'critical' });
  });
});
