import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { lstat, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { fileError } from '../../connection/file-error.js';
import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';

/** What goes into an archive. */
export interface ZipContent {
  readonly name: string;
  /** Its bytes, or the file that has them. */
  readonly content: Uint8Array | string;
}

/** A file that appears under its name when it is complete. */
export class NewZip {
  readonly #path: string;
  readonly #draft: string;
  readonly #file: FileHandle;
  readonly #isReplacing: boolean;

  private constructor(path: string, draft: string, file: FileHandle, isReplacing: boolean) {
    this.#path = path;
    this.#draft = draft;
    this.#file = file;
    this.#isReplacing = isReplacing;
  }

  /**
   * Makes sure that the file can be written, before anything is read for it.
   *
   * @param isReplacing an existing file is replaced
   * @throws {NatsxError} usage — it exists, or cannot be written
   */
  static async prepare(path: string, isReplacing: boolean): Promise<NewZip> {
    const found = await lstat(path).catch(() => undefined);
    if (found?.isDirectory()) throw usageError(`${quoted(path)} is a folder`, 'name a file');
    if (found !== undefined && !isReplacing) throw alreadyThere(path);
    const draft = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.part`);
    const file = await open(draft, 'wx', 0o600).catch((error: unknown) => {
      throw fileError('write to', path, error);
    });
    return new NewZip(path, draft, file, isReplacing);
  }

  /** @returns bytes of the file. @throws {NatsxError} usage — it cannot be written */
  async write(contents: readonly ZipContent[], modifiedMs: number): Promise<number> {
    const { default: yazl } = await import('yazl');
    const zip = new yazl.ZipFile();
    const mtime = new Date(modifiedMs);
    try {
      const target = createWriteStream('', { fd: this.#file.fd, autoClose: false });
      const written = pipeline(zip.outputStream, target);
      zip.once('error', (error) => target.destroy(error as Error));
      for (const { name, content } of contents) {
        if (typeof content === 'string') zip.addFile(content, name, { mtime, mode: 0o100600 });
        else
          zip.addBuffer(Buffer.from(content.buffer, content.byteOffset, content.length), name, {
            mtime,
            mode: 0o100600,
          });
      }
      zip.end();
      await written;
      await this.#file.sync();
      const { size } = await this.#file.stat();
      if (!this.#isReplacing && (await lstat(this.#path).catch(() => undefined)) !== undefined) {
        throw alreadyThere(this.#path);
      }
      await rename(this.#draft, this.#path);
      return size;
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
  }

  /** Removes what was not completed. */
  async close(): Promise<void> {
    // A stream that failed has closed it already.
    await this.#file.close().catch(() => undefined);
    await unlink(this.#draft).catch(() => undefined);
  }
}

/** @returns a failure of the file system in words; nothing is left of the file */
function cannotWrite(path: string, error: unknown): Error {
  const failure = fileError('write to', path, error);
  if (failure === error) return failure;
  return usageError(failure.message, 'make room, or name a file elsewhere');
}

function alreadyThere(path: string): Error {
  return usageError(`${quoted(path)} already exists`, 'replace it with --overwrite');
}
