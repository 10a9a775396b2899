/** Bun, the runtime inside of the executables: from its npm packages, kept in natsx's cache. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, installIntoCache, isExecutable, runProgram } from '../find-program.mjs';

export const bunVersion = '1.4.5';

/** npm's names of architectures are Bun's, except for one. */
const architecture = process.arch === 'arm64' ? 'aarch64' : process.arch;
const system = process.platform === 'win32' ? 'windows' : process.platform;

/**
 * The runtime of one npm package; it is downloaded unless it is in the cache.
 *
 * @param {string} [packageName] `@oven/bun-linux-x64`; by default the one that runs here
 * @returns {Promise<string>} its path
 */
export async function findBun(packageName = `@oven/bun-${system}-${architecture}`) {
  const kind = packageName.replace('@oven/', '');
  const name = kind.includes('windows') ? 'bun.exe' : 'bun';
  const cached = join(cacheFolder('bun', process.env), `${bunVersion}-${kind}`, 'bun');
  if (isExecutable(cached)) return cached;
  process.stderr.write(`bun: downloading ${packageName}@${bunVersion} …\n`);
  return installIntoCache('bun', `${bunVersion}-${kind}`, process.env, async (folder) => {
    const options = { env: process.env, cwd: folder, timeout: 300_000 };
    const args = ['pack', `${packageName}@${bunVersion}`, '--silent'];
    const archive = (await runProgram('npm', args, options)).trim();
    mkdirSync(join(folder, 'unpacked'));
    await runProgram('tar', ['-xzf', archive, '-C', 'unpacked'], options);
    renameSync(join(folder, 'unpacked', 'package', 'bin', name), join(folder, 'bun'));
    rmSync(join(folder, 'unpacked'), { recursive: true });
    rmSync(join(folder, archive));
  });
}
