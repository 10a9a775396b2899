#!/usr/bin/env node
/**
 * Finds a real nats-server, or installs one into natsx's cache. `node scripts/nats-server.mjs` prints its path; each
 * attempt is told on stderr.
 */
import { pathToFileURL } from 'node:url';
import {
  cacheFolder,
  compareVersions,
  goInstall,
  installIntoCache,
  isExecutable,
  programsInCache,
  programsOnPath,
  versionOf,
} from './find-program.mjs';
import { releaseName, unpackRelease } from './release-archive.mjs';
import { fromSystemPackage } from './system-package.mjs';

/** What is installed where nothing recent is found. */
export const pinnedVersion = '2.15.3';
/** Older ones are used only when nothing else can be had. */
export const oldestWanted = '2.10.0';

const name = 'nats-server';
const releases = 'https://github.com/nats-io/nats-server/releases/download';

/**
 * @typedef {import('./find-program.mjs').Found} Found
 *
 * @typedef {object} EnsureOptions
 * @property {import('./find-program.mjs').Environment} [env] the process's own by default
 * @property {(line: string) => void} [say] told of each attempt; stderr by default
 * @property {boolean} [serverFoldersToo] look in `/usr/sbin` and the like as well, which many a PATH leaves out; true by
 * default
 * @property {string} [releasesUrl] where release folders (`v2.15.3/…`) are found
 *
 * @typedef {object} Attempt
 * @property {string} what said before it is tried
 * @property {() => Promise<string[]>} run paths of programs to consider; empty when there is none
 */

/**
 * Path of a nats-server that runs here: `NATSX_NATS_SERVER`, PATH, the cache, the official release, `go install`, the
 * system's package manager; in the end an older one, if there is any.
 *
 * @param {EnsureOptions} [options]
 * @returns {Promise<string>}
 * @throws {Error} that says what to do, when none can be had
 */
export async function ensureNatsServer(options = {}) {
  const env = options.env ?? process.env;
  const say = options.say ?? ((line) => process.stderr.write(`${name}: ${line}\n`));
  const named = env.NATSX_NATS_SERVER;
  if (named) {
    if (isExecutable(named)) return named;
    throw new Error(`NATSX_NATS_SERVER names ${named}, which is no program that can be run`);
  }
  /** @type {Found[]} */
  const older = [];
  for (const attempt of attempts(env, options)) {
    say(`${attempt.what} …`);
    const found = await candidates(attempt, say);
    const recent = found.find(({ version }) => compareVersions(version, oldestWanted) >= 0);
    if (recent !== undefined) {
      say(`using ${recent.path} (${recent.version})`);
      return recent.path;
    }
    for (const { path, version } of found)
      say(`${path} is ${version}: only if nothing newer can be had`);
    older.push(...found);
  }
  const best = older.sort((a, b) => compareVersions(b.version, a.version))[0];
  if (best === undefined) throw new Error(noServerMessage);
  say(`using ${best.path} (${best.version}), for want of a newer one`);
  return best.path;
}

const noServerMessage = [
  'no nats-server could be found or installed. Any one of these helps:',
  `  - download ${pinnedVersion} for this machine from https://github.com/nats-io/nats-server/releases`,
  '    and put it on PATH, or name it: export NATSX_NATS_SERVER=/path/to/nats-server',
  `  - install Go (https://go.dev/dl), then: go install github.com/nats-io/nats-server/v2@v${pinnedVersion}`,
  '  - install the package nats-server with apt-get, dnf, apk or brew',
].join('\n');

/**
 * @param {Attempt} attempt
 * @param {(line: string) => void} say
 * @returns {Promise<Found[]>} programs that tell their version
 */
async function candidates(attempt, say) {
  try {
    const paths = await attempt.run();
    if (paths.length === 0) say('  nothing there');
    const found = await Promise.all(
      paths.map(async (path) => ({ path, version: await versionOf(path) })),
    );
    return found.filter(({ version }) => version !== 'unknown');
  } catch (error) {
    say(`  ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

/**
 * @param {import('./find-program.mjs').Environment} env
 * @param {EnsureOptions} options
 * @returns {Attempt[]} in the order in which they are made
 */
function attempts(env, { releasesUrl = releases, serverFoldersToo = true }) {
  const baseUrl = `${releasesUrl}/v${pinnedVersion}`;
  const module = `github.com/nats-io/nats-server/v2@v${pinnedVersion}`;
  const install = (/** @type {(folder: string) => Promise<void>} */ fill) =>
    installIntoCache(name, pinnedVersion, env, fill);
  return [
    {
      what: 'looking on PATH',
      run: async () => programsOnPath(name, env, { serverFoldersToo }),
    },
    { what: `looking in ${cacheFolder(name, env)}`, run: async () => programsInCache(name, env) },
    {
      what: `downloading the official release ${pinnedVersion} (${process.platform}, ${process.arch})`,
      run: async () => {
        releaseName(name, pinnedVersion);
        const fill = (/** @type {string} */ folder) =>
          unpackRelease({ name, version: pinnedVersion, baseUrl, folder, env });
        return [await install(fill)];
      },
    },
    {
      what: `building it: go install ${module} (a minute or two)`,
      run: async () => [await install((folder) => goInstall(module, folder, env))],
    },
    {
      what: 'asking the package manager of the system',
      run: async () => [await fromSystemPackage(name, env)],
    },
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    process.stdout.write(`${await ensureNatsServer()}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
