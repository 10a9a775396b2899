import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { AckPolicy, jetstream, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { beforeAll, describe, expect, test } from 'vitest';

import { pastReadings } from '../../src/history/run/past-readings.js';
import { HistoryLog } from '../../src/history/run/log-reader.js';
import { startCluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientManager } from '../support/patient-jetstream.js';
import { runCli, startCli, type RunningCli } from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';
import { requires } from '../support/server-version.js';

/** A recorder runs as long as its test. */
const PATIENT = { timeoutMs: 600_000 };
const EVERY = '400ms';

interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly began_at?: string;
  readonly ended_at?: string | null;
  readonly evidence: Readonly<Record<string, unknown>>;
}

interface Placed extends Finding {
  readonly stream: string | null;
  readonly consumer: string | null;
  readonly connection: string | null;
}

interface Backlog {
  readonly at: string;
  readonly streams: readonly {
    readonly name: string;
    readonly verdict: string;
    readonly findings: readonly Finding[];
    readonly consumers: readonly {
      readonly name: string;
      readonly verdict: string;
      readonly findings: readonly Finding[];
    }[];
  }[];
}

async function json<T>(line: string, url?: string): Promise<T> {
  const server = url === undefined ? [] : ['-s', url];
  const { code, stdout, stderr } = await runCli([...line.split(' '), '--json', ...server]);
  expect({ line, code, stderr }).toEqual({ line, code: 0, stderr });
  return JSON.parse(stdout) as T;
}

/** Times of the readings of a log, as far as there are any. */
async function readingTimes(dir: string): Promise<readonly number[]> {
  const times: number[] = [];
  const wants = (section: string): boolean => section === '';
  for await (const { window } of pastReadings(await HistoryLog.open(dir), { wants })) {
    times.push(window.atMs);
  }
  return times;
}

/** Waits for this many readings from now on. */
async function readings(dir: string, count: number): Promise<void> {
  const fromMs = Date.now();
  await eventually(`${String(count)} more readings`, async () => {
    const times = await readingTimes(dir);
    return times.filter((atMs) => atMs >= fromMs).length >= count;
  });
}

async function record(dir: string, url: string): Promise<RunningCli> {
  const run = startCli(['history', 'record', dir, '--every', EVERY, '-s', url], PATIENT);
  await run.waitForStderr(/recording into/);
  return run;
}

/** Publishes a message every few milliseconds, of those subjects that are wanted. */
function traffic(connection: NatsConnection, subjects: Set<string>): () => void {
  const timer = setInterval(() => {
    for (const subject of subjects) connection.publish(subject, 'x');
  }, 20);
  return () => clearInterval(timer);
}

/** A client that works on a consumer and takes some time for each message. */
async function work(
  url: string,
  { name, stream, consumer }: { name: string; stream: string; consumer: string },
): Promise<NatsConnection> {
  const connection = await connect({ servers: url, name, maxReconnectAttempts: -1 });
  const messages = await (await jetstream(connection).consumers.get(stream, consumer)).consume();
  void (async () => {
    for await (const message of messages) setTimeout(() => message.ack(), 100);
  })().catch(() => undefined);
  return connection;
}

