#!/usr/bin/env node
/**
 * `npm run release:smoke`: runs the products in `release/` as a user would after an installation, each in an empty root:
 * the npm tarball with several Node.js versions, the archive, the .deb, the .rpm and the .apk, and the container image.
 * It prints one line for each check; what cannot run on this machine is left out with the reason. Exit code 1 if one fails.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

import { executableOf, releaseFacts, releaseFolder, sha256Of } from './package.mjs';
import { targets } from './package/targets.mjs';
import { isExecutable, programsOnPath, runProgram } from './find-program.mjs';
import { filesBelow } from './bundle-parts.mjs';
import { ensureNatsServer } from './nats-server.mjs';
import { findNode, otherMajors } from './nodes.mjs';
import { root } from './ready.mjs';
import { startNatsServer } from './start-nats-server.mjs';

const { version } = releaseFacts();
const work = mkdtempSync(join(tmpdir(), 'natsx-smoke-'));
const isRoot = process.getuid?.() === 0;
let failed = 0;

/** How programs of each system begin. */
const magic = new Map([
  ['linux', '7f454c46'],
  ['darwin', 'cffaedfe'],
  ['windows', '4d5a'],
]);

/** Why a check cannot be made here. */
class LeftOut extends Error {}

const server = await startNatsServer({
  binary: await ensureNatsServer(),
  folder: join(work, 'server'),
  config: `jetstream { store_dir: ${JSON.stringify(join(work, 'store'))} }`,
});
const [url = ''] = server.ports.nats;
try {
  await check('SHA256SUMS names every file, with its checksum', checksums);
  await check('no product names this machine, its user or a secret', nothingTelling);
  for (const major of ['', ...otherMajors])
    await check(`npm tarball on Node.js ${major || process.versions.node}`, () => tarball(major));
  for (const target of targets)
    await check(`executable for ${target.name}`, () => kindOfExecutable(target));
  await check('archive for linux-x64, in a folder that cannot be written', archive);
  await check('.deb in an empty root', () => inRoot(debRoot));
  await check('.rpm: its files', rpm);
  await check('.apk: its files', apk);
  await check('container image, as a user without rights', () => inRoot(imageRoot, '65532:65532'));
  await check('install.sh from the folder of the release', installer);
} finally {
  server.child.kill();
  await once(server.child, 'exit');
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;

/** @param {string} name @param {() => Promise<void> | void} run */
async function check(name, run) {
  try {
    await run();
    process.stdout.write(`ok        ${name}\n`);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (!(error instanceof LeftOut)) failed += 1;
    process.stdout.write(
      `${error instanceof LeftOut ? 'left out ' : 'FAILED   '} ${name}: ${text}\n`,
    );
  }
}

/** @param {string} name @returns {string} path of a product */
function product(name) {
  const file = join(releaseFolder, name);
  if (!existsSync(file)) throw new LeftOut(`release/${name} was not made`);
  return file;
}

function checksums() {
  const lines = readFileSync(product('SHA256SUMS'), 'utf8').trim().split('\n');
  const sums = new Map(
    lines.map((line) => /** @type {[string, string]} */ (line.split('  ').reverse())),
  );
  for (const entry of readdirSync(releaseFolder, { withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('SHA256SUMS')) continue;
    if (sums.get(entry.name) !== sha256Of(join(releaseFolder, entry.name)))
      throw new Error(`${entry.name} has another checksum, or none`);
  }
}

/** Looks into what the archives are made from: the executables, the npm tarball, and everything that is text. */
async function nothingTelling() {
  const unpacked = join(work, 'looked-into');
  mkdirSync(unpacked);
  await run('tar', '-xzf', product(`natsx-${version}.tgz`), '-C', unpacked);
  const files = [releaseFolder, unpacked].flatMap(filesBelow);
  const telling = [root, homedir() === '/root' ? '/root/.' : homedir()].map((text) =>
    Buffer.from(text),
  );
  const secrets =
    /-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{40}|npm_[A-Za-z0-9]{36}|ghp_[A-Za-z0-9]{36}/;
  for (const file of files) {
    const bytes = readFileSync(file);
    const found = telling.find((text) => bytes.includes(text));
    if (found !== undefined) throw new Error(`${file} contains ${found.toString()}`);
    if (bytes.length < 2 ** 22 && secrets.test(bytes.toString('latin1')))
      throw new Error(`${file} contains a secret`);
  }
}

/** @param {string} major */
async function tarball(major) {
  const file = product(`natsx-${version}.tgz`);
  const node = major === '' ? { path: process.execPath, reason: '' } : await findNode(major);
  if (node.path === undefined) throw new LeftOut(node.reason);
  const prefix = join(work, `npm-${major || 'own'}`);
  const quietly = ['--no-audit', '--no-fund', '--loglevel=error', '--offline'];
  await run('npm', 'install', '--global', ...quietly, '--prefix', prefix, file);
  await everyday([node.path, join(prefix, 'lib/node_modules/natsx/bin/run.js')]);
}

/** Only the beginning of a file for another system can be checked here. @param {import('./package/targets.mjs').Target} target */
function kindOfExecutable(target) {
  const file = executableOf(target);
  if (!existsSync(file)) throw new LeftOut('it was not made');
  const bytes = Buffer.alloc(4);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, bytes, 0, 4, 0);
  closeSync(descriptor);
  if (!bytes.toString('hex').startsWith(magic.get(target.system) ?? '-'))
    throw new Error(`it is not a program for ${target.system}`);
}

async function archive() {
  const folder = join(work, 'archive');
  mkdirSync(folder);
  await run('tar', '-xJf', product(`natsx-${version}-linux-x64.tar.xz`), '-C', folder);
  const [name = ''] = readdirSync(folder);
  for (const file of ['LICENSE', 'THIRD-PARTY-LICENSES.txt', 'completions/natsx.bash'])
    if (!existsSync(join(folder, name, file))) throw new Error(`${file} is missing`);
  chmodSync(join(folder, name), 0o555);
  try {
    await everyday([join(folder, name, 'natsx')], join(folder, name));
  } finally {
    chmodSync(join(folder, name), 0o755);
  }
}

/** @param {string} folder to fill */
async function debRoot(folder) {
  if (programsOnPath('dpkg-deb', process.env).length === 0)
    throw new LeftOut('there is no dpkg-deb here');
  await run('dpkg-deb', '-x', product(`natsx_${version}_amd64.deb`), folder);
  checkPlaces(folder);
  // What the package depends on.
  for (const library of ['libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0']) {
    const from = ['/lib/x86_64-linux-gnu', '/lib64', '/usr/lib64']
      .map((place) => join(place, library))
      .find((path) => existsSync(path));
    if (from === undefined) throw new LeftOut(`there is no ${library} here`);
    mkdirSync(join(folder, 'lib', 'x86_64-linux-gnu'), { recursive: true });
    copyFileSync(from, join(folder, 'lib', 'x86_64-linux-gnu', library));
  }
  mkdirSync(join(folder, 'lib64'), { recursive: true });
  copyFileSync('/lib64/ld-linux-x86-64.so.2', join(folder, 'lib64', 'ld-linux-x86-64.so.2'));
}

/** @param {string} folder */
function checkPlaces(folder) {
  const places = [
    'usr/bin/natsx',
    'usr/share/bash-completion/completions/natsx',
    'usr/share/zsh/site-functions/_natsx',
    'usr/share/fish/vendor_completions.d/natsx.fish',
    'usr/share/man/man1/natsx.1',
    'usr/share/doc/natsx/copyright',
  ];
  for (const place of places)
    if (!existsSync(join(folder, place))) throw new Error(`/${place} is missing`);
  if (!isExecutable(join(folder, 'usr/bin/natsx'))) throw new Error('it cannot be run');
}

async function rpm() {
  const file = product(`natsx-${version}-1.x86_64.rpm`);
  if (programsOnPath('bsdtar', process.env).length === 0)
    throw new LeftOut('there is no bsdtar (libarchive-tools) here, which unpacks it');
  const folder = join(work, 'rpm');
  mkdirSync(folder);
  await run('bsdtar', '-xf', file, '-C', folder);
  checkPlaces(folder);
  await everyday([join(folder, 'usr/bin/natsx')]);
}

async function apk() {
  const folder = join(work, 'apk');
  mkdirSync(folder);
  const file = product(`natsx_${version}_x86_64.apk`);
  // It is several archives, one after the other.
  await run('tar', '--ignore-zeros', '--warning=no-unknown-keyword', '-xzf', file, '-C', folder);
  checkPlaces(folder);
}

/** @param {string} folder to fill */
async function imageRoot(folder) {
  const layout = join(work, 'layout');
  mkdirSync(layout);
  await run('tar', '-xf', product(`natsx-${version}-oci-linux-x64.tar`), '-C', layout);
  const blob = (/** @type {{ digest: string, size: number }} */ { digest, size }) => {
    const bytes = readFileSync(join(layout, 'blobs', digest.replace(':', '/')));
    const sum = createHash('sha256').update(bytes).digest('hex');
    if (digest !== `sha256:${sum}` || bytes.length !== size)
      throw new Error(`a blob is not what the layout says: ${digest}`);
    return bytes;
  };
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'));
  const manifest = JSON.parse(blob(index.manifests[0]).toString());
  const { config } = JSON.parse(blob(manifest.config).toString());
  if (config.User !== '65532:65532') throw new Error(`it runs as ${config.User}`);
  for (const layer of manifest.layers) {
    blob(layer);
    const file = join(layout, 'blobs', layer.digest.replace(':', '/'));
    await run('tar', '-xzf', file, '-C', folder);
  }
}

/**
 * Runs natsx in a root of its own. The runtime reads /proc, which every container has.
 *
 * @param {(folder: string) => Promise<void>} fill
 * @param {string} [user]
 */
async function inRoot(fill, user = '0:0') {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new LeftOut('this is not Linux on x64');
  const folder = mkdtempSync(join(work, 'root-'));
  await fill(folder);
  if (!isRoot) throw new LeftOut('only root can change into another root');
  const proc = join(folder, 'proc');
  mkdirSync(proc, { recursive: true });
  await run('mount', '-t', 'proc', 'proc', proc).catch(() => {
    throw new LeftOut('/proc cannot be mounted here');
  });
  try {
    await everyday(['chroot', `--userspec=${user}`, folder, '/usr/bin/natsx']);
  } finally {
    await run('umount', proc);
  }
}

async function installer() {
  product('install.sh');
  const home = join(work, 'home');
  mkdirSync(home);
  const env = { PATH: process.env.PATH, HOME: home, NATSX_RELEASES: releaseFolder };
  const prefix = join(work, 'prefix');
  await runProgram('sh', [join(releaseFolder, 'install.sh')], {
    env: { ...env, NATSX_PREFIX: prefix },
    timeout: 120_000,
  });
  await everyday([join(prefix, 'bin', 'natsx')]);
}

/**
 * The commands of every day, and one that starts threads.
 *
 * @param {readonly string[]} words that start natsx
 * @param {string} [cwd]
 */
async function everyday([program = '', ...before], cwd = work) {
  const natsx = (/** @type {string[]} */ ...args) =>
    runProgram(program, [...before, ...args], {
      env: { PATH: process.env.PATH, HOME: work, NATS_URL: url },
      cwd,
      timeout: 60_000,
    });
  const said = await natsx('--version');
  if (!said.startsWith(`natsx/${version} `)) throw new Error(`--version prints ${said.trim()}`);
  await natsx('pub', 'smoke.a', 'hello', '--quiet');
  const info = JSON.parse(await natsx('info', '--json'));
  if (typeof info !== 'object') throw new Error('info --json prints no object');
  const help = await natsx('stream', 'ls', '--help');
  if (!help.includes('USAGE')) throw new Error('stream ls --help prints no help');
  const completion = await natsx('autocomplete', 'bash');
  if (!completion.includes('queue-sub')) throw new Error('the completion script is not whole');
  const report = JSON.parse(await natsx('bench', 'pubsub', 'smoke.b', '--msgs', '2000', '--json'));
  if (report.totals.received !== 2000) throw new Error('bench pubsub lost messages');
}

/** @param {string} program @param {...string} args */
function run(program, ...args) {
  return runProgram(program, args, { env: process.env, cwd: root, timeout: 300_000 });
}
