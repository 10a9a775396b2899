import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Entry, ZipFile } from 'yauzl';

import { fileError } from '../../connection/file-error.js';
import { NatsxError, usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { crc32 } from '../../core/values/crc32.js';

/** More entries than any archive of a deployment has. */
const MOST_ENTRIES = 200_000;

/**
 * A zip file that is read by the names of its entries. Names are looked up and never become paths, so that what they
 * are does no harm; sizes are bounded by those who read.
 */
export class ZipReader {
  readonly #path: string;
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(path: string, zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#path = path;
    this.#zip = zip;
    this.#entries = entries;
  }

  /** @throws {NatsxError} usage — no such file, or not a whole zip file */
  static async open(path: string): Promise<ZipReader> {
    await checkFile(path);
    const { default: yauzl } = await import('yauzl');
    const options = { lazyEntries: true, autoClose: false, decodeStrings: false };
    const zip = await yauzl.openPromise(path, options).catch((error: unknown) => {
      throw unreadable(path, error);
    });
    try {
      const entries = new Map<string, Entry>();
      for await (const entry of zip.eachEntry()) {
        if (entries.size >= MOST_ENTRIES) throw new Error('it has too many files');
        entries.set(entry.fileNameRaw.toString('utf8'), entry);
      }
      return new ZipReader(path, zip, entries);
    } catch (error) {
      zip.close();
      throw unreadable(path, error);
    }
  }

  /** Names of all entries, folders included. */
  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Bytes of an entry when it is unpacked, as the archive says. */
  sizeOf(name: string): number {
    return this.#entries.get(name)?.uncompressedSize ?? 0;
  }

  /**
   * The text of an entry; undefined if there is none of that name.
   *
   * @throws {NatsxError} usage — damaged, or larger than `mostBytes`
   */
  async text(name: string, mostBytes: number): Promise<string | undefined> {
    const stream = await this.#stream(name, mostBytes);
    if (stream === undefined) return undefined;
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of stream) chunks.push(chunk as Uint8Array);
    } catch (error) {
      throw unreadable(this.#path, error);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  /**
   * Writes an entry to a new file.
   *
   * @throws {NatsxError} usage — damaged, larger than `mostBytes`, or it cannot be written
   */
  async extract(name: string, target: string, mostBytes: number): Promise<void> {
    const stream = await this.#stream(name, mostBytes);
    if (stream === undefined) return;
    const file = createWriteStream(target, { flags: 'wx', mode: 0o600 });
    let failure: unknown;
    file.once('error', (error) => (failure = error));
    await pipeline(stream, file).catch((error: unknown) => {
      throw failure === undefined
        ? unreadable(this.#path, error)
        : fileError('write to', target, failure);
    });
  }

  close(): void {
    this.#zip.close();
  }

  async #stream(name: string, mostBytes: number): Promise<Readable | undefined> {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    if (entry.uncompressedSize > mostBytes) throw tooLarge(this.#path, name);
    try {
      const source = await this.#zip.openReadStreamPromise(entry);
      const checked = checksum(entry.crc32);
      source.once('error', (error) => checked.destroy(error));
      return source.pipe(checked);
    } catch (error) {
      throw unreadable(this.#path, error);
    }
  }
}

/** The library checks lengths, but not what is in them. */
function checksum(expected: number): Transform {
  let sum = 0;
  return new Transform({
    transform(chunk: Uint8Array, _, done) {
      sum = crc32(chunk, 0, chunk.length, sum);
      done(null, chunk);
    },
    flush(done) {
      done(sum === expected ? null : new Error('a checksum is wrong'));
    },
  });
}

/** How a zip file begins, one without entries as well. */
const MARK = 'PK\u0003\u0004';
const MARKS: readonly string[] = [MARK, 'PK\u0005\u0006'];

async function checkFile(path: string): Promise<void> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw fileError('read', path, error);
  });
  try {
    if (!(await file.stat()).isFile()) throw notAnArchive(path);
    const { buffer } = await file.read(Buffer.alloc(MARK.length), 0, MARK.length, 0);
    if (!MARKS.includes(buffer.toString('latin1'))) throw notAnArchive(path);
  } finally {
    await file.close();
  }
}

function notAnArchive(path: string): NatsxError {
  return usageError(`${quoted(path)} is not a zip file`, 'natsx bundle FILE.zip writes one');
}

function unreadable(path: string, error: unknown): NatsxError {
  if (error instanceof NatsxError) return error;
  const { message } = error as Error;
  // The library advises to look for a truncated file, which the hint does.
  const reason = /end of central directory/i.test(message) ? 'its end is missing' : message;
  return new NatsxError('usage', `${quoted(path)} cannot be read: ${reason}`, {
    hint: 'the file is damaged or was not copied to its end',
    cause: error,
  });
}

function tooLarge(path: string, name: string): NatsxError {
  return usageError(`${quoted(path)} cannot be read: ${quoted(name)} in it is too large`);
}
