import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPeer } from '../../scripts/peer.mjs';

import { ZipReader } from '../../src/bundle/run/zip-reader.js';
import { startCluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { onFullDisk } from '../support/full-disk.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { emptyHome, runCli, startCli } from '../support/run-cli.js';
import { requires, serverIsAtLeast } from '../support/server-version.js';
import { temporaryFolder } from '../support/shut-down.js';

const peer = await findPeer({ install: false, say: () => undefined });
if (peer.path === undefined) process.stderr.write(`gather is skipped: ${peer.reason}\n`);

const PASSWORD = 'own-Pa55word-of-app';
const SECRETS = {
  metadata: 'Zm9vYmFy-metadata',
  description: 'hunter2-description',
  name: 'tok_9f8e7d-name',
  url: 'l0gin-in-url',
  body: 'secret-body-text',
  header: 'secret-header-text',
};
const accounts = `
  accounts {
    SYS { users [{ user: sys, password: sys }] }
    APP { jetstream: enabled, users [{ user: app, password: "${PASSWORD}" }] }
  }
  system_account: SYS`;

const folder = temporaryFolder('bundle');
const home = emptyHome();
const at = (name: string): string => join(folder, name);

interface Backlog {
  readonly complete: boolean;
  readonly window_ms: number;
  readonly missing: readonly { readonly what: string }[];
  readonly streams: readonly {
    readonly name: string;
    readonly verdict: string;
    readonly consumers: readonly {
      readonly name: string;
      readonly verdict: string;
      readonly pending: number;
      readonly rate_in_per_s: number | null;
    }[];
  }[];
}

const appUrl = ({ port }: NatsServer): string => `nats://app:${PASSWORD}@127.0.0.1:${port}`;

const asApp = (one: NatsServer, name = 'app') =>
  connect({ servers: one.url, user: 'app', pass: PASSWORD, name });

async function natsx(line: string, server?: NatsServer) {
  const args = server === undefined ? [] : ['-s', appUrl(server)];
  return runCli([...line.split(' '), ...args], { home });
}

async function json<T>(line: string, server?: NatsServer): Promise<T> {
  const { code, stdout, stderr } = await natsx(`${line} --json`, server);
  expect({ code, stderr }).toEqual({ code: 0, stderr });
  return JSON.parse(stdout) as T;
}

/** `ORDERS/billing NO_CLIENT 20`, in the order of names. */
const verdictsOf = ({ streams }: Backlog): readonly string[] =>
  streams
    .flatMap(({ name, verdict, consumers }) => [
      `${name} ${verdict}`,
      ...consumers.map((one) => `${name}/${one.name} ${one.verdict} ${one.pending}`),
    ])
    .toSorted();

const idsOf = ({ findings }: { readonly findings: readonly { readonly id: string }[] }) =>
  findings.map(({ id }) => id).toSorted();

async function gather(server: NatsServer, name: string): Promise<string> {
  const file = at(name);
  const args = `--server nats://127.0.0.1:${server.port} --user sys --password sys audit gather --no-progress --no-server-profiles --output ${file}`;
  // On a server without a cluster it fails after it wrote what is read here.
  await promisify(execFile)(peer.path ?? '', args.split(' ')).catch(() => undefined);
  return file;
}

/** Streams and consumers with verdicts that follow from what stands still. */
async function prepare(connection: NatsConnection, replicas: number): Promise<void> {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({
    name: 'ORDERS',
    subjects: ['orders.>'],
    num_replicas: replicas,
    description: `ask for the password: ${SECRETS.description}`,
    metadata: { token: SECRETS.metadata, team: 'payments' },
  });
  const consumer = { ack_policy: AckPolicy.Explicit } as const;
  for (const name of ['billing', 'audit', 'done', 'full']) {
    await manager.consumers.add('ORDERS', {
      ...consumer,
      durable_name: name,
      ...(name === 'full' ? { max_ack_pending: 1 } : {}),
    });
  }
  await manager.consumers.add('ORDERS', {
    ...consumer,
    durable_name: 'pushed',
    deliver_subject: 'push.orders',
  });
  const extra = headers();
  extra.set('Authorization', SECRETS.header);
  for (let sent = 0; sent < 20; sent += 1) {
    await jetstream(connection).publish('orders.eu', SECRETS.body, { headers: extra });
  }
  const consumers = jetstream(connection).consumers;
  const done = await (await consumers.get('ORDERS', 'done')).fetch({ max_messages: 20 });
  for await (const message of done) await message.ackAck();
}

/** A client that takes messages of `audit` and is gone. */
async function takeAndLeave(from: NatsServer): Promise<void> {
  const connection = await asApp(from);
  const audit = await jetstream(connection).consumers.get('ORDERS', 'audit');
  for await (const message of await audit.fetch({ max_messages: 5 }))
    expect(message.redelivered).toBe(false);
  await connection.close();
}

async function entriesOf(file: string): Promise<string> {
  const zip = await ZipReader.open(file);
  const texts = await Promise.all(zip.names.map((name) => zip.text(name, 1e9)));
  zip.close();
  return [...zip.names, ...texts].join('\n');
}

let server: NatsServer;
let worker: NatsConnection | undefined;
beforeAll(async () => {
  // Metadata, which may have secrets.
  if (!(await serverIsAtLeast('2.10'))) return;
  server = await startNatsServer({ name: 'lone', jetstream: true, config: accounts });
  const app = await asApp(server);
  await prepare(app, 1);
  await app.close();
  await takeAndLeave(server);
  // It holds the only message that it may have, and asks for more.
  worker = await asApp(server, `full token=${SECRETS.name} at nats://u:${SECRETS.url}@db:4222`);
  const full = await jetstream(worker).consumers.get('ORDERS', 'full');
  for await (const message of await full.fetch({ max_messages: 1 }))
    expect(message.redelivered).toBe(false);
  void full.consume({ expires: 60_000, callback: () => undefined });
});
afterAll(() => worker?.close());

const EXPECTED = [
  'ORDERS OK',
  'ORDERS/audit CLIENT_GONE_WITH_WORK 15',
  'ORDERS/billing NO_CLIENT 20',
  'ORDERS/done OK 0',
  'ORDERS/full STALLED_MAX_ACK_PENDING 19',
  'ORDERS/pushed PUSH_UNBOUND 20',
];

/** The last delivery must be longer ago than a batch job may pause. */
async function settled(): Promise<void> {
  await eventually(
    'nobody is expected to come back',
    async () => {
      const live = await json<Backlog>('backlog --window 300ms', server);
      return verdictsOf(live).join() === EXPECTED.join();
    },
    { timeoutMs: 40_000 },
  );
}

describe('natsx bundle', () => {
  it('gives the verdicts of the live look, also with other names', async () => {
    await requires('2.10');
    await settled();
    const doctor = await json<{ findings: { id: string }[] }>('doctor --window 300ms', server);
    const listed = await json<object>(`bundle ${at('plain.zip')} --window 300ms`, server);
    expect(listed).toMatchObject({ obfuscated: false, history: false, server: { name: 'lone' } });
    expect(verdictsOf(await json<Backlog>(`backlog --bundle ${at('plain.zip')}`))).toEqual(
      EXPECTED,
    );
    const one = await json<Backlog>(`backlog ORDERS full --bundle ${at('plain.zip')}`);
    expect(one.streams[0]?.consumers).toMatchObject([{ name: 'full', rate_in_per_s: 0 }]);
    const judged = await json<typeof doctor>(`doctor --bundle ${at('plain.zip')}`);
    expect(idsOf(judged)).toEqual(idsOf(doctor));

    await json(`bundle ${at('names.zip')} --obfuscate --window 300ms`, server);
    const other = await json<Backlog>(`backlog --bundle ${at('names.zip')}`);
    const bare = (lines: readonly string[]) =>
      lines.map((line) => line.split(' ').slice(1).join(' ')).toSorted();
    expect(bare(verdictsOf(other))).toEqual(bare(EXPECTED));
    expect(idsOf(await json<typeof doctor>(`doctor --bundle ${at('names.zip')}`))).toEqual(
      idsOf(doctor),
    );
    const all = await entriesOf(at('names.zip'));
    const names = ['ORDERS', 'orders', 'billing', 'pushed', 'lone', 'APP', '127.0.0.1', 'payments'];
    expect(names.filter((name) => all.includes(name))).toEqual([]);
  });

  it('has no secrets, and none in its history', async () => {
    await requires('2.10');
    const dir = at('recorded');
    const recorder = startCli(
      ['history', 'record', dir, '--every', '200ms', '-s', appUrl(server)],
      {
        home,
      },
    );
    await eventually('some readings', async () => {
      const { code, stdout } = await natsx(`history ls ${dir} --json`);
      return code === 0 && (JSON.parse(stdout) as { readings: number }).readings >= 3;
    });
    recorder.signal('SIGINT');
    await recorder.exit;
    const file = at('history.zip');
    const monitor = `--monitor ${server.monitorUrl}`;
    const listed = await json<{ files: { name: string }[] }>(
      `bundle ${file} --history ${dir} --window 300ms ${monitor}`,
      server,
    );
    expect(listed).toMatchObject({ history: true });
    expect(await json(`bundle ls ${file}`)).toEqual(listed);
    expect(listed.files.map(({ name }) => name)).toContain('history/tail.nxh');

    const exported = await natsx(`history export ${file} --jsonl -`);
    const reports = await Promise.all([
      natsx(`history why ${file} ORDERS --json`),
      natsx(`backlog --from ${file} --json`),
      natsx(`doctor --bundle ${file} --evidence`),
    ]);
    const all = [
      await entriesOf(file),
      exported.stdout,
      ...reports.map(({ stdout }) => stdout),
    ].join('\n');
    expect(all).toContain('full token=[redacted]');
    const found = [...Object.values(SECRETS), PASSWORD].filter((secret) => all.includes(secret));
    expect(found).toEqual([]);

    const before = await json<object>(`history ls ${dir}`);
    expect(await json<object>(`history ls ${file}`)).toMatchObject({
      ...before,
      bytes: expect.any(Number) as number,
    });
    const then = await json<Backlog>(`backlog --from ${file}`);
    expect(verdictsOf(then)).toEqual(verdictsOf(await json<Backlog>(`backlog --from ${dir}`)));
  });

  it('refuses what cannot be, before anything runs', async () => {
    await requires('2.10');
    writeFileSync(at('text.zip'), 'no zip');
    writeFileSync(at('there.zip'), '');
    const code = async (line: string): Promise<string> => {
      // Nothing listens there.
      const { code: own, stdout } = await natsx(`${line} -s nats://127.0.0.1:1`);
      expect(stdout).toBe('');
      return `${own} ${line.replaceAll(`${folder}/`, '')}`;
    };
    await json(`bundle ${at('good.zip')} --window 200ms`, server);
    const whole = readFileSync(at('good.zip'));
    writeFileSync(at('cut.zip'), whole.subarray(0, whole.length - 30));
    const lines = [
      `bundle ${at('there.zip')}`,
      `bundle ${at('no/folder.zip')}`,
      `bundle ${at('x.zip')} --history ${at('nothing')}`,
      `backlog --bundle ${at('text.zip')}`,
      `backlog --bundle ${at('nothing.zip')}`,
      `doctor --bundle ${at('cut.zip')}`,
      `backlog --bundle ${at('good.zip')} --taps`,
      `doctor --bundle ${at('good.zip')} --monitor localhost:8222`,
      `backlog --bundle ${at('good.zip')} --from ${folder}`,
      `bundle ${at('x.zip')}`,
      `backlog NONE --bundle ${at('good.zip')}`,
      `history ls ${at('good.zip')}`,
    ];
    const codes: string[] = [];
    for (const line of lines) codes.push(await code(line));
    expect(codes).toEqual([
      '2 bundle there.zip',
      '2 bundle no/folder.zip',
      '2 bundle x.zip --history nothing',
      '2 backlog --bundle text.zip',
      '2 backlog --bundle nothing.zip',
      '2 doctor --bundle cut.zip',
      '2 backlog --bundle good.zip --taps',
      '2 doctor --bundle good.zip --monitor localhost:8222',
      `2 backlog --bundle good.zip --from ${folder}`,
      '3 bundle x.zip',
      '7 backlog NONE --bundle good.zip',
      '7 history ls good.zip',
    ]);
    const full = await onFullDisk(
      ['bundle', at('full.zip'), '--window', '200ms', '-s', appUrl(server)],
      2048,
    );
    expect(full).toMatchObject({ code: 2, stderr: expect.stringMatching(/make room/) as string });
    expect(readdirSync(folder).filter((name) => name.includes('full'))).toEqual([]);
    const { code: failed } = await natsx(`backlog --bundle ${at('good.zip')} --fail-if backlog>10`);
    expect(failed).toBe(9);
  });
});

describe.skipIf(peer.path === undefined)('an archive of nats audit gather', () => {
  it('of one server gives the same verdicts, and says what it lacks', async () => {
    await requires('2.10');
    await settled();
    const file = await gather(server, 'lone-gather.zip');
    const report = await json<Backlog>(`backlog --bundle ${file}`);
    expect(verdictsOf(report)).toEqual(EXPECTED);
    expect(report).toMatchObject({ complete: false, window_ms: 0 });
    expect(report.missing.map(({ what }) => what)).toEqual([
      'rates',
      'messages',
      'closed connections',
    ]);
    expect(report.streams[0]?.consumers.map((one) => one.rate_in_per_s)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
    const doctor = await json<{ findings: { id: string }[]; missing: { rules: string[] }[] }>(
      `doctor --bundle ${file}`,
    );
    const live = await json<typeof doctor>(
      `doctor --window 300ms --monitor ${server.monitorUrl}`,
      server,
    );
    const unchecked = new Set(doctor.missing.flatMap(({ rules }) => rules));
    expect(idsOf(doctor)).toEqual(idsOf(live).filter((id) => !unchecked.has(id)));
    expect(await json<object>(`bundle ls ${file}`)).toMatchObject({
      format: 'nats audit gather',
      history: false,
    });
  });

  it('of a cluster takes counts from leaders', async () => {
    await requires('2.10');
    const cluster = await startCluster(3, { jetstream: true, config: accounts });
    const [member] = cluster.servers;
    if (member === undefined) throw new Error('a cluster has members');
    const app = await asApp(member);
    await prepare(app, 3);
    await app.close();
    await takeAndLeave(member);
    const file = await gather(member, 'cluster-gather.zip');
    const live = await json<Backlog>('backlog --window 300ms', member);
    const report = await json<Backlog>(`backlog --bundle ${file}`);
    const counts = (one: Backlog) =>
      one.streams[0]?.consumers.map(({ name, pending }) => `${name} ${pending}`).toSorted();
    expect(counts(report)).toEqual(counts(live));
    expect(verdictsOf(report).filter((line) => line.includes('CLIENT_GONE'))).toEqual([
      'ORDERS/audit CLIENT_GONE_WITH_WORK 15',
    ]);
    await cluster.stop();
  });
});
