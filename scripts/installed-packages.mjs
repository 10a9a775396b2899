/**
 * Whether node_modules holds what the lock file asks for. By content and never by the times of files: a checkout gives
 * every file a new time, and a node_modules that is a link has times of its own.
 */
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {boolean} [optional] for some machines only
 * @property {boolean} [link]
 *
 * @typedef {Readonly<Record<string, LockedPackage>>} LockedPackages by path, e.g. `node_modules/chalk`
 */

/** @param {string} folder of the project */
export function packagesAreInstalled(folder) {
  const wanted = packagesIn(join(folder, 'package-lock.json'));
  // npm writes it when an installation is complete.
  const installed = packagesIn(join(folder, 'node_modules', '.package-lock.json'));
  if (wanted === undefined || installed === undefined) return false;
  return Object.entries(wanted).every(([path, { version, optional = false }]) => {
    if (path === '') return true;
    const have = installed[path];
    return have === undefined ? optional : have.version === version;
  });
}

/**
 * Installing through a link would empty the folder of somebody else that it leads to.
 *
 * @param {string} folder of the project
 */
export function packagesAreLinked(folder) {
  const facts = lstatSync(join(folder, 'node_modules'), { throwIfNoEntry: false });
  return facts?.isSymbolicLink() ?? false;
}

/**
 * @param {string} lockFile
 * @returns {LockedPackages | undefined} undefined: there is none, or it cannot be read
 */
function packagesIn(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
