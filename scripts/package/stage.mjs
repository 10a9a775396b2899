/** The files that go beside the program into archives and packages. */
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { runProgram } from '../find-program.mjs';
import { root } from '../ready.mjs';

/** Where Linux's packages have each shell's completion script. */
const completionPlaces = {
  bash: 'usr/share/bash-completion/completions/natsx',
  zsh: 'usr/share/zsh/site-functions/_natsx',
  fish: 'usr/share/fish/vendor_completions.d/natsx.fish',
};

/** Man pages, where they were built. */
const manual = join(root, 'man');

/** @returns {Promise<ReadonlyMap<string, string>>} completion scripts by shell */
async function completions() {
  const entry = join(root, 'bin', 'run.js');
  const texts = Object.keys(completionPlaces).map(async (shell) => {
    const args = [entry, 'autocomplete', shell];
    const text = await runProgram(process.execPath, args, { env: process.env });
    return /** @type {const} */ ([shell, text]);
  });
  return new Map(await Promise.all(texts));
}

/**
 * A folder as an archive has it: the program, its licences, completion scripts and man pages.
 *
 * @param {string} program path of the executable
 * @param {string} folder to create
 * @param {string} name of the program in it
 */
export async function stageArchive(program, folder, name) {
  mkdirSync(join(folder, 'completions'), { recursive: true });
  copyFileSync(program, join(folder, name));
  chmodSync(join(folder, name), 0o755);
  for (const file of ['LICENSE', 'README.md', 'CHANGELOG.md'])
    copyFileSync(join(root, file), join(folder, file));
  copyFileSync(
    join(root, 'dist', 'THIRD-PARTY-LICENSES.txt'),
    join(folder, 'THIRD-PARTY-LICENSES.txt'),
  );
  for (const [shell, text] of await completions())
    writeFileSync(join(folder, 'completions', `natsx.${shell}`), text);
  if (existsSync(manual)) cpSync(manual, join(folder, 'man'), { recursive: true });
}

/**
 * A folder as the root of a file system has it after installation.
 *
 * @param {string} program path of the executable
 * @param {string} folder to create
 */
export async function stageRoot(program, folder) {
  const put = (/** @type {string} */ from, /** @type {string} */ place, mode = 0o644) => {
    const to = join(folder, place);
    mkdirSync(join(to, '..'), { recursive: true });
    copyFileSync(from, to);
    chmodSync(to, mode);
  };
  put(program, 'usr/bin/natsx', 0o755);
  put(join(root, 'LICENSE'), 'usr/share/doc/natsx/copyright');
  put(
    join(root, 'dist', 'THIRD-PARTY-LICENSES.txt'),
    'usr/share/doc/natsx/THIRD-PARTY-LICENSES.txt',
  );
  for (const [shell, text] of await completions()) {
    const to = join(folder, completionPlaces[/** @type {'bash'} */ (shell)]);
    mkdirSync(join(to, '..'), { recursive: true });
    writeFileSync(to, text);
  }
  if (existsSync(manual))
    cpSync(manual, join(folder, 'usr', 'share', 'man', 'man1'), { recursive: true });
}
