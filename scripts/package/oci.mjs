/**
 * A container image as an OCI layout, made without a container tool: the program, the C library that it needs (from
 * Debian's package) and a user without rights. The `Dockerfile` makes the same image for other architectures.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { runProgram } from '../find-program.mjs';
import { tarOfContents } from './archive.mjs';

const libraries = ['libc.so.6', 'libm.so.6', 'libpthread.so.0', 'libdl.so.2', 'libresolv.so.2'];
const user = '65532';

/**
 * @param {object} options
 * @param {string} options.program executable for linux-x64
 * @param {string} options.file a tar of the layout
 * @param {string} options.work folder for files in between
 * @param {{ version: string, epochS: number }} options.release
 */
export async function makeImage({ program, file, work, release }) {
  const rootFolder = join(work, 'image-root');
  const layout = join(work, 'image-layout');
  for (const folder of [rootFolder, layout]) rmSync(folder, { recursive: true, force: true });
  await fillRoot(rootFolder, program, work);
  const layerFile = join(work, 'image-layer.tar');
  await tarOfContents(rootFolder, layerFile, release.epochS);
  writeLayout(layout, readFileSync(layerFile), release);
  await tarOfContents(layout, file, release.epochS);
}

/** @param {string} folder @param {string} program @param {string} work */
async function fillRoot(folder, program, work) {
  const put = (/** @type {string} */ path, /** @type {string} */ text) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  mkdirSync(join(folder, 'usr', 'bin'), { recursive: true });
  copyFileSync(program, join(folder, 'usr', 'bin', 'natsx'));
  put(
    'etc/passwd',
    `root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:${user}:${user}:nonroot:/home/nonroot:/sbin/nologin\n`,
  );
  put('etc/group', `root:x:0:\nnonroot:x:${user}:\n`);
  put('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n');
  mkdirSync(join(folder, 'home', 'nonroot'), { recursive: true });
  const libc = await unpackedLibc(work);
  const places = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'].map((place) =>
    join(libc, place),
  );
  const from = places.find((place) => existsSync(join(place, 'libc.so.6'))) ?? '';
  const to = join(folder, 'lib', 'x86_64-linux-gnu');
  mkdirSync(to, { recursive: true });
  mkdirSync(join(folder, 'lib64'));
  for (const library of libraries) copyFileSync(join(from, library), join(to, library));
  copyFileSync(join(from, 'ld-linux-x86-64.so.2'), join(folder, 'lib64', 'ld-linux-x86-64.so.2'));
  cpSync(join(libc, 'usr/share/doc/libc6'), join(folder, 'usr/share/doc/libc6'), {
    recursive: true,
    filter: (path) => !path.endsWith('.gz'),
  });
}

/** Debian's C library in a folder. @param {string} work @returns {Promise<string>} */
async function unpackedLibc(work) {
  const folder = mkdtempSync(join(work, 'libc-'));
  const options = { env: process.env, cwd: folder, timeout: 300_000 };
  await runProgram('apt-get', ['download', '-q', 'libc6'], options);
  const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
  if (archive === undefined) throw new Error('apt-get downloaded no libc6');
  await runProgram('dpkg-deb', ['-x', archive, 'root'], options);
  return join(folder, 'root');
}

/**
 * @param {string} folder
 * @param {Buffer} layer tar
 * @param {{ version: string, epochS: number }} release
 */
function writeLayout(folder, layer, { version, epochS }) {
  const blobs = join(folder, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const blob = (/** @type {string} */ mediaType, /** @type {Buffer} */ bytes) => {
    const hex = sha256(bytes);
    writeFileSync(join(blobs, hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const json = (/** @type {unknown} */ value) => Buffer.from(JSON.stringify(value));
  const created = new Date(epochS * 1000).toISOString();
  const type = (/** @type {string} */ name) => `application/vnd.oci.image.${name}`;
  const labels = {
    'org.opencontainers.image.title': 'natsx',
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.licenses': 'Apache-2.0 AND MIT AND LGPL-2.1-or-later',
  };
  const config = blob(
    type('config.v1+json'),
    json({
      created,
      architecture: 'amd64',
      os: 'linux',
      config: {
        User: `${user}:${user}`,
        Env: ['PATH=/usr/bin', 'HOME=/home/nonroot'],
        Entrypoint: ['/usr/bin/natsx'],
        WorkingDir: '/home/nonroot',
        Labels: labels,
      },
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
      history: [{ created, created_by: 'natsx: scripts/package/oci.mjs' }],
    }),
  );
  const layers = [blob(type('layer.v1.tar+gzip'), gzipSync(layer, { level: 9 }))];
  const manifestType = type('manifest.v1+json');
  const manifest = blob(
    manifestType,
    json({ schemaVersion: 2, mediaType: manifestType, config, layers, annotations: labels }),
  );
  const named = {
    ...manifest,
    platform: { architecture: 'amd64', os: 'linux' },
    annotations: { 'org.opencontainers.image.ref.name': version },
  };
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(
    join(folder, 'index.json'),
    json({ schemaVersion: 2, mediaType: type('index.v1+json'), manifests: [named] }),
  );
}

/** @param {Buffer} bytes */
function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
