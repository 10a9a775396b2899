#!/usr/bin/env node
/**
 * `npm run release:dry`: makes everything that a release publishes, and publishes nothing. The products are in
 * `release/`: the npm tarball, executables for all systems, Linux packages, a container image, formula and manifests,
 * the documentation site, a bill of materials, and `SHA256SUMS`.
 *
 *     npm run release:dry
 *     npm run release:dry -- --target linux-x64,linux-x64-musl
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { runProgram } from './find-program.mjs';
import {
  archiveName,
  executableOf,
  makeArchives,
  makeExecutables,
  releaseFacts,
  releaseFolder,
  sha256Of,
  work,
  writeChecksums,
} from './package.mjs';
import { writeManifests } from './package/manifests.mjs';
import { makeImage } from './package/oci.mjs';
import { targets, targetsNamed } from './package/targets.mjs';
import { build, ensurePackages, requireNode, root } from './ready.mjs';

const homepage = 'https://github.com/natsx/natsx';

const { values } = parseArgs({ options: { target: { type: 'string', default: 'all' } } });
try {
  await release();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function release() {
  requireNode();
  const wanted = targetsNamed(values.target);
  await ensurePackages();
  rmSync(releaseFolder, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  await build();
  await runScript('man.mjs');
  const facts = releaseFacts();
  await npm('pack', '--ignore-scripts', '--pack-destination', releaseFolder);
  await makeExecutables(wanted);
  await makeArchives(wanted);
  const forImage = wanted.find(({ name }) => name === 'linux-x64');
  if (forImage !== undefined) {
    const file = join(releaseFolder, `natsx-${facts.version}-oci-linux-x64.tar`);
    await makeImage({ program: executableOf(forImage), file, work, release: facts });
  }
  copyFileSync(join(root, 'contrib', 'install.sh'), join(releaseFolder, 'install.sh'));
  writeChecksums();
  if (wanted.length === targets.length) manifests(facts);
  await runScript('site.mjs');
  rmSync(work, { recursive: true, force: true });
  process.stdout.write(readFileSync(join(releaseFolder, 'SHA256SUMS'), 'utf8'));
}

/** Formula and manifests name all archives, so they need all targets. @param {{ version: string, epochS: number }} facts */
function manifests({ version, epochS }) {
  const folder = join(releaseFolder, 'manifests');
  writeManifests(
    {
      version,
      date: new Date(epochS * 1000).toISOString().slice(0, 10),
      url: `${homepage}/releases/download/v${version}`,
      homepage,
      sha256: (file) => sha256Of(join(releaseFolder, file)),
      archive: (name) => archiveName(targetsNamed(name)[0] ?? targetsNamed('all')[0], version),
    },
    folder,
  );
  checkManifests(folder);
}

/** Each address in a manifest is a file of the release, with its checksum beside it. @param {string} folder */
function checkManifests(folder) {
  const sums = new Map(
    readFileSync(join(releaseFolder, 'SHA256SUMS'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => /** @type {[string, string]} */ (line.split('  ').reverse())),
  );
  for (const path of [
    'homebrew/natsx.rb',
    'scoop/natsx.json',
    'winget/natsx.natsx.installer.yaml',
  ]) {
    const text = readFileSync(join(folder, path), 'utf8');
    const named = [
      ...text.matchAll(/\/(natsx-[^"/\s]+\.(?:zip|tar\.xz))[\s\S]*?\b([0-9a-fA-F]{64})\b/g),
    ];
    if (named.length === 0) throw new Error(`${path} names no archive`);
    for (const [, file = '', sum = ''] of named)
      if (sums.get(file) !== sum.toLowerCase())
        throw new Error(`${path} has another checksum of ${file} than SHA256SUMS`);
  }
}

/** @param {string} script */
async function runScript(script) {
  const file = join(root, 'scripts', script);
  await runProgram(process.execPath, [file], { env: process.env, cwd: root, timeout: 600_000 });
}

/** @param {...string} args */
async function npm(...args) {
  await runProgram('npm', args, { env: process.env, cwd: root, timeout: 600_000 });
}
