#!/usr/bin/env node
/**
 * Other Node.js versions to run natsx with: the npm package `node` holds real binaries (`node@22`). They are kept in natsx's
 * cache. `node scripts/nodes.mjs` prints their paths; a version that cannot be had is said and left out.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheFolder, isExecutable, runProgram, versionOf } from './find-program.mjs';

export const otherMajors = ['22', '24', '26'];

/**
 * @param {string} major such as `22`
 * @param {{ env?: import('./find-program.mjs').Environment, install?: boolean }} [options]
 * @returns {Promise<{ path: string | undefined, reason: string }>} without a path when it cannot be had
 */
export async function findNode(major, { env = process.env, install = true } = {}) {
  const folder = join(cacheFolder('node', env), major);
  const path = join(folder, 'node_modules', 'node', 'bin', 'node');
  try {
    if (!isExecutable(path)) {
      if (!install) return { path: undefined, reason: `Node.js ${major} is not in the cache` };
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
      // Without a network it is to be known at once.
      const quickly = ['--fetch-retries=0', '--no-audit', '--no-fund', '--loglevel=error'];
      const args = ['install', `node@${major}`, ...quickly];
      await runProgram('npm', args, { env, cwd: folder, timeout: 120_000 });
    }
    return { path, reason: await versionOf(path) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { path: undefined, reason: `Node.js ${major} cannot be had: ${why}` };
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const major of otherMajors) {
    const { path, reason } = await findNode(major);
    process.stdout.write(`${path === undefined ? reason : `${path} (${reason})`}\n`);
  }
}