describe('a night of incidents', () => {
  let server: NatsServer;
  let admin: NatsConnection;
  let manager: JetStreamManager;
  beforeAll(async () => {
    server = await startNatsServer({ jetstream: true });
    admin = await connect({ servers: server.url, name: 'admin', maxReconnectAttempts: -1 });
    manager = await patientManager(admin);
    const names = ['ORDERS', 'PAYMENTS', 'LOGS', 'LOSSY', 'ORIGIN'];
    for (const name of names) {
      await manager.streams.add({ name, subjects: [`${name.toLowerCase()}.>`] });
    }
    await manager.streams.add({ name: 'COPY', sources: [{ name: 'ORIGIN' }] });
    for (const [stream, durable_name] of [
      ['ORDERS', 'billing'],
      ['PAYMENTS', 'ledger'],
      ['LOGS', 'archive'],
    ] as const) {
      await manager.consumers.add(stream, { durable_name, ack_policy: AckPolicy.Explicit });
    }
    const client = jetstream(admin);
    for (let id = 0; id < 60; id += 1) await client.publish('logs.x', 'x');
    for (let id = 0; id < 300; id += 1) await client.publish('lossy.x', 'x'.repeat(1000));
  });

  test('each is named from the log alone, with its beginning', async () => {
    const dir = join(temporaryFolder('night'), 'history');
    const marks = new Map<string, number>();
    const happens = (incident: string): void => void marks.set(incident, Date.now());
    const subjects = new Set(['orders.new', 'payments.new', 'origin.new']);
    const stopTraffic = traffic(admin, subjects);
    const worker = await work(server.url, { name: 'shop', stream: 'ORDERS', consumer: 'billing' });
    const payer = await work(server.url, { name: 'bank', stream: 'PAYMENTS', consumer: 'ledger' });
    let recorder = await record(dir, server.url);
    await readings(dir, 5);

    happens('worker dies');
    await worker.close();
    await readings(dir, 4);

    happens('deploy');
    await manager.consumers.update('PAYMENTS', 'ledger', { max_ack_pending: 1 });
    await readings(dir, 4);
    const live = await json<Backlog>('backlog --window 800ms', server.url);
    await readings(dir, 1);

    recorder.signal('SIGKILL');
    await recorder.exit;
    recorder = await record(dir, server.url);
    await readings(dir, 2);

    happens('purge');
    await manager.streams.purge('LOGS');
    await readings(dir, 1);

    happens('consumer deleted');
    await manager.consumers.delete('LOGS', 'archive');
    await readings(dir, 1);

    // A source that is created again starts at 1, and the server does not say that the copy waits for what never comes.
    subjects.delete('origin.new');
    await manager.streams.delete('ORIGIN');
    await manager.streams.add({ name: 'ORIGIN', subjects: ['origin.>'] });
    subjects.add('origin.new');
    happens('source cut off');
    await readings(dir, 5);

    const leaky = await connect({ servers: server.url, name: 'leaky' });
    await readings(dir, 2);
    happens('leak');
    for (let step = 0; step < 7; step += 1) {
      for (let id = 0; id < 12; id += 1) leaky.subscribe(`leak.${String(step)}.${String(id)}`);
      await leaky.flush();
      await readings(dir, 1);
    }
    await leaky.close();

    recorder.signal('SIGKILL');
    await recorder.exit;
    recorder = await record(dir, server.url);
    await readings(dir, 2);

    stopTraffic();
    await server.kill();
    const folder = join(server.storeFolder, 'jetstream/$G/streams/LOSSY/msgs');
    const block = join(folder, readdirSync(folder).find((name) => name.endsWith('.blk')) ?? '');
    truncateSync(block, statSync(block).size / 2);
    await server.restart();
    happens('block spoilt');
    await readings(dir, 3);
    recorder.signal('SIGINT');
    expect((await recorder.exit).code).toBe(0);
    await payer.close();

    const times = await readingTimes(dir);
    /** The reading at or after a time, by its place. */
    const placeOf = (atMs: number): number => times.filter((one) => one < atMs).length;
    const expectAt = (incident: string, beganAt: string | null | undefined): void => {
      const apart = placeOf(Date.parse(beganAt ?? '')) - placeOf(marks.get(incident) ?? Number.NaN);
      if (Math.abs(apart) <= 1) return;
      const mark = new Date(marks.get(incident) ?? 0).toISOString();
      throw new Error(`${incident} at ${mark} was found to begin at ${String(beganAt)}`);
    };
    const [first = 0] = times;
    const last = times.at(-1) ?? 0;
    const moment = (atMs: number): string => new Date(atMs).toISOString();
    const { findings } = await json<{ findings: readonly Placed[] }>(
      `history diff ${dir} ${moment(first)} ${moment(last)}`,
    );
    const found = (id: string, place: Partial<Placed>): Placed => {
      const own = findings.find(
        (one) =>
          one.id === id && Object.entries(place).every(([key, name]) => one[key as 'id'] === name),
      );
      expect({ id, ...place, ids: findings.map((one) => one.id) }).toMatchObject({ id: own?.id });
      return own!;
    };
    expectAt('purge', found('STREAM_PURGED', { stream: 'LOGS' }).began_at);
    expect(found('STREAM_PURGED', { stream: 'LOGS' }).evidence['removed']).toBe(60);
    expectAt('consumer deleted', found('CONSUMER_VANISHED', { consumer: 'archive' }).began_at);
    expectAt('source cut off', found('SOURCE_SILENT_AT_LAG_0', { stream: 'COPY' }).began_at);
    const leak = found('SUBSCRIPTION_LEAK', { connection: 'leaky' });
    expectAt('leak', leak.began_at);
    expect(leak.ended_at).not.toBeNull();
    const lost = found('LAST_SEQ_WENT_BACK', { stream: 'LOSSY' });
    expectAt('block spoilt', lost.began_at);
    expect(lost).toMatchObject({ severity: 'critical', evidence: { last_seq_before: 300 } });
    expectAt('deploy', found('CONFIG_CHANGED', { consumer: 'ledger' }).began_at);

    const past = await json<Backlog>(`backlog --from ${dir} --at ${live.at}`);
    const verdicts = ({ streams }: Backlog) =>
      streams.map(({ name, verdict, consumers }) => [
        name,
        verdict,
        consumers.map((consumer) => [consumer.name, consumer.verdict]),
      ]);
    expect(verdicts(past)).toEqual(verdicts(live));
    const ledger = past.streams
      .flatMap(({ consumers }) => consumers)
      .find(({ name }) => name === 'ledger');
    expect(ledger?.findings).toContainEqual(
      expect.objectContaining({
        id: 'CHANGED_AT_DEPLOY',
        evidence: expect.objectContaining({ key: 'max_ack_pending', after: 1 }) as unknown,
      }),
    );
    interface Why {
      readonly episodes: readonly {
        readonly began_at: string;
        readonly findings: readonly Finding[];
        readonly before: readonly { readonly kind: string; readonly summary: string }[];
      }[];
    }
    const died = await json<Why>(`history why ${dir} ORDERS billing`);
    expectAt('worker dies', died.episodes[0]?.began_at);
    expect(died.episodes[0]?.before.map(({ summary }) => summary)).toContain('client shop left');
    const deployed = await json<Why>(`history why ${dir} PAYMENTS ledger`);
    expectAt('deploy', deployed.episodes[0]?.began_at);
    const listed = await json<{ gaps: readonly { reason: string }[]; damaged: number }>(
      `history ls ${dir}`,
    );
    expect(listed.damaged).toBe(0);
    expect(listed.gaps.filter(({ reason }) => reason === 'stopped').length).toBe(2);
  });
});

