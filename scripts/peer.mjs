#!/usr/bin/env node
/**
 * Finds the official `nats` tool, or builds it into natsx's cache. Only comparisons and interoperability tests need it,
 * so its absence is an answer, not an error. `node scripts/peer.mjs` prints its path; exit code 1 when it cannot be had.
 */
import { pathToFileURL } from 'node:url';
import {
  cacheFolder,
  goInstall,
  installIntoCache,
  isExecutable,
  programsInCache,
  programsOnPath,
} from './find-program.mjs';

export const peerVersion = '0.5.1';
const name = 'nats';
const module = `github.com/nats-io/natscli/nats@v${peerVersion}`;

/**
 * @typedef {object} Peer
 * @property {string | undefined} path undefined when it cannot be had
 * @property {string} reason where it was found, or why it cannot be had; for people
 */

/**
 * `NATSX_PEER`, PATH, the cache, `go install` (unless `install` is false).
 *
 * @param {{ env?: import('./find-program.mjs').Environment, say?: (line: string) => void, install?: boolean }} [options]
 * @returns {Promise<Peer>}
 */
export async function findPeer(options = {}) {
  const { env = process.env, install = true } = options;
  const say = options.say ?? ((line) => process.stderr.write(`${name}: ${line}\n`));
  const named = env.NATSX_PEER;
  if (named) {
    if (isExecutable(named)) return { path: named, reason: 'named by NATSX_PEER' };
    return {
      path: undefined,
      reason: `NATSX_PEER names ${named}, which is no program that can be run`,
    };
  }
  const onPath = programsOnPath(name, env)[0];
  if (onPath !== undefined) return { path: onPath, reason: 'found on PATH' };
  const cached = programsInCache(name, env)[0];
  if (cached !== undefined) return { path: cached, reason: `found in ${cacheFolder(name, env)}` };
  if (!install)
    return { path: undefined, reason: 'the nats tool is neither on PATH nor in the cache' };
  say(`building it: go install ${module} (a minute or two) …`);
  try {
    const fill = (/** @type {string} */ folder) => goInstall(module, folder, env);
    return {
      path: await installIntoCache(name, peerVersion, env, fill),
      reason: `built with go install ${module}`,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { path: undefined, reason: `the nats tool cannot be had: ${why}` };
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { path, reason } = await findPeer();
  process.stderr.write(`${name}: ${reason}\n`);
  if (path === undefined) process.exitCode = 1;
  else process.stdout.write(`${path}\n`);
}
