import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { JetStreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientManager } from '../support/patient-jetstream.js';
import { runCli } from '../support/run-cli.js';
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
  if (!(await serverIsAtLeast('2.12'))) return;
  await manager.streams.add({
    name: 'JOBS',
    subjects: ['jobs.>', 'schedules.>'],
    retention: 'workqueue',
    allow_msg_schedules: true,
  });
});

const natsx = (...args: readonly string[]) => runCli([...args, '-s', server.url]);

const schedule = (name: string, ...flags: readonly string[]) =>
  natsx('pub', `schedules.${name}`, 'go', '-J', ...flags, '--schedule-target', `jobs.${name}`);

interface Row {
  readonly subject: string;
  readonly target: string;
  readonly next: string;
  readonly late_ms: number;
}

async function rows(...args: readonly string[]): Promise<readonly Row[]> {
  const { code, stdout, stderr } = await natsx('schedule', 'ls', ...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

describe('schedules', () => {
  it('are listed with their next time, and nothing is taken from the work queue', async () => {
    await requires('2.14');
    await schedule('once', '--schedule-at', '2100-01-01T00:00:00Z');
    await schedule(
      'daily',
      '--schedule-cron',
      '0 30 9 * * *',
      '--schedule-time-zone',
      'Asia/Tokyo',
    );
    await schedule('often', '--schedule-every', '1h30m');
    const startMs = Date.now();
    const found = await rows('JOBS');
    expect(found.map(({ subject, target, late_ms }) => [subject, target, late_ms])).toEqual(
      expect.arrayContaining([
        ['schedules.once', 'jobs.once', 0],
        ['schedules.daily', 'jobs.daily', 0],
        ['schedules.often', 'jobs.often', 0],
      ]),
    );
    const next = Object.fromEntries(found.map((row) => [row.subject, row.next]));
    expect(next['schedules.once']).toBe('2100-01-01T00:00:00Z');
    expect(next['schedules.daily']).toMatch(/T00:30:00Z$/);
    const often = Date.parse(next['schedules.often'] ?? '') - startMs;
    expect(Math.abs(often - 5_400_000)).toBeLessThan(60_000);
    const { state } = await manager.streams.info('JOBS');
    expect(state).toMatchObject({ messages: 3, consumer_count: 0 });
    expect((await natsx('schedule', 'ls')).stdout).toContain('0 30 9 * * * (Asia/Tokyo)');
  });

  it('publish again and again, and the next time is the one that the server names', async () => {
    await requires('2.14');
    await schedule('tick', '--schedule-every', '1s');
    const published = await eventually('it is published', () =>
      manager.streams.getMessage('JOBS', { last_by_subj: 'jobs.tick' }),
    );
    expect(published.string()).toBe('go');
    const [row] = await rows();
    const named = Date.parse(published.header.get('Nats-Schedule-Next'));
    expect((Date.parse(row?.next ?? '') - named) % 1000).toBe(0);
    expect((await natsx('schedule', 'cancel', 'JOBS', 'schedules.tick', '--yes')).code).toBe(0);
    expect(await rows('JOBS')).toEqual([]);
  });

  it('that the server cannot publish are late', async () => {
    await requires('2.12');
    await schedule('stuck', '--schedule-after', '1s');
    // Too small for what is to be published.
    await manager.streams.update('JOBS', { max_msg_size: 1 });
    const late = await eventually('it is late', async () =>
      (await rows('JOBS')).find(({ late_ms }) => late_ms > 1000),
    );
    expect(late).toMatchObject({ subject: 'schedules.stuck', target: 'jobs.stuck' });
    expect(Date.now() - Date.parse(late.next)).toBeGreaterThanOrEqual(late.late_ms);
  });
});

describe('schedule cancel', () => {
  it('changes nothing without --yes, and exits with 7 where there is no schedule', async () => {
    await requires('2.12');
    await schedule('once', '--schedule-at', '2100-01-01T00:00:00Z');
    await natsx('pub', 'jobs.plain', 'x', '-J');
    const cancel = (subject: string, ...flags: readonly string[]) =>
      natsx('schedule', 'cancel', 'JOBS', subject, ...flags);
    expect(await cancel('schedules.once')).toMatchObject({ code: 2 });
    expect(await cancel('schedules.once', '--dry-run')).toMatchObject({ code: 0 });
    expect(await rows()).toHaveLength(1);
    expect(await cancel('jobs.plain', '--yes')).toMatchObject({ code: 7 });
    const done = await cancel('schedules.once', '--yes', '--json');
    expect(done).toMatchObject({ code: 0 });
    expect(JSON.parse(done.stdout)).toMatchObject({
      action: 'cancelled',
      subject: 'schedules.once',
      target: 'jobs.once',
    });
    expect(await cancel('schedules.once', '--yes')).toMatchObject({ code: 7 });
    expect((await manager.streams.info('JOBS')).state.messages).toBe(1);
    const elsewhere = await natsx('schedule', 'cancel', 'NONE', 'schedules.once', '--yes');
    expect(elsewhere).toMatchObject({ code: 7 });
  });
});

describe('pub --schedule-…', () => {
  it.each([
    ['--schedule-every', '500ms'],
    ['--schedule-cron', '* * * * *'],
    ['--schedule-cron', '0 0 0 30 2 *'],
    ['--schedule-at', 'soon'],
  ])('refuses %s %s before anything is sent', async (...flags) => {
    expect(await schedule('bad', ...flags)).toMatchObject({ code: 2, stdout: '' });
  });

  it('says that the stream does not allow schedules, and how to allow them', async () => {
    await requires('2.12');
    await manager.streams.add({ name: 'PLAIN', subjects: ['plain.>'] });
    const args = ['--schedule-at', '1h', '--schedule-target', 'plain.b'];
    const result = await natsx('pub', 'plain.a', 'x', '-J', ...args);
    expect(result).toMatchObject({ code: 8 });
    expect(result.stderr).toContain('--allow-schedules');
  });

  it('says that the server is too old', async () => {
    if (await serverIsAtLeast('2.12')) return;
    const result = await schedule('once', '--schedule-at', '1h');
    expect(result).toMatchObject({ code: 8 });
    expect(result.stderr).toContain('the server is too old for schedules');
  });
});
