import { execFileSync } from 'node:child_process';

import { TestRunner } from 'vitest';
import { compareVersions, programsInCache, programsOnPath } from '../../scripts/find-program.mjs';
import { ensureNatsServer } from '../../scripts/nats-server.mjs';

let binary: Promise<string> | undefined;
const versions = new Map<string, string>();

/** The nats-server program under test: `NATSX_NATS_SERVER`, or whatever the project's own script finds or installs. */
export function serverBinary(): Promise<string> {
  binary ??= ensureNatsServer();
  return binary;
}

/** Version of a server program as `2.15.2`; of the one under test when none is named. */
export async function serverVersion(program?: string): Promise<string> {
  const path = program ?? (await serverBinary());
  const known = versions.get(path);
  if (known !== undefined) return known;
  const said = execFileSync(path, ['--version'], { encoding: 'utf8' });
  const version = /v(\d+\.\d+\.\d+)/.exec(said)?.[1];
  if (version === undefined) throw new Error(`${path} --version says ${JSON.stringify(said)}`);
  versions.set(path, version);
  return version;
}

/**
 * A nats-server that is older than the one under test, for tests that mix versions: `NATSX_NATS_SERVER_2_9`, or what
 * PATH, the folders of system packages and natsx's cache hold. Skips the running test, with the reason, when there is
 * none; nothing is installed.
 */
export async function requireOlderServer(): Promise<string> {
  const running = TestRunner.getCurrentTest();
  if (running === undefined) throw new Error('requireOlderServer() belongs inside a test');
  const older = await findOlderServer(process.env);
  if (older !== undefined) return older;
  return running.context.skip(
    'there is no older nats-server here; NATSX_NATS_SERVER_2_9 can name one',
  );
}

async function findOlderServer(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const named = env['NATSX_NATS_SERVER_2_9'];
  const candidates =
    named === undefined || named === ''
      ? [
          ...programsOnPath('nats-server', env, { serverFoldersToo: true }),
          ...programsInCache('nats-server', env),
        ]
      : [named];
  const tested = await serverVersion();
  for (const program of candidates) {
    const version = await serverVersion(program).catch(() => undefined);
    if (version !== undefined && compareVersions(version, tested) < 0) return program;
  }
  return undefined;
}

/** Whether the server under test is that version (`2.11`, `2.11.3`) or a later one; for `describe.skipIf`. */
export async function serverIsAtLeast(wanted: string): Promise<boolean> {
  const have = (await serverVersion()).split('.').map(Number);
  const want = wanted.split('.').map(Number);
  for (const [place, number] of want.entries()) {
    const difference = (have[place] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Skips the running test, with the reason, when the server under test is older than `wanted`. First line of a test. */
export async function requires(wanted: string): Promise<void> {
  const running = TestRunner.getCurrentTest();
  if (running === undefined) throw new Error('requires() belongs inside a test');
  if (await serverIsAtLeast(wanted)) return;
  running.context.skip(`needs nats-server ${wanted}, this is ${await serverVersion()}`);
}
