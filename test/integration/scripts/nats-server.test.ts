import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ensureNatsServer, pinnedVersion } from '../../../scripts/nats-server.mjs';
import { findPeer } from '../../../scripts/peer.mjs';
import { releaseName } from '../../../scripts/release-archive.mjs';
import { temporaryFolder } from '../../support/shut-down.js';

const nowhere = 'http://127.0.0.1:1';

/** A machine on which nothing is installed but what a test puts there. */
function emptyMachine() {
  const folder = temporaryFolder('machine');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const said: string[] = [];
  return {
    folder,
    bin,
    said,
    options: {
      env: { PATH: bin, HOME: folder } as Record<string, string>,
      say: (line: string) => said.push(line),
      releasesUrl: nowhere,
      serverFoldersToo: false,
    },
    cacheOf: (version: string) => join(folder, '.cache/natsx/nats-server', version),
  };
}

/** A program that does nothing but tell its version. */
function putServer(folder: string, version: string): string {
  return putProgram(folder, 'nats-server', `echo "nats-server: v${version}"`);
}

function putProgram(folder: string, name: string, script: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Serves an archive as the project's release page does; `sums` replaces the true checksums. */
async function serveRelease(sums?: string): Promise<string> {
  const folder = temporaryFolder('release');
  const name = releaseName('nats-server', pinnedVersion);
  putServer(join(folder, name), pinnedVersion);
  const archive = `${name}.tar.gz`;
  execFileSync('tar', ['-czf', archive, name], { cwd: folder });
  const bytes = readFileSync(join(folder, archive));
  const hash = createHash('sha256').update(bytes).digest('hex');
  const files = new Map<string, string | Buffer>([
    [`/v${pinnedVersion}/SHA256SUMS`, sums ?? `${hash}  ${archive}\n`],
    [`/v${pinnedVersion}/${archive}`, bytes],
  ]);
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    response.statusCode = file === undefined ? 404 : 200;
    response.end(file);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The few programs that unpacking needs. */
function allowUnpacking(bin: string): void {
  for (const name of ['tar', 'gzip']) {
    const path = execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    symlinkSync(path, join(bin, name));
  }
}

describe('a nats-server', () => {
  test('named by the environment is used, and nothing else is tried', async () => {
    const machine = emptyMachine();
    const named = putServer(join(machine.folder, 'mine'), '2.9.1');
    putServer(machine.bin, '2.15.3');
    machine.options.env['NATSX_NATS_SERVER'] = named;
    expect(await ensureNatsServer(machine.options)).toBe(named);
    expect(machine.said).toEqual([]);
  });

  test('named by the environment but missing is an error, never replaced in silence', async () => {
    const machine = emptyMachine();
    putServer(machine.bin, '2.15.3');
    machine.options.env['NATSX_NATS_SERVER'] = '/nowhere/nats-server';
    await expect(ensureNatsServer(machine.options)).rejects.toThrow(
      /NATSX_NATS_SERVER names \/nowhere\/nats-server/,
    );
  });

  test('on PATH comes before the cache', async () => {
    const machine = emptyMachine();
    const path = putServer(machine.bin, '2.10.0');
    putServer(machine.cacheOf('2.15.3'), '2.15.3');
    expect(await ensureNatsServer(machine.options)).toBe(path);
  });

  test('from the cache is preferred to an old one on PATH', async () => {
    const machine = emptyMachine();
    putServer(machine.bin, '2.9.10');
    const cached = putServer(machine.cacheOf('2.14.0'), '2.14.0');
    expect(await ensureNatsServer(machine.options)).toBe(cached);
  });

  test('is downloaded, verified and kept', async () => {
    const machine = emptyMachine();
    allowUnpacking(machine.bin);
    const releasesUrl = await serveRelease();
    const installed = join(machine.cacheOf(pinnedVersion), 'nats-server');
    expect(await ensureNatsServer({ ...machine.options, releasesUrl })).toBe(installed);
    // The second time there is nothing to download.
    expect(await ensureNatsServer(machine.options)).toBe(installed);
    expect(readdirSync(join(machine.cacheOf(pinnedVersion), '..'))).toEqual([pinnedVersion]);
  });

  test('installed by two processes at once is installed well', async () => {
    const machine = emptyMachine();
    allowUnpacking(machine.bin);
    const options = { ...machine.options, releasesUrl: await serveRelease() };
    const paths = await Promise.all([1, 2, 3].map(() => ensureNatsServer(options)));
    expect(new Set(paths)).toEqual(new Set([join(machine.cacheOf(pinnedVersion), 'nats-server')]));
    expect(readdirSync(join(machine.cacheOf(pinnedVersion), '..'))).toEqual([pinnedVersion]);
  });

  test('with another checksum than the published one is not used', async () => {
    const machine = emptyMachine();
    allowUnpacking(machine.bin);
    const archive = `${releaseName('nats-server', pinnedVersion)}.tar.gz`;
    const releasesUrl = await serveRelease(`${'0'.repeat(64)}  ${archive}\n`);
    await expect(ensureNatsServer({ ...machine.options, releasesUrl })).rejects.toThrow();
    expect(machine.said.join('\n')).toMatch(/published is 0{64}: not used/);
    expect(readdirSync(join(machine.cacheOf(pinnedVersion), '..'))).toEqual([]);
  });

  test('is built with Go where the release cannot be had', async () => {
    const machine = emptyMachine();
    const script = [
      'test "$1" = install || exit 1',
      `printf '#!/bin/sh\\necho "nats-server: v${pinnedVersion}"\\n' > "$GOBIN/nats-server"`,
      '/bin/chmod 755 "$GOBIN/nats-server"',
    ];
    putProgram(machine.bin, 'go', script.join('\n'));
    const path = await ensureNatsServer(machine.options);
    expect(path).toBe(join(machine.cacheOf(pinnedVersion), 'nats-server'));
    expect(machine.said.join('\n')).toMatch(/cannot download[^]*go install[^]*using/);
  });

  test('that is old is used when nothing newer can be had, and that is said', async () => {
    const machine = emptyMachine();
    const old = putServer(machine.bin, '2.9.10');
    expect(await ensureNatsServer(machine.options)).toBe(old);
    expect(machine.said.at(-1)).toBe(`using ${old} (2.9.10), for want of a newer one`);
  });

  test('that cannot be had at all: each attempt is told in order, and what to do at the end', async () => {
    const machine = emptyMachine();
    const failure = await ensureNatsServer(machine.options).catch((error: unknown) => error);
    expect((failure as Error).message).toMatch(
      /no nats-server[^]*releases[^]*NATSX_NATS_SERVER=[^]*go install[^]*apt-get/,
    );
    const attempts = machine.said.filter((line) => line.endsWith('…'));
    expect(attempts.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'looking on',
      'looking in',
      'downloading the',
      'building it:',
      'asking the',
    ]);
  });
});

describe('the peer', () => {
  test('named by the environment comes first', async () => {
    const machine = emptyMachine();
    const named = putProgram(join(machine.folder, 'mine'), 'nats', 'true');
    putProgram(machine.bin, 'nats', 'true');
    const env = { ...machine.options.env, NATSX_PEER: named };
    expect(await findPeer({ ...machine.options, env })).toMatchObject({ path: named });
  });

  test('that cannot be had is an answer with a reason', async () => {
    const machine = emptyMachine();
    const peer = await findPeer(machine.options);
    expect(peer.path).toBeUndefined();
    expect(peer.reason).toMatch(/cannot be had: there is no go here/);
  });
});
