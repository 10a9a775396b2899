/**
 * Brings a checkout into the state in which natsx runs: packages installed, a nats-server at hand, the program built.
 * It imports nothing but Node's own modules, since in a fresh clone there is nothing else. The demo and the tests
 * both begin here.
 */
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packagesAreInstalled, packagesAreLinked } from './installed-packages.mjs';
import { ensureNatsServer } from './nats-server.mjs';

export const root = join(import.meta.dirname, '..');

/** What the program is built from. */
const buildInputs = [
  'src',
  'package.json',
  'package-lock.json',
  'scripts/build.mjs',
  'scripts/bundle-parts.mjs',
];
const oldestNode = [20, 12];

/**
 * @typedef {object} Ready
 * @property {string} natsServer path of a nats-server
 */

/**
 * Does whatever is missing, and says what it does on stderr.
 *
 * @returns {Promise<Ready>}
 * @throws {Error} naming the step that failed
 */
export async function makeReady() {
  requireNode();
  await ensurePackages();
  const natsServer = await ensureNatsServer();
  await ensureBuilt();
  return { natsServer };
}

/** @throws {Error} on a Node.js that is too old */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = oldestNode;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new Error(
    `natsx needs Node.js ${oldestNode.join('.')} or later, this is ${process.version}`,
  );
}

/**
 * Installs the packages of the lock file when there are none, or others.
 *
 * @throws {Error} when npm fails, or node_modules is a link to something else
 */
export async function ensurePackages() {
  if (packagesAreInstalled(root)) return;
  if (packagesAreLinked(root)) {
    throw new Error(
      'node_modules is a link to packages other than those of package-lock.json: install there, or remove the link',
    );
  }
  say('installing packages: npm ci …');
  // With those for development whatever NODE_ENV says: everything is built from them.
  const quietly = ['--no-audit', '--no-fund', '--loglevel=error'];
  await runStep('npm', ['ci', '--include=dev', ...quietly]);
}

/** Builds the program when it was never built, or from older sources. */
export async function ensureBuilt() {
  if (isBuilt()) return;
  await build();
}

/** Builds the program. */
export async function build() {
  say('building natsx …');
  await runStep(process.execPath, [join('scripts', 'build.mjs')]);
}

/** Whether what was built is as new as what it is built from. */
export function isBuilt() {
  // The manifest is the last thing that a build writes.
  const builtAt = modifiedAt(join(root, 'oclif.manifest.json'));
  return builtAt > 0 && buildInputs.every((input) => newestBelow(join(root, input)) <= builtAt);
}

/**
 * Runs one step with its output on our stderr: stdout belongs to whoever called.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<void>}
 */
function runStep(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', process.stderr.fd, process.stderr.fd],
      // npm is a batch file there, which only a shell can run.
      shell: process.platform === 'win32',
    });
    child.once('error', (error) =>
      reject(new Error(`${program} cannot be run: ${error.message}`, { cause: error })),
    );
    child.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(
            `${program} ${args.join(' ')} failed with exit code ${code}: what it said stands above`,
          ),
        );
    });
  });
}

/**
 * @param {string} path a file or a folder
 * @returns {number} when the newest file in it was modified, in ms
 */
function newestBelow(path) {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (!facts?.isDirectory()) return facts?.mtimeMs ?? 0;
  const times = readdirSync(path).map((entry) => newestBelow(join(path, entry)));
  return Math.max(facts.mtimeMs, ...times);
}

/** @param {string} file */
function modifiedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}
