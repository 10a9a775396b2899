#!/usr/bin/env node
/**
 * What a user installs: packs the package, installs it into an empty prefix, and writes sizes and start-up times into
 * `docs/performance.md`, between its markers.
 */
import { execFileSync } from 'node:child_process';
import { cpus, tmpdir } from 'node:os';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeReady, root } from './ready.mjs';

const page = join(root, 'docs', 'performance.md');
const markers = /(<!-- package-facts -->\n)[\s\S]*?(<!-- \/package-facts -->)/;
const runs = 15;

/**
 * @typedef {object} Installed
 * @property {string} entry of the installed program
 * @property {number} tarballBytes
 * @property {number} installedBytes
 * @property {number} files
 * @property {number} packages that npm has put there, natsx included
 * @property {readonly string[]} packed paths in the tarball
 */

/**
 * Packs natsx as it was built, and installs the tarball without a network into `folder`.
 *
 * @param {string} folder existing, empty
 * @returns {Installed}
 */
export function packAndInstall(folder) {
  const npm = (/** @type {readonly string[]} */ args) =>
    execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
  // Without its scripts: it was built already, and building while others run from it helps nobody.
  const [{ filename, size, files }] = JSON.parse(
    npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder]),
  );
  const prefix = join(folder, 'prefix');
  npm(['install', '--global', '--offline', '--prefix', prefix, join(folder, filename)]);
  const modules = join(prefix, 'lib', 'node_modules');
  const installed = filesBelow(modules);
  return {
    entry: join(modules, 'natsx', 'bin', 'run.js'),
    tarballBytes: size,
    installedBytes: installed.reduce((sum, file) => sum + statSync(file).size, 0),
    files: installed.length,
    packages: installed.filter((file) =>
      /node_modules[/\\](@[^/\\]+[/\\])?[^/\\]+[/\\]package\.json$/.test(file),
    ).length,
    packed: files.map((/** @type {{ path: string }} */ file) => file.path),
  };
}

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** @param {readonly string[]} args @returns {number} median time of a run, in ms */
function medianMs(args) {
  const times = Array.from({ length: runs }, () => {
    const startedAt = performance.now();
    execFileSync(process.execPath, args, { stdio: 'ignore' });
    return performance.now() - startedAt;
  });
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
}

/** @param {Installed} installed */
function table({ entry, tarballBytes, installedBytes, files, packages }) {
  const kib = (/** @type {number} */ bytes) => `${Math.round(bytes / 1024)} KiB`;
  const ms = (/** @type {number} */ time) => `${Math.round(time)} ms`;
  return [
    '| what | value |',
    '| --- | --- |',
    `| tarball | ${kib(tarballBytes)} |`,
    `| installed | ${kib(installedBytes)} in ${files} files |`,
    `| packages that npm installs | ${packages} |`,
    `| Node.js alone (\`node -e 0\`), median of ${runs} | ${ms(medianMs(['-e', '0']))} |`,
    `| \`natsx --version\`, median of ${runs} | ${ms(medianMs([entry, '--version']))} |`,
    `| \`natsx pub --help\`, median of ${runs} | ${ms(medianMs([entry, 'pub', '--help']))} |`,
    '',
    `Measured with Node.js ${process.versions.node} on ${cpus().length} cores by \`node scripts/package-facts.mjs\`.`,
    '',
  ].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await makeReady();
  const folder = mkdtempSync(join(tmpdir(), 'natsx-package-'));
  try {
    const text = table(packAndInstall(folder));
    const before = readFileSync(page, 'utf8');
    writeFileSync(page, before.replace(markers, `$1\n${text}\n$2`));
    process.stdout.write(text);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
