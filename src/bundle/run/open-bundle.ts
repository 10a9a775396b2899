import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { NatsxError, usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import type { Look } from '../model/look.js';
import { LOOK_FILES, lookOf, type LookPart } from '../model/look-files.js';
import {
  MANIFEST_FILE,
  MANIFEST_WHAT,
  manifestVersion,
  type ArchiveListing,
  type BundleManifest,
} from '../model/manifest.js';
import { parseTree } from '../model/tree-json.js';
import { isGathered } from './gathered-archive.js';
import { gatheredListing } from './gathered-listing.js';
import { gatheredLook } from './gathered-look.js';
import { HISTORY_FOLDER } from './copy-history.js';
import { ZipReader } from './zip-reader.js';

const MOST_MANIFEST_BYTES = 16 * 1024 * 1024;
/** Of a part of a look: a text of JavaScript cannot be much longer. */
const MOST_PART_BYTES = 400 * 1024 * 1024;
/** Of all files of a history together. */
const MOST_HISTORY_BYTES = 8 * 1024 * 1024 * 1024;

/** How an archive is to be read. */
export interface ArchiveChoice {
  /** Of an archive with the streams of several accounts. */
  readonly account?: string | undefined;
}

/**
 * Reads the look of a bundle, or of an archive of `nats audit gather`.
 *
 * @throws {NatsxError} usage — it cannot be read; not-found — a zip file with something else, or no such account
 */
export async function readLook(path: string, choice: ArchiveChoice = {}): Promise<Look> {
  return withArchive(path, async (zip, manifest) => {
    if (manifest === undefined) return gatheredLook(zip, path, choice.account);
    if (choice.account !== undefined) {
      throw usageError('a bundle has one account', 'leave out --account');
    }
    const parts: Partial<Record<LookPart, unknown>> = {};
    try {
      for (const [part, { name }] of Object.entries(LOOK_FILES)) {
        const text = await zip.text(name, MOST_PART_BYTES);
        if (text === undefined) throw new RangeError(`${name} is missing`);
        parts[part as LookPart] = parseTree(text);
      }
      return lookOf(parts as Record<LookPart, unknown>);
    } catch (error) {
      throw damaged(path, error);
    }
  });
}

/**
 * What an archive has, without reading it.
 *
 * @throws {NatsxError} usage — it cannot be read; not-found — a zip file with something else
 */
export async function listArchive(path: string): Promise<ArchiveListing> {
  return withArchive(path, async (zip, manifest) => {
    if (manifest === undefined) return gatheredListing(zip, path);
    const { natsx, created, obfuscated, history, server, files } = manifest;
    const whats = new Map(files.map(({ name, what }) => [name, what]));
    return {
      format: 'natsx bundle',
      created,
      version: natsx,
      obfuscated,
      history: history ?? undefined,
      server,
      files: zip.names.map((name) => ({
        name,
        bytes: zip.sizeOf(name),
        what: name === MANIFEST_FILE ? MANIFEST_WHAT : (whats.get(name) ?? 'not of natsx'),
      })),
    };
  });
}

const LOG_FILE = /^history\/(?:tail|history-\d{12,})\.nxh$/;

/**
 * Runs `use` with the folder of a history: the folder itself, or that of a bundle, unpacked for as long as `use` takes.
 *
 * @throws {NatsxError} usage — it cannot be read; not-found — a zip file without a history
 */
export async function withHistory<R>(path: string, use: (dir: string) => Promise<R>): Promise<R> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile || !(await startsLikeZip(path))) return use(path);
  const folder = await mkdtemp(join(tmpdir(), 'natsx-bundle-'));
  try {
    await withArchive(path, async (zip) => {
      const names = zip.names.filter((name) => LOG_FILE.test(name));
      if (names.length === 0) {
        throw new NatsxError('not-found', `${quoted(path)} has no history`, {
          hint: 'natsx bundle FILE.zip --history DIR includes one',
        });
      }
      let left = MOST_HISTORY_BYTES;
      for (const name of names) {
        await zip.extract(name, join(folder, name.slice(HISTORY_FOLDER.length)), left);
        left -= zip.sizeOf(name);
      }
    });
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function withArchive<R>(
  path: string,
  use: (zip: ZipReader, manifest: BundleManifest | undefined) => Promise<R>,
): Promise<R> {
  const zip = await ZipReader.open(path);
  try {
    const manifest = await readManifest(zip, path);
    if (manifest === undefined && !isGathered(zip)) {
      throw new NatsxError('not-found', `${quoted(path)} has nothing that natsx reads`, {
        hint: 'natsx bundle FILE.zip and nats audit gather write archives for it',
      });
    }
    return await use(zip, manifest);
  } finally {
    zip.close();
  }
}

/** Undefined for an archive of something else. */
async function readManifest(zip: ZipReader, path: string): Promise<BundleManifest | undefined> {
  const text = await zip.text(MANIFEST_FILE, MOST_MANIFEST_BYTES);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  switch (manifestVersion(value)) {
    case 'none':
      return undefined;
    case 'newer':
      throw usageError(
        `${quoted(path)} was written by a newer version of natsx`,
        'update natsx to read it',
      );
    case 'this':
      if (!Array.isArray((value as BundleManifest).files))
        throw damaged(path, 'its manifest is incomplete');
      return value as BundleManifest;
  }
}

function damaged(path: string, error: unknown): NatsxError {
  if (error instanceof NatsxError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new NatsxError('usage', `${quoted(path)} cannot be read: ${reason}`, {
    hint: 'the file is damaged',
    cause: error,
  });
}

async function startsLikeZip(path: string): Promise<boolean> {
  if (/\.zip$/i.test(path)) return true;
  const zip = await ZipReader.open(path).catch(() => undefined);
  zip?.close();
  return zip !== undefined;
}
