import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findBun } from '../../scripts/package/bun.mjs';
import { bundleProgram, compileExecutable } from '../../scripts/package/executable.mjs';
import { targets } from '../../scripts/package/targets.mjs';
import { root } from '../../scripts/ready.mjs';

import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { runCli, startCli } from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';

const here = targets.find(
  ({ name }) => name === `${process.platform.replace('win32', 'windows')}-${process.arch}`,
);
let runtime: string | undefined;
let program = '';
let server: NatsServer;

beforeAll(async () => {
  runtime = here && (await findBun(here.bunPackage).catch(() => undefined));
  if (here === undefined || runtime === undefined) return;
  program = await compile(temporaryFolder('executable'));
  server = await startNatsServer({ jetstream: true });
});

async function compile(folder: string): Promise<string> {
  if (here === undefined) throw new Error('no executable is made for this system');
  const file = join(folder, `natsx${here.suffix}`);
  const files = await bundleProgram(join(folder, 'bundle'));
  await compileExecutable({ files, target: here, file });
  return file;
}

/** The rest of the tests runs on it with `NATSX_PROGRAM=/path/to/natsx`. */
describe('the executable', () => {
  const natsx = () => ({ program, env: { NATS_URL: server.url } });

  it('is the same, byte for byte, from another folder, and names none of them', async ({
    skip,
  }) => {
    if (runtime === undefined) return skip('its runtime cannot be had here');
    const again = join(temporaryFolder('again'), 'deeper');
    mkdirSync(again);
    const bytes = readFileSync(program);
    expect(readFileSync(await compile(again)).equals(bytes)).toBe(true);
    for (const folder of [root, program.replace(/natsx$/, '')])
      expect(bytes.includes(folder)).toBe(false);
  });

  it('says what it is, and needs nothing around it', ({ skip }) => {
    if (runtime === undefined) return skip('its runtime cannot be had here');
    const folder = temporaryFolder('read-only');
    chmodSync(folder, 0o555);
    const options = { encoding: 'utf8', cwd: folder, env: { HOME: folder } } as const;
    expect(execFileSync(program, ['--version'], options)).toMatch(/^natsx\/\S+ \S+ bun-v\S+\n$/);
    expect(execFileSync(program, ['stream', 'ls', '--help'], options)).toContain('USAGE');
  });

  it('has the completion scripts of the npm package', async ({ skip }) => {
    if (runtime === undefined) return skip('its runtime cannot be had here');
    const args = ['autocomplete', 'zsh'];
    const [one, other] = await Promise.all([runCli(args, natsx()), runCli(args)]);
    expect(one).toMatchObject({ code: 0, stdout: other.stdout });
  });

  it('publishes, subscribes, asks and answers', async ({ skip }) => {
    if (runtime === undefined) return skip('its runtime cannot be had here');
    const subscriber = startCli(['sub', 'a.>', '--count', '1', '--raw'], natsx());
    const service = startCli(['reply', 'b', '--echo'], natsx());
    await subscriber.waitForStderr(/subscribed to/);
    await service.waitForStderr(/listening on/);
    expect((await runCli(['pub', 'a.1', 'x', '--quiet'], natsx())).code).toBe(0);
    const answer = await runCli(['request', 'b', 'hello', '--raw', '--quiet'], natsx());
    expect(answer).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^hello\n?$/) as unknown,
    });
    expect(await subscriber.exit).toMatchObject({ code: 0, stdout: 'x\n' });
    service.signal('SIGINT');
    expect(await service.exit).toMatchObject({ code: 0 });
  });

  it('measures with threads, whose clocks agree', async ({ skip }) => {
    if (runtime === undefined) return skip('its runtime cannot be had here');
    const args = ['bench', 'pubsub', '--msgs', '2000', '--workers', '2', '--json'];
    const { code, stdout } = await runCli(args, natsx());
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as {
      totals: { received: number };
      response: { min_ns: number };
      conditions: { node_version: string };
    };
    expect(report.totals.received).toBe(2000);
    expect(report.response.min_ns).toBeGreaterThan(0);
    expect(report.conditions.node_version).toMatch(/^bun v/);
  });

  it('ends with the exit codes of the npm package', async ({ skip }) => {
    if (runtime === undefined) return skip('its runtime cannot be had here');
    const codes = [
      [['pub', 'a..b', 'x'], 2],
      [['pub', 'a', 'x', '-s', 'nats://127.0.0.1:1'], 3],
      [['request', 'nobody.here', 'x'], 6],
      [['stream', 'info', 'MISSING'], 7],
    ] as const;
    const results = await Promise.all(codes.map(([args]) => runCli(args, natsx())));
    expect(results.map(({ code }) => code)).toEqual(codes.map(([, code]) => code));
  });
});