test('moves of a leader are an alarm when there are three that nobody asked for', async () => {
  await requires('2.10');
  const cluster = await startCluster(3, {
    jetstream: true,
    config: {
      accounts: {
        APP: {
          jetstream: 'enabled',
          users: [
            { user: 'admin', password: 'admin' },
            { user: 'deaf', password: 'deaf', permissions: { subscribe: { deny: ['$JS.API.>'] } } },
          ],
        },
        $SYS: { users: [{ user: 'sys', password: 'sys' }] },
      },
    },
  });
  const [url = ''] = cluster.urls;
  const as = (user: string): string => url.replace('nats://', `nats://${user}:${user}@`);
  const admin = await connect({ servers: url, user: 'admin', pass: 'admin' });
  const manager = await patientManager(admin);
  await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'], num_replicas: 3 });
  const dir = join(temporaryFolder('leaders'), 'all');
  const deafDir = join(temporaryFolder('leaders'), 'deaf');
  const recorder = await record(dir, as('admin'));
  const deaf = await record(deafDir, as('deaf'));
  await deaf.waitForStderr(/some announcements are not recorded: no permission to subscribe to/);
  const leader = async (): Promise<string> => {
    const answer = await admin.request('$JS.API.STREAM.INFO.ORDERS', '', { timeout: 1_000 });
    return answer.json<{ cluster?: { leader?: string } }>().cluster?.leader ?? '';
  };
  const moves = 3;
  for (let move = 0; move < moves; move += 1) {
    const before = await eventually('there is a leader', leader);
    await eventually('it was asked to step down', async () => {
      const answer = await admin.request('$JS.API.STREAM.LEADER.STEPDOWN.ORDERS', '', {
        timeout: 5_000,
      });
      return answer.json<{ success?: boolean }>().success;
    });
    await eventually('it has moved', async () => !['', before].includes(await leader()));
  }
  for (const folder of [dir, deafDir]) await readings(folder, 2);
  for (const run of [recorder, deaf]) {
    run.signal('SIGINT');
    expect((await run.exit).code).toBe(0);
  }
  const ids = async (folder: string): Promise<readonly string[]> => {
    const { streams } = await json<Backlog>(`backlog ORDERS --from ${folder}`);
    return (streams[0]?.findings ?? []).map(({ id }) => id);
  };
  expect(await ids(dir)).not.toContain('LEADER_FLAPPING');
  expect(await ids(deafDir)).toContain('LEADER_FLAPPING');
  const { unheard } = await json<{ unheard: readonly string[] }>(`history ls ${deafDir}`);
  expect(unheard).toContain('$JS.API.STREAM.LEADER.STEPDOWN.*');
  await admin.close();
  await cluster.stop();
});
