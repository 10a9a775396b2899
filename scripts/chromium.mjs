#!/usr/bin/env node
/**
 * Finds a Chromium for the tests and pictures of pages, or installs one. `node scripts/chromium.mjs` prints its path;
 * each attempt is told on stderr.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  cacheFolder,
  isExecutable,
  programsOnPath,
  runProgram,
  versionOf,
} from './find-program.mjs';
import { runAsRoot } from './system-package.mjs';

/** Names under which systems have it. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
/** Of the browser that playwright downloads. */
const downloadedNames = ['headless_shell', 'chrome-headless-shell', 'chrome-headless-shell.exe'];

const installTimeoutMs = 600_000;
/** Another process may be installing. */
const aptOptions = ['-q', '-o', 'DPkg::Lock::Timeout=300'];

/**
 * @typedef {import('./find-program.mjs').Environment} Environment
 *
 * @typedef {object} EnsureOptions
 * @property {Environment} [env] the process's own by default
 * @property {(line: string) => void} [say] told of each attempt; stderr by default
 * @property {string} [playwright] the program of playwright-core that downloads browsers
 */

/**
 * Path of a Chromium that runs here: `NATSX_CHROMIUM`, PATH, the cache, `apt-get install`, playwright's own download.
 *
 * @param {EnsureOptions} [options]
 * @returns {Promise<string>}
 * @throws {Error} that says what to do, when none can be had
 */
export async function ensureChromium(options = {}) {
  const env = options.env ?? process.env;
  const say = options.say ?? ((line) => process.stderr.write(`chromium: ${line}\n`));
  const named = env.NATSX_CHROMIUM;
  if (named) {
    if (isExecutable(named)) return named;
    throw new Error(`NATSX_CHROMIUM names ${named}, which is no program that can be run`);
  }
  for (const { what, run } of attempts(env, options)) {
    if (what !== undefined) say(`${what} …`);
    try {
      const path = await firstThatRuns(await run());
      if (path !== undefined) return path;
    } catch (error) {
      say(`  ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    'no Chromium could be found or installed: install the package chromium, or name one with NATSX_CHROMIUM',
  );
}

/**
 * @param {readonly string[]} paths
 * @returns {Promise<string | undefined>}
 */
async function firstThatRuns(paths) {
  for (const path of paths) {
    if ((await versionOf(path)) !== 'unknown') return path;
  }
  return undefined;
}

/**
 * @param {Environment} env
 * @param {EnsureOptions} options
 * @returns {{ what?: string, run: () => string[] | Promise<string[]> }[]}
 */
function attempts(env, { playwright = downloader }) {
  const cache = cacheFolder('chromium', env);
  return [
    { run: () => onPath(env) },
    { run: () => inFolder(cache) },
    {
      what: 'installing the package chromium',
      run: async () => {
        if (programsOnPath('apt-get', env).length === 0)
          throw new Error('there is no apt-get here');
        await aptInstall(env);
        return onPath(env);
      },
    },
    {
      what: 'downloading a headless one with playwright',
      run: async () => {
        await runProgram(process.execPath, [playwright, 'install', 'chromium-headless-shell'], {
          env: { ...env, PLAYWRIGHT_BROWSERS_PATH: cache },
          timeout: installTimeoutMs,
        });
        return inFolder(cache);
      },
    },
  ];
}

const downloader = join(import.meta.dirname, '..', 'node_modules', 'playwright-core', 'cli.js');

/** @param {Environment} env */
async function aptInstall(env) {
  const quiet = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: installTimeoutMs };
  // Without a font a page has no text.
  const packages = ['chromium', 'fonts-dejavu-core'];
  const install = () =>
    runAsRoot(
      'apt-get',
      [...aptOptions, 'install', '-y', '--no-install-recommends', ...packages],
      quiet,
    );
  await install().catch(async () => {
    // A fresh container has no package lists, and a list may be too old.
    await runAsRoot('apt-get', [...aptOptions, 'update'], quiet);
    await install();
  });
}

/** @param {Environment} env */
function onPath(env) {
  return names.flatMap((name) => programsOnPath(name, env));
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function inFolder(folder) {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => downloadedNames.includes(path.split(/[/\\]/).at(-1) ?? ''))
      .map((path) => join(folder, path))
      .filter(isExecutable);
  } catch {
    return [];
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    process.stdout.write(`${await ensureChromium()}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
