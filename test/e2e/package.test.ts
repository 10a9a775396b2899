import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findNode, otherMajors } from '../../scripts/nodes.mjs';
import { packAndInstall, type Installed } from '../../scripts/package-facts.mjs';
import { root } from '../../scripts/ready.mjs';

import { manifestCommands } from '../support/manifest.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { cliEnvironment, emptyHome, runCli, startCli } from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';

let installed: Installed;
let server: NatsServer;

beforeAll(async () => {
  installed = packAndInstall(temporaryFolder('package'));
  server = await startNatsServer();
});

describe('the tarball', () => {
  it('holds the program, its manifest and its licences, and nothing else', () => {
    const unexpected = installed.packed.filter(
      (path) =>
        !/^(dist\/.*\.(c?js|txt)|bin\/((run|quick-commands)\.js|package\.json)|oclif\.manifest\.json|package\.json|(README|LICENSE|CHANGELOG)[^/]*)$/.test(
          path,
        ),
    );
    expect(unexpected).toEqual([]);
    for (const path of [
      'oclif.manifest.json',
      'dist/main.js',
      'dist/THIRD-PARTY-LICENSES.txt',
      'LICENSE',
    ])
      expect(installed.packed).toContain(path);
  });

  it('is one small package when installed', () => {
    expect(installed.packages).toBe(1);
    expect(installed.tarballBytes).toBeLessThan(1024 ** 2);
    expect(installed.installedBytes).toBeLessThan(5_000_000);
  });

  it('names nothing of the machine it was made on', () => {
    const listed = installed.packed.filter(
      (path) => path.endsWith('.js') || path.endsWith('.json'),
    );
    const folder = join(installed.entry, '../..');
    const telling = listed.filter((path) =>
      readFileSync(join(folder, path), 'utf8').includes(root),
    );
    expect(telling).toEqual([]);
  });
});

describe('installed into an empty prefix', () => {
  it('runs by its name', () => {
    const program = join(installed.entry, '../../../../../bin/natsx');
    const version = execFileSync(program, ['--version'], {
      encoding: 'utf8',
      env: cliEnvironment(emptyHome()),
    });
    expect(version).toMatch(/^natsx\/\d/);
  });

  it.each(manifestCommands().map(([words]) => words))(
    'shows the help of natsx %s without a warning',
    async (words) => {
      const { entry } = installed;
      const { code, stderr, stdout } = await runCli([...words.split(' '), '--help'], { entry });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`$ natsx ${words}`);
    },
  );

  it('publishes, subscribes, asks and answers', async () => {
    await core(installed.entry);
  });
});

describe.each(otherMajors)('with Node.js %s', (major) => {
  it('publishes, subscribes, asks and answers', async ({ skip }) => {
    const { path, reason } = await findNode(major);
    if (path === undefined) return skip(reason);
    await core(installed.entry, path);
  });
});

/** The core commands on a real server, without a word too much on stderr. */
async function core(entry: string, node?: string): Promise<void> {
  const options = { entry, env: { NATS_URL: server.url }, ...(node !== undefined && { node }) };
  const subscriber = startCli(['sub', 'a.>', '--count', '2', '--raw'], options);
  const service = startCli(['reply', 'b', '--echo'], options);
  await subscriber.waitForStderr(/subscribed to/);
  await service.waitForStderr(/listening on/);
  const said = await Promise.all([
    runCli(['pub', 'a.1', 'x', '--quiet'], options),
    runCli(['pub', 'a.2', 'x', '--quiet'], options),
    runCli(['request', 'b', 'hello', '--raw', '--quiet'], options),
    runCli(['info', '--json'], options),
    runCli(['rtt', '2', '--json'], options),
  ]);
  expect(said.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    said.map(() => ({ code: 0, stderr: '' })),
  );
  expect(said[2].stdout).toMatch(/^hello\n?$/);
  expect(await subscriber.exit).toMatchObject({ code: 0, stdout: 'x\nx\n' });
  service.signal('SIGINT');
  expect(await service.exit).toMatchObject({ code: 0 });
}
