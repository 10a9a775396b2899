/** Where programs are looked for and kept: PATH, and a cache folder of natsx's own. */
import { execFile } from 'node:child_process';
import {
  accessSync,
  constants,
  mkdtempSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const suffix = process.platform === 'win32' ? '.exe' : '';

/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

/**
 * @typedef {object} Found
 * @property {string} path
 * @property {string} version `2.15.3`, or `unknown`
 */

/** Folders that hold servers on systems where a user's PATH leaves them out. */
const serverFolders = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/**
 * Paths of every program of that name on PATH, in its order.
 *
 * @param {string} name
 * @param {Environment} env
 * @param {{ serverFoldersToo?: boolean }} [options]
 * @returns {string[]}
 */
export function programsOnPath(name, env, { serverFoldersToo = false } = {}) {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  if (serverFoldersToo) folders.push(...serverFolders);
  return [...new Set(folders)].map((folder) => join(folder, name + suffix)).filter(isExecutable);
}

/**
 * Folder for what was installed for this program, one folder for each version.
 *
 * @param {string} name
 * @param {Environment} env
 */
export function cacheFolder(name, env) {
  const root = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  return join(root, 'natsx', name);
}

/**
 * Installed programs in the cache, in no particular order.
 *
 * @param {string} name
 * @param {Environment} env
 * @returns {string[]}
 */
export function programsInCache(name, env) {
  const folder = cacheFolder(name, env);
  try {
    return readdirSync(folder)
      .filter((entry) => !entry.startsWith('.'))
      .map((version) => join(folder, version, name + suffix))
      .filter(isExecutable);
  } catch {
    return [];
  }
}

/**
 * Fills a folder of the cache in one step, so that two processes that install at the same time do no harm to each other:
 * whoever is second uses what the first one has put there.
 *
 * @param {string} name
 * @param {string} version
 * @param {Environment} env
 * @param {(folder: string) => Promise<void>} fill puts the program, named `name`, into an empty folder
 * @returns {Promise<string>} path of the program
 */
export async function installIntoCache(name, version, env, fill) {
  const root = cacheFolder(name, env);
  mkdirSync(root, { recursive: true });
  const workshop = mkdtempSync(join(root, '.install-'));
  const home = join(root, version);
  try {
    await fill(workshop);
    if (!isExecutable(join(workshop, name + suffix))) {
      throw new Error(`there is no program ${name}${suffix} in what was installed`);
    }
    moveUnlessThere(workshop, home, name);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
  return join(home, name + suffix);
}

/**
 * @param {string} from
 * @param {string} to
 * @param {string} name
 */
function moveUnlessThere(from, to, name) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!isExecutable(join(to, name + suffix))) throw error;
  }
}

/**
 * Builds a Go program of a pinned version into a folder. What Go writes to the user's own cache stays there.
 *
 * @param {string} module e.g. `github.com/nats-io/nats-server/v2@v2.15.3`
 * @param {string} folder
 * @param {Environment} env
 */
export async function goInstall(module, folder, env) {
  await runProgram('go', ['install', '-trimpath', module], {
    env: { ...env, GOBIN: folder, CGO_ENABLED: '0' },
    timeout: 900_000,
  });
}

/**
 * Runs a program to its end without a terminal, so that nothing can ask anything.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env: Environment, cwd?: string, timeout?: number }} options
 * @returns {Promise<string>} stdout
 * @throws {Error} with the last line of what it said
 */
export async function runProgram(program, args, options) {
  const running = run(program, [...args], {
    ...options,
    env: { ...options.env },
    maxBuffer: 1 << 26,
  });
  running.child.stdin?.end();
  try {
    return (await running).stdout;
  } catch (error) {
    const { code, stderr } = /** @type {{ code?: unknown, stderr?: string }} */ (error);
    if (code === 'ENOENT') throw new Error(`there is no ${program} here`, { cause: error });
    const lastLine = (stderr ?? '').trim().split('\n').at(-1) || String(error);
    throw new Error(`${program} failed: ${lastLine}`, { cause: error });
  }
}

/**
 * Asks a program for its version.
 *
 * @param {string} path
 * @returns {Promise<string>} `2.15.3`; `unknown` when it says something else or nothing
 */
export async function versionOf(path) {
  try {
    const { stdout, stderr } = await run(path, ['--version'], { timeout: 10_000 });
    return /\bv?(\d+\.\d+\.\d+)\b/.exec(stdout + stderr)?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

/**
 * Orders versions; `unknown` comes before all others.
 *
 * @param {string} left
 * @param {string} right
 * @returns {number} negative when `left` is older
 */
export function compareVersions(left, right) {
  const numbers = (/** @type {string} */ version) =>
    version.split('.').map((part) => Number(part) || 0);
  const [a, b] = [numbers(left), numbers(right)];
  for (let place = 0; place < 3; place += 1) {
    const difference = (a[place] ?? 0) - (b[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** @param {string} path */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
