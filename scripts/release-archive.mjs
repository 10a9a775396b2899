/** Downloads an official release archive, and trusts it only when its checksum is the published one. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './find-program.mjs';

/** A closed network must be noticed at once; a slow one may take its time for the archive itself. */
const connectTimeoutMs = 5_000;
const downloadTimeoutMs = 300_000;

const platforms = { linux: 'linux', darwin: 'darwin', freebsd: 'freebsd', win32: 'windows' };
const architectures = {
  x64: 'amd64',
  arm64: 'arm64',
  arm: 'arm7',
  ia32: '386',
  s390x: 's390x',
  ppc64: 'ppc64le',
};

/**
 * Name of a release archive without its extension: `nats-server-v2.15.3-linux-amd64`.
 *
 * @param {string} name
 * @param {string} version
 * @param {{ platform?: string, arch?: string }} [machine] this machine when left out
 * @throws {Error} for a machine that no release is made for
 */
export function releaseName(
  name,
  version,
  { platform = process.platform, arch = process.arch } = {},
) {
  const system = /** @type {Record<string, string>} */ (platforms)[platform];
  const processor = /** @type {Record<string, string>} */ (architectures)[arch];
  if (system === undefined || processor === undefined) {
    throw new Error(`no release is made for ${platform} on ${arch}`);
  }
  return `${name}-v${version}-${system}-${processor}`;
}

/**
 * Puts the program of a release into a folder.
 *
 * @param {object} release
 * @param {string} release.name name of the program
 * @param {string} release.version
 * @param {string} release.baseUrl folder of the release, without a closing slash
 * @param {string} release.folder existing, empty
 * @param {import('./find-program.mjs').Environment} release.env
 * @throws {Error} when the network is closed, the checksum is missing or another, or the archive cannot be unpacked
 */
export async function unpackRelease({ name, version, baseUrl, folder, env }) {
  const archive = `${releaseName(name, version)}${process.platform === 'win32' ? '.zip' : '.tar.gz'}`;
  const sums = await download(`${baseUrl}/SHA256SUMS`);
  const bytes = await download(`${baseUrl}/${archive}`);
  verifyChecksum(archive, bytes, sums.toString('utf8'));
  const file = join(folder, archive);
  writeFileSync(file, bytes);
  // The archive holds one folder of its own name. tar reads zip files as well on Windows.
  await runProgram('tar', ['-xf', file, '-C', folder, '--strip-components=1'], { env });
}

/**
 * @param {string} archive file name as the list of checksums has it
 * @param {Uint8Array} bytes
 * @param {string} sums text of SHA256SUMS: `<hex>  <file name>` lines
 * @throws {Error} when the list does not name the archive, or names another checksum
 */
export function verifyChecksum(archive, bytes, sums) {
  const line = sums.split('\n').find((each) => each.trim().split(/\s+\*?/)[1] === archive);
  if (line === undefined) throw new Error(`SHA256SUMS does not name ${archive}`);
  const expected = line.trim().split(/\s+/)[0]?.toLowerCase();
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== expected) {
    throw new Error(`checksum of ${archive} is ${actual}, published is ${expected}: not used`);
  }
}

/**
 * @param {string} url
 * @returns {Promise<Buffer>}
 */
async function download(url) {
  const give = new AbortController();
  const connecting = setTimeout(() => give.abort(), connectTimeoutMs);
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([give.signal, AbortSignal.timeout(downloadTimeoutMs)]),
    });
    clearTimeout(connecting);
    if (!response.ok) throw new Error(`${url} answers ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    throw new Error(`cannot download ${url}: ${reasonOf(error)}`, { cause: error });
  } finally {
    clearTimeout(connecting);
  }
}

/** @param {unknown} error */
function reasonOf(error) {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return `no answer within ${connectTimeoutMs / 1_000} s`;
  // fetch says "fetch failed" and keeps the reason to itself.
  return error.cause instanceof Error ? error.cause.message : error.message;
}
