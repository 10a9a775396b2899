/** Archives that are the same, byte for byte, when they are made again. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative, sep } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';

import { filesBelow } from '../bundle-parts.mjs';
import { runProgram } from '../find-program.mjs';

/**
 * A `.tar.xz` of one folder: names in order, one time for all files, no user.
 *
 * @param {string} folder
 * @param {string} file
 * @param {number} epochS
 */
export async function tarXz(folder, file, epochS) {
  await tar(folder, file, epochS, '--use-compress-program=xz -6 --threads=2 --block-size=64MiB');
}

/**
 * A `.tar` of what is in a folder, without the folder itself.
 *
 * @param {string} folder
 * @param {string} file
 * @param {number} epochS
 */
export async function tarOfContents(folder, file, epochS) {
  await runProgram('tar', [...tarFlags(epochS), '-cf', file, '-C', folder, '.'], options());
}

/** @param {string} folder @param {string} file @param {number} epochS @param {string} compress */
async function tar(folder, file, epochS, compress) {
  const what = ['-cf', file, '-C', dirname(folder), basename(folder)];
  await runProgram('tar', [...tarFlags(epochS), compress, ...what], options());
}

/** @param {number} epochS */
function tarFlags(epochS) {
  const nobody = ['--owner=0', '--group=0', '--numeric-owner'];
  return ['--sort=name', `--mtime=@${epochS}`, ...nobody, '--format=gnu'];
}

function options() {
  return { env: process.env, timeout: 600_000 };
}

/**
 * A `.zip` of one folder, which Windows opens without another program.
 *
 * @param {string} folder
 * @param {string} file
 * @param {number} epochS
 */
export function zip(folder, file, epochS) {
  /** @type {Buffer[]} */
  const parts = [];
  /** @type {Buffer[]} */
  const directory = [];
  let offset = 0;
  const files = filesBelow(folder);
  for (const path of files) {
    const name = Buffer.from(relative(dirname(folder), path).split(sep).join('/'));
    const bytes = readFileSync(path);
    const packed = deflateRawSync(bytes, { level: 9 });
    const facts = entryFacts(bytes, packed, name, epochS);
    const local = Buffer.concat([u32(0x04034b50), facts, u16(0), name, packed]);
    const mode = statSync(path).mode & 0o111 ? 0o100755 : 0o100644;
    const place = [u16(0), u16(0), u16(0), u16(0), u32((mode << 16) >>> 0), u32(offset)];
    directory.push(u32(0x02014b50), u16(0x0314), facts, ...place, name);
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const counts = [u16(0), u16(0), u16(files.length), u16(files.length)];
  const end = [u32(0x06054b50), ...counts, u32(central.length), u32(offset), u16(0)];
  writeFileSync(file, Buffer.concat([...parts, central, ...end]));
}

/** What both headers of an entry have. @param {Buffer} bytes @param {Buffer} packed @param {Buffer} name @param {number} epochS */
function entryFacts(bytes, packed, name, epochS) {
  const at = new Date(epochS * 1000);
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  const year = at.getUTCFullYear() - 1980;
  const date = (year << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const sizes = [u32(crc32(bytes)), u32(packed.length), u32(bytes.length), u16(name.length)];
  return Buffer.concat([u16(20), u16(0x0800), u16(8), u16(time), u16(date), ...sizes]);
}

/** @param {number} value */
function u16(value) {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

/** @param {number} value */
function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
