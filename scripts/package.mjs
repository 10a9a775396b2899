#!/usr/bin/env node
/**
 * Makes natsx's executables, each a single file with its runtime: no Node.js is needed to run them.
 *
 *     npm run package -- --target linux-x64
 *     npm run package -- --target all
 *     npm run package -- --target linux-x64 --only-executables
 *
 * `release/` gets an archive for each target, Linux packages, a bill of materials and `SHA256SUMS`;
 * `release/executables/TARGET/` has the bare programs. The runtimes are downloaded from the npm registry once.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';

import { tarXz, zip } from './package/archive.mjs';
import { bundleProgram, compileExecutable } from './package/executable.mjs';
import { makeLinuxPackages } from './package/linux-packages.mjs';
import { billOfMaterials } from './package/sbom.mjs';
import { stageArchive, stageRoot } from './package/stage.mjs';
import { targetsNamed } from './package/targets.mjs';
import { ensureBuilt, ensurePackages, requireNode, root } from './ready.mjs';

export const releaseFolder = join(root, 'release');
export const work = join(releaseFolder, '.work');

/** Version, and the time that all files in archives get: that of the last commit. */
export function releaseFacts() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const given = process.env.SOURCE_DATE_EPOCH;
  const committed = () =>
    execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  const epochS = Number(given ?? committed());
  return { version: String(version), epochS, folder: releaseFolder };
}

/** @param {import('./package/targets.mjs').Target} target @param {string} version */
export function archiveName({ name, system }, version) {
  return `natsx-${version}-${name}${system === 'windows' ? '.zip' : '.tar.xz'}`;
}

/** @param {import('./package/targets.mjs').Target} target */
export function executableOf({ name, suffix }) {
  return join(releaseFolder, 'executables', name, `natsx${suffix}`);
}

/**
 * Compiles the executables of these targets.
 *
 * @param {readonly import('./package/targets.mjs').Target[]} wanted
 */
export async function makeExecutables(wanted) {
  const files = await bundleProgram(join(work, 'bundle'));
  for (const target of wanted) {
    const file = executableOf(target);
    rmSync(file, { force: true });
    await compileExecutable({ files, target, file });
    say(`${target.name}: ${mebibytes(file)}`);
  }
}

/**
 * Makes archives and packages from executables.
 *
 * @param {readonly import('./package/targets.mjs').Target[]} wanted
 */
export async function makeArchives(wanted) {
  const release = releaseFacts();
  for (const target of wanted) {
    const program = executableOf(target);
    const name = archiveName(target, release.version);
    const folder = join(work, name.replace(/\.(tar\.xz|zip)$/, ''));
    rmSync(folder, { recursive: true, force: true });
    await stageArchive(program, folder, `natsx${target.suffix}`);
    const file = join(releaseFolder, name);
    if (target.system === 'windows') zip(folder, file, release.epochS);
    else await tarXz(folder, file, release.epochS);
    say(`${name}: ${mebibytes(file)}`);
    if (target.system !== 'linux') continue;
    const rootFolder = join(work, `root-${target.name}`);
    rmSync(rootFolder, { recursive: true, force: true });
    await stageRoot(program, rootFolder);
    await makeLinuxPackages({ rootFolder, target, release, work });
  }
  writeFileSync(
    join(releaseFolder, `natsx-${release.version}.cdx.json`),
    await billOfMaterials(release),
  );
  copyFileSync(
    join(root, 'dist', 'THIRD-PARTY-LICENSES.txt'),
    join(releaseFolder, 'THIRD-PARTY-LICENSES.txt'),
  );
}

/** Writes the checksums of all files of the release. */
export function writeChecksums() {
  const lines = readdirSync(releaseFolder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'SHA256SUMS')
    .map(({ name }) => name)
    .sort()
    .map((name) => `${sha256Of(join(releaseFolder, name))}  ${name}\n`);
  writeFileSync(join(releaseFolder, 'SHA256SUMS'), lines.join(''));
}

/** @param {string} file @returns {string} in hexadecimal digits */
export function sha256Of(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** @param {string} file */
function mebibytes(file) {
  return `${(statSync(file).size / 2 ** 20).toFixed(1)} MiB`;
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', default: 'all' },
      'only-executables': { type: 'boolean', default: false },
    },
  });
  try {
    requireNode();
    const wanted = targetsNamed(values.target);
    await ensurePackages();
    await ensureBuilt();
    mkdirSync(work, { recursive: true });
    await makeExecutables(wanted);
    if (!values['only-executables']) {
      await makeArchives(wanted);
      writeChecksums();
    }
    rmSync(work, { recursive: true, force: true });
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
