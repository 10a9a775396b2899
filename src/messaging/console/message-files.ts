import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { usageError } from '../../core/errors.js';
import type { MessageInPlace } from '../../core/message/message-in-place.js';
import { encodeMessageLine, type ExtraKeys } from '../../core/message/payload-json.js';
import { quoted } from '../../core/printable.js';

const LONGEST_SUBJECT = 100;

/** A folder with a file for each message; existing files stay, and the numbers continue after them. */
export class MessageFiles {
  readonly folder: string;
  readonly #raw: boolean;
  #number: number;
  #failure: Error | undefined;
  #isThere: boolean;

  /**
   * @param raw only payloads, byte for byte; else a line of JSON
   * @throws {NatsxError} usage — the folder cannot be created or read
   */
  constructor(folder: string, raw: boolean) {
    this.folder = folder;
    this.#raw = raw;
    try {
      // A new folder is created with the first message: a failure before that leaves nothing behind.
      const made = makeFolder(folder);
      this.#number = readdirSync(folder).reduce((most, name) => Math.max(most, numberOf(name)), 0);
      if (made !== undefined) rmSync(made, { recursive: true });
      this.#isThere = made === undefined;
    } catch (error) {
      throw folderError(folder, error);
    }
  }

  /** Creates the folder if it does not exist. @throws {NatsxError} usage */
  begin(): void {
    if (this.#isThere) return;
    this.#isThere = true;
    try {
      makeFolder(this.folder);
    } catch (error) {
      throw folderError(this.folder, error);
    }
  }

  write(message: MessageInPlace, extra?: ExtraKeys): void {
    // On a full disk a small message may still fit after a large one that did not: none may overtake it.
    if (this.#failure !== undefined) throw this.#failure;
    this.begin();
    this.#number += 1;
    const name = messageFileName(this.#number, message.subject, this.#raw ? 'bin' : 'json');
    const content = this.#raw
      ? message.buffer.subarray(message.payloadStart, message.payloadEnd)
      : `${encodeMessageLine(message.toMessage(Date.now()), extra)}\n`;
    const path = join(this.folder, name);
    try {
      writeFileSync(path, content, { flag: 'wx' });
    } catch (error) {
      // Do not leave a part of a message.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(path, { force: true });
      throw (this.#failure = folderError(this.folder, error));
    }
  }
}

/**
 * Node.js' recursive form never ends below a parent in which nothing can be created (/proc).
 *
 * @returns the topmost folder that was created; undefined if the folder existed
 */
function makeFolder(folder: string): string | undefined {
  if (existsSync(folder)) return undefined;
  const made = mkdirSync(folder, { recursive: !existsSync(dirname(folder)) });
  return made ?? folder;
}

function numberOf(name: string): number {
  return Number(/^(\d+)-/.exec(name)?.[1] ?? 0);
}

/** Whether the disk or a quota is full: the file was created, but could not be written. */
function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}

function folderError(folder: string, error: unknown): Error {
  const { code = 'error', syscall = 'write' } = error as NodeJS.ErrnoException;
  const reason = isFull(error) ? `no space is left (${code})` : `${syscall}: ${code}`;
  return usageError(
    `cannot write messages to the folder ${quoted(folder)}: ${reason}`,
    isFull(error) ? 'free some space, or use another folder' : 'use a folder that is writable',
  );
}

/**
 * A file name for one message that is valid on every file system: `000001-orders.new.json`. Characters other than
 * letters, digits, `.`, `-` and `_` become `_`; long subjects are cut.
 */
export function messageFileName(number: number, subject: string, extension: string): string {
  const safe = subject.slice(0, LONGEST_SUBJECT).replace(/[^\w.-]/g, '_');
  return `${String(number).padStart(6, '0')}-${safe}.${extension}`;
}
