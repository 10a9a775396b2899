import { execFileSync } from 'node:child_process';

import { onTestFinished, expect, test } from 'vitest';

import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { runCli } from '../support/run-cli.js';
import { requires } from '../support/server-version.js';
import { temporaryFolder } from '../support/shut-down.js';

interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly summary: string;
}

/** Publishes until the server takes no more, or all are stored. */
async function fill(server: NatsServer, lines: number, bytes: number): Promise<string> {
  const stdin = Array.from({ length: lines }, () => 'x'.repeat(bytes)).join('\n');
  const words = ['pub', 'f.a', '--lines', '-J', '--timeout', '2s', '--server', server.url];
  return (await runCli(words, { stdin })).stderr;
}

async function create(server: NatsServer): Promise<void> {
  const made = await runCli([
    ...['stream', 'create', 'F', '--subjects', 'f.>', '--server', server.url],
  ]);
  expect(made.code).toBe(0);
}

async function findings(server: NatsServer): Promise<Record<'backlog' | 'doctor', Finding[]>> {
  const reach = ['--server', server.url, '--monitor', server.monitorUrl, '--json'];
  const backlog = await runCli(['backlog', 'F', '--window', '1s', ...reach]);
  const doctor = await runCli(['doctor', 'F', '--window', '1s', ...reach]);
  return {
    backlog: (JSON.parse(backlog.stdout) as { account: { findings: Finding[] } }).account.findings,
    doctor: (JSON.parse(doctor.stdout) as { findings: Finding[] }).findings,
  };
}

test('a store that is full is a critical finding; one with room is none', async () => {
  const store_dir = temporaryFolder('full');
  const server = await startNatsServer({
    config: { jetstream: { store_dir, max_file_store: 4 * 1024 * 1024 } },
  });
  await create(server);
  await fill(server, 10, 20_000);
  const before = await findings(server);
  expect(before.backlog).toEqual([]);
  expect(before.doctor.map(({ id }) => id)).not.toContain('SERVER_LIMIT_NEAR');
  expect(await fill(server, 250, 20_000)).toContain('10023');
  const { backlog, doctor } = await findings(server);
  expect(backlog[0]).toMatchObject({ id: 'SERVER_LIMIT_NEAR', severity: 'critical' });
  expect(backlog[0]?.summary).toContain('publishes are rejected');
  expect(doctor.find(({ id }) => id === 'SERVER_LIMIT_NEAR')?.severity).toBe('critical');
  const words = ['backlog', 'F', '--window', '1s', '--monitor', server.monitorUrl];
  const text = await runCli([...words, '--fail-on', 'critical', '--server', server.url]);
  expect(text.code).toBe(9);
  expect(text.stdout).toContain('CRITICAL SERVER_LIMIT_NEAR');
});

test('a disk that takes no writes is a critical finding that names the stream', async (context) => {
  await requires('2.14');
  const store_dir = temporaryFolder('disk');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', store_dir], { stdio: 'pipe' });
  } catch {
    context.skip('a small disk cannot be mounted here');
  }
  onTestFinished(() => void execFileSync('umount', ['-l', store_dir]));
  const server = await startNatsServer({
    config: { jetstream: { store_dir, max_file_store: 1024 * 1024 * 1024 } },
  });
  await create(server);
  await fill(server, 10, 200_000);
  expect((await findings(server)).backlog).toEqual([]);
  await fill(server, 140, 200_000);
  const { backlog, doctor } = await findings(server);
  expect(backlog[0]).toMatchObject({ id: 'STORAGE_WRITE_ERROR', severity: 'critical' });
  expect(backlog[0]?.summary).toMatch(/^Stream F accepts no messages.*no space left on device/);
  expect(doctor[0]).toMatchObject({ id: 'STORAGE_WRITE_ERROR', severity: 'critical' });
  await server.kill();
});
