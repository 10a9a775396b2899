/** `.deb`, `.rpm` and `.apk` of one executable. */
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { filesBelow } from '../bundle-parts.mjs';
import { makePackage } from './nfpm.mjs';

/** @typedef {{ version: string, epochS: number, folder: string }} Release */

const architectures = { x64: 'amd64', arm64: 'arm64' };

/** The file names that each system's own tools give to packages. */
const fileNames = {
  deb: (/** @type {string} */ version, /** @type {string} */ arch) =>
    `natsx_${version}_${arch === 'x64' ? 'amd64' : 'arm64'}.deb`,
  rpm: (/** @type {string} */ version, /** @type {string} */ arch) =>
    `natsx-${version}-1.${arch === 'x64' ? 'x86_64' : 'aarch64'}.rpm`,
  apk: (/** @type {string} */ version, /** @type {string} */ arch) =>
    `natsx_${version}_${arch === 'x64' ? 'x86_64' : 'aarch64'}.apk`,
};

/**
 * @param {object} options
 * @param {string} options.rootFolder from `stageRoot`
 * @param {import('./targets.mjs').Target} options.target
 * @param {Release} options.release
 * @param {string} options.work folder for files in between
 * @returns {Promise<void>}
 */
export async function makeLinuxPackages({ rootFolder, target, release, work }) {
  const isMusl = target.name.endsWith('musl');
  /** @type {readonly ('deb' | 'rpm' | 'apk')[]} */
  const kinds = isMusl ? ['apk'] : ['deb', 'rpm'];
  const config = join(work, `nfpm-${target.name}.yaml`);
  writeFileSync(config, nfpmConfig(rootFolder, target, release));
  for (const kind of kinds) {
    const name = fileNames[kind](release.version, target.arch);
    const file = join(release.folder, name);
    await makePackage({ config, kind, file, epochS: release.epochS });
  }
}

/** @param {string} rootFolder @param {import('./targets.mjs').Target} target @param {Release} release */
function nfpmConfig(rootFolder, target, { version, epochS }) {
  const time = new Date(epochS * 1000).toISOString();
  const contents = filesBelow(rootFolder).map((path) => ({
    src: path,
    dst: `/${relative(rootFolder, path)}`,
    file_info: { mtime: time, mode: path.endsWith('/bin/natsx') ? 0o755 : 0o644 },
  }));
  // JSON is YAML as well.
  return JSON.stringify(
    {
      name: 'natsx',
      arch: architectures[target.arch],
      platform: 'linux',
      version,
      version_schema: 'semver',
      release: '1',
      mtime: time,
      section: 'net',
      priority: 'optional',
      maintainer: 'The natsx authors <natsx@localhost>',
      description: 'Operations tool for NATS: publish, subscribe, benchmark, explain backlogs',
      license: 'Apache-2.0',
      umask: 0o022,
      deb: { compression: 'zstd' },
      rpm: { compression: 'zstd', buildhost: 'localhost', group: 'Applications/Internet' },
      overrides: {
        deb: { depends: ['libc6 (>= 2.17)'] },
        apk: { depends: ['libstdc++', 'libgcc'] },
      },
      contents,
    },
    null,
    2,
  );
}
