import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.js';
import { onFullDisk } from '../support/full-disk.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { runCli, startCli, type RunningCli } from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  await natsx('stream create ORDERS --subjects orders.>');
  await natsx('consumer create ORDERS billing');
  await natsx('pub orders.new x -J --count 20');
});

async function natsx(line: string, url = server.url) {
  return runCli([...line.split(' '), '-s', url]);
}

async function json<T>(line: string): Promise<T> {
  const { code, stdout, stderr } = await natsx(`${line} --json`);
  expect({ code, stderr }).toEqual({ code: 0, stderr });
  return JSON.parse(stdout) as T;
}

interface Listed {
  readonly from: string | null;
  readonly to: string;
  readonly readings: number;
  readonly gaps: readonly { readonly from: string; readonly to: string; readonly reason: string }[];
  readonly damaged: number;
}

interface Backlog {
  readonly at: string;
  readonly streams: readonly {
    readonly name: string;
    readonly consumers: readonly {
      readonly verdict: string;
      readonly pending: number;
      readonly findings: readonly { readonly id: string }[];
    }[];
  }[];
}

/** A recorder runs as long as its test. */
const PATIENT = { timeoutMs: 600_000 };

async function record(dir: string): Promise<RunningCli> {
  const run = startCli(['history', 'record', dir, '--every', '300ms', '-s', server.url], PATIENT);
  await run.waitForStderr(/recording into/);
  return run;
}

const list = (dir: string) => json<Listed>(`history ls ${dir}`);

/** Waits until there are so many readings. */
async function readings(dir: string, count: number): Promise<Listed> {
  return eventually(`${count} readings`, async () => {
    const listed = await list(dir);
    return listed.readings >= count ? listed : undefined;
  });
}

