import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { root } from '../../../scripts/ready.mjs';
import { temporaryFolder } from '../../support/shut-down.js';

const [system, machine] = [process.platform, process.arch];

/** A release with one archive, whose program prints a version. */
function makeRelease(folder: string, sumOf = (bytes: Buffer): string => sha256(bytes)): void {
  const name = `natsx-9.9.9-${system}-${machine}`;
  const content = join(folder, 'content', name);
  mkdirSync(join(content, 'man'), { recursive: true });
  writeFileSync(join(content, 'natsx'), '#!/bin/sh\necho natsx/9.9.9\n', { mode: 0o755 });
  writeFileSync(join(content, 'man', 'natsx.1'), '.TH NATSX 1\n');
  const archive = join(folder, `${name}.tar.gz`);
  execFileSync('tar', ['-czf', archive, '-C', join(folder, 'content'), name]);
  const other = `${'0'.repeat(64)}  natsx-9.9.9-${system}-${machine}-musl.tar.gz\n`;
  const line = `${sumOf(readFileSync(archive))}  ${name}.tar.gz\n`;
  writeFileSync(join(folder, 'SHA256SUMS'), other + line);
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function install(release: string, prefix: string, path = process.env['PATH']) {
  const temporary = temporaryFolder('install-tmp');
  const run = spawnSync('/bin/sh', [join(root, 'contrib/install.sh')], {
    encoding: 'utf8',
    env: {
      PATH: path,
      HOME: prefix,
      TMPDIR: temporary,
      NATSX_RELEASES: release,
      NATSX_PREFIX: prefix,
    },
  });
  expect(readdirSync(temporary)).toEqual([]);
  return run;
}

describe.skipIf(system === 'win32')('contrib/install.sh', () => {
  it('installs the program and its man pages', () => {
    const [release, prefix] = [temporaryFolder('release'), temporaryFolder('prefix')];
    makeRelease(release);
    for (const [round, before] of [[], ['natsx']].entries()) {
      if (round > 0) expect(readdirSync(join(prefix, 'bin'))).toEqual(before);
      const { status, stdout, stderr } = install(release, prefix);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain(`installed natsx/9.9.9 in ${prefix}/bin`);
      expect(stdout).toContain('natsx demo');
    }
    expect(readdirSync(join(prefix, 'bin'))).toEqual(['natsx']);
    expect(existsSync(join(prefix, 'share/man/man1/natsx.1'))).toBe(true);
  });

  it('refuses an archive with another checksum', () => {
    const [release, prefix] = [temporaryFolder('release'), temporaryFolder('prefix')];
    makeRelease(release, () => 'f'.repeat(64));
    const { status, stderr } = install(release, prefix);
    expect(status).toBe(1);
    expect(stderr).toContain('nothing was installed');
    expect(readdirSync(prefix)).toEqual([]);
  });

  it('refuses to install what it cannot check', () => {
    const [release, prefix] = [temporaryFolder('release'), temporaryFolder('prefix')];
    makeRelease(release);
    const tools = join(temporaryFolder('tools'), 'bin');
    mkdirSync(tools);
    for (const tool of [
      'cp',
      'cut',
      'dirname',
      'find',
      'grep',
      'gzip',
      'head',
      'ls',
      'mkdir',
      'mktemp',
      'mv',
      'rm',
      'tar',
      'uname',
    ])
      execFileSync('/bin/sh', ['-c', `ln -s "$(command -v ${tool})" "${tools}/${tool}"`]);
    const { status, stderr } = install(release, prefix, tools);
    expect(status).toBe(1);
    expect(stderr).toContain('sha256sum, shasum or openssl');
    expect(readdirSync(prefix)).toEqual([]);
  });

  it('says so when a release has nothing for this machine', () => {
    const [release, prefix] = [temporaryFolder('release'), temporaryFolder('prefix')];
    writeFileSync(
      join(release, 'SHA256SUMS'),
      `${'0'.repeat(64)}  natsx-9.9.9-plan9-mips.tar.gz\n`,
    );
    const { status, stderr } = install(release, prefix);
    expect(status).toBe(1);
    expect(stderr).toContain(`no archive for ${system}-${machine}`);
  });
});
