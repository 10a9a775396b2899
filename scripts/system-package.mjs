/** nats-server from the system's own package manager, without ever asking anybody anything. */
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installIntoCache, programsOnPath, runProgram, versionOf } from './find-program.mjs';

/** @typedef {import('./find-program.mjs').Environment} Environment */

const installTimeoutMs = 300_000;

/** Package managers that install for the whole system, with the words that keep them from asking. */
const installers = [
  { program: 'dnf', args: ['install', '-y', 'nats-server'], asRoot: true },
  { program: 'apk', args: ['add', '--no-cache', 'nats-server'], asRoot: true },
  { program: 'brew', args: ['install', '--quiet', 'nats-server'], asRoot: false },
];

/**
 * @param {string} name
 * @param {Environment} env
 * @returns {Promise<string>} path of the program
 * @throws {Error} when there is no package manager, or none that may install
 */
export async function fromSystemPackage(name, env) {
  if (programsOnPath('apt-get', env).length > 0) return fromDebianPackage(name, env);
  const installer = installers.find(({ program }) => programsOnPath(program, env).length > 0);
  if (installer === undefined) throw new Error('there is no apt-get, dnf, apk or brew here');
  const { program, args, asRoot } = installer;
  await (asRoot ? runAsRoot : runProgram)(program, args, { env, timeout: installTimeoutMs });
  const path = programsOnPath(name, env, { serverFoldersToo: true })[0];
  if (path === undefined)
    throw new Error(`${program} installed ${name}, but it is nowhere to be found`);
  return path;
}

/**
 * Debian's package would start a service on the usual port; all that is wanted here is the program. Downloading and
 * unpacking the package needs no rights either.
 *
 * @param {string} name
 * @param {Environment} env
 */
async function fromDebianPackage(name, env) {
  const quiet = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: installTimeoutMs };
  let version = 'unknown';
  const path = await installIntoCache(name, 'debian', env, async (folder) => {
    const fetchPackage = () =>
      runProgram('apt-get', ['download', '-q', name], { ...quiet, cwd: folder });
    await fetchPackage().catch(async () => {
      // A fresh container has no package lists.
      await runAsRoot('apt-get', ['update', '-q'], quiet);
      await fetchPackage();
    });
    const archive = readdirSync(folder).find((file) => file.endsWith('.deb'));
    if (archive === undefined) throw new Error('apt-get downloaded nothing');
    const unpacked = join(folder, 'unpacked');
    await runProgram('dpkg-deb', ['-x', join(folder, archive), unpacked], quiet);
    const program = ['usr/sbin', 'usr/bin']
      .map((place) => join(unpacked, place, name))
      .find((each) => existsSync(each));
    if (program === undefined) throw new Error(`the package ${archive} holds no ${name}`);
    copyFileSync(program, join(folder, name));
    rmSync(unpacked, { recursive: true });
    rmSync(join(folder, archive));
    version = await versionOf(join(folder, name));
  });
  if (version === 'unknown') throw new Error('the packaged program does not run here');
  return path;
}

/**
 * As root, or through sudo when that needs no password.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env: Environment, timeout?: number }} options
 */
export function runAsRoot(program, args, options) {
  if (process.getuid?.() === 0) return runProgram(program, args, options);
  return runProgram('sudo', ['-n', program, ...args], options);
}