describe('natsx history', () => {
  it('says what it cannot record', async () => {
    const plain = await startNatsServer({ jetstream: false });
    const dir = join(temporaryFolder('history'), 'plain');
    const run = startCli(['history', 'record', dir, '--every', '300ms', '-s', plain.url], PATIENT);
    await run.waitForStderr(/warning: streams not recorded \(unsupported\): /);
    run.signal('SIGINT');
    expect((await run.exit).code).toBe(0);
  });

  it('gives the verdict of an earlier time, also after the recorder was killed', async () => {
    const dir = join(temporaryFolder('history'), 'new');
    const first = await record(dir);
    const live = await json<Backlog>('backlog --window 600ms');
    await readings(dir, 4);
    const then = await json<Backlog>(`backlog --from ${dir}`);
    expect(then).toMatchObject({ schema: 'natsx.backlog/1' });
    expect(then.streams[0]?.consumers).toMatchObject([{ verdict: 'NO_CLIENT', pending: 20 }]);
    expect(then.streams[0]?.consumers[0]?.verdict).toBe(live.streams[0]?.consumers[0]?.verdict);

    const second = await natsx(`history record ${dir}`);
    expect(second.code).toBe(8);
    expect(second.stderr).toMatch(/another natsx records into .*\(process \d+ on /);

    first.signal('SIGKILL');
    await first.exit;
    const killed = await list(dir);
    await natsx('pub orders.new x -J --count 5');
    const again = await record(dir);
    await readings(dir, killed.readings + 4);
    again.signal('SIGTERM');
    expect((await again.exit).code).toBe(0);
    const listed = await list(dir);
    expect(listed).toMatchObject({ from: killed.from, damaged: 0 });
    expect(listed.gaps).toMatchObject([{ from: killed.to, reason: 'stopped' }]);

    const now = await json<Backlog>(`backlog ORDERS billing --from ${dir}`);
    expect(now.streams[0]?.consumers[0]?.pending).toBe(25);
    const past = await json<Backlog>(`backlog --from ${dir} --at ${then.at}`);
    expect(past).toEqual(then);
    const before = await json<Backlog>(`backlog --from ${dir} --at ${killed.to}`);
    expect(before.streams[0]?.consumers[0]?.pending).toBe(20);
  });

  it('has what the server announced, for a notebook', async () => {
    const dir = temporaryFolder('history');
    const run = await record(dir);
    await natsx('consumer create ORDERS shipping');
    await natsx('consumer rm ORDERS shipping --yes');
    await readings(dir, (await list(dir)).readings + 3);
    run.signal('SIGINT');
    expect((await run.exit).code).toBe(0);
    const { stdout } = await natsx(`history export ${dir} --jsonl -`);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows).toContainEqual(
      expect.objectContaining({ kind: 'consumer', consumer: 'billing', ack_pending: 0 }),
    );
    const events = rows.filter(({ kind }) => kind === 'event');
    expect(events).toMatchObject([
      { event: 'consumer_created', stream: 'ORDERS', consumer: 'shipping' },
      { event: 'consumer_deleted', stream: 'ORDERS', consumer: 'shipping' },
    ]);
    const file = join(dir, '..', 'history.csv');
    expect((await natsx(`history export ${dir} --csv ${file}`)).code).toBe(0);
    const csv = await natsx(`history export ${dir} --csv -`);
    const lines = csv.stdout.trimEnd().split('\n');
    expect(lines.length).toBe(rows.length + 1);
    expect(new Set(lines.map((line) => line.split(',').length)).size).toBe(1);
  });

  it('says what it does not have', async () => {
    const dir = temporaryFolder('history');
    const run = await record(dir);
    run.signal('SIGINT');
    await run.exit;
    expect((await natsx(`backlog --from ${dir} --at 3h`)).code).toBe(7);
    expect((await natsx(`backlog ORDRES --from ${dir}`)).code).toBe(7);
    const unknown = await natsx(`backlog ORDERS bililng --from ${dir}`);
    expect(unknown).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('did you mean billing') as string,
    });
    expect((await natsx(`backlog --from ${dir} --at noon`)).code).toBe(2);
    expect((await natsx(`backlog --from ${dir} --watch`)).code).toBe(2);
    expect((await natsx(`backlog --at 03:10`)).code).toBe(2);
    expect((await natsx(`history export ${dir}`)).code).toBe(2);
    expect((await natsx(`history ls ${dir}/none`)).code).toBe(2);
    const other = join(dir, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'notes.txt'), 'mine');
    for (const line of [
      `history ls ${other}`,
      `backlog --from ${other}`,
      `history record ${other}`,
    ]) {
      expect((await natsx(line)).code).toBe(2);
    }
    expect(readdirSync(other)).toEqual(['notes.txt']);
    writeFileSync(join(other, 'tail.nxh'), 'natsx.history/2\n');
    const newer = await natsx(`history ls ${other}`);
    expect(newer).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('newer version') as string,
    });
  });

  it('says what changed, what was lost, and why a consumer is behind', async () => {
    const own = await startNatsServer({ jetstream: true });
    const run = (line: string) => natsx(line, own.url);
    await run('stream create ORDERS --subjects orders.>');
    await run('stream create OLD --subjects old.>');
    await run('consumer create ORDERS billing');
    await run('pub orders.new x -J --count 60');
    const dir = temporaryFolder('history');
    const recorder = startCli(
      ['history', 'record', dir, '--every', '300ms', '-s', own.url],
      PATIENT,
    );
    await recorder.waitForStderr(/recording into/);
    const before = await readings(dir, 3);
    await run('consumer edit ORDERS billing --max-ack-pending 7 --yes');
    const changed = await readings(dir, (await list(dir)).readings + 2);
    await run('stream purge ORDERS --yes');
    await readings(dir, (await list(dir)).readings + 2);
    await run('stream rm OLD --yes');
    await readings(dir, (await list(dir)).readings + 2);
    await run('pub orders.new x -J --count 5');
    await readings(dir, (await list(dir)).readings + 2);
    await run('stream rm ORDERS --yes');
    await readings(dir, (await list(dir)).readings + 2);
    await run('stream create ORDERS --subjects orders.>');
    const after = await readings(dir, (await list(dir)).readings + 2);
    recorder.signal('SIGINT');
    await recorder.exit;

    const diff = await json<{ changes: object[]; findings: object[] }>(
      `history diff ${dir} ${before.to} ${after.to}`,
    );
    const place = { stream: 'ORDERS', consumer: 'billing' };
    expect(diff.changes).toContainEqual(
      expect.objectContaining({ ...place, kind: 'config', key: 'max_ack_pending', after: 7 }),
    );
    expect(diff.findings).toMatchObject([
      { ...place, id: 'CONFIG_CHANGED' },
      { stream: 'ORDERS', id: 'STREAM_PURGED', evidence: { removed: 60 } },
      { stream: 'OLD', id: 'STREAM_VANISHED', severity: 'warning' },
      { stream: 'ORDERS', id: 'STREAM_VANISHED' },
      { stream: 'ORDERS', id: 'STREAM_RECREATED' },
    ]);
    const early = await json<{ findings: { id: string }[] }>(
      `history diff ${dir} ${before.to} ${changed.to}`,
    );
    expect(early.findings.map(({ id }) => id)).toEqual(['CONFIG_CHANGED']);

    const why = await json<{ episodes: { findings: { id: string }[]; ended_at: string | null }[] }>(
      `history why ${dir} ORDERS billing`,
    );
    expect(why.episodes.length).toBeGreaterThan(0);
    expect(why.episodes[0]?.findings.map(({ id }) => id)).toContain('NO_CLIENT');
    const past = await json<Backlog>(`backlog ORDERS billing --from ${dir} --at ${changed.to}`);
    expect(past.streams[0]?.consumers[0]).toMatchObject({ verdict: 'NO_CLIENT' });
    expect(past.streams[0]?.consumers[0]?.findings.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['BACKLOG_SINCE', 'CONFIG_CHANGED']),
    );
    expect((await natsx(`history why ${dir} NOPE`)).code).toBe(7);
    expect((await natsx(`history why ${dir} ORDERS nope`)).code).toBe(7);
    expect((await natsx(`history diff ${dir} 3h 2h`)).code).toBe(7);
    expect((await natsx(`history diff ${dir} ${after.to} ${before.to}`)).code).toBe(2);
    await own.stop();
  });

  it('stays readable when the disk is full', async () => {
    const dir = temporaryFolder('history');
    const args = ['history', 'record', dir, '--every', '100ms', '-s', server.url];
    const { code, stderr } = await onFullDisk(args, 8 * 1024);
    expect(code).toBe(2);
    expect(stderr).toContain('the history is whole up to here');
    const listed = await list(dir);
    expect(listed).toMatchObject({ damaged: 0, gaps: [] });
    expect(listed.readings).toBeGreaterThan(2);
    expect(readdirSync(dir)).toEqual(['tail.nxh']);
  });

  it('says how long the server was gone', async () => {
    const own = await startNatsServer({ jetstream: true });
    const dir = temporaryFolder('history');
    const run = startCli(['history', 'record', dir, '--every', '200ms', '-s', own.url], PATIENT);
    await run.waitForStderr(/recording into/);
    await own.stop();
    await run.waitForStderr(/lost the connection/);
    const { readings: before } = await list(dir);
    await own.restart();
    const { gaps } = await readings(dir, before + 2);
    expect(gaps).toMatchObject([{ reason: 'disconnected' }]);
    run.signal('SIGINT');
    await run.exit;
    await own.stop();
  });
});
