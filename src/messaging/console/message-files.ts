import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { usageError } from '../../core/errors.js';
import type { MessageInPlace } from '../../core/message/message-in-place.js';
import { encodeMessageLine, type ExtraKeys } from '../../core/message/payload-json.js';
import { quoted } from '../../core/printable.js';

const LONGEST_SUBJECT = 100;

/** A folder with a file for each message; what is there already stays, and numbers go on after it. */
export class MessageFiles {
  readonly folder: string;
  readonly #raw: boolean;
  #number: number;
  #failure: Error | undefined;
  #isThere: boolean;

  /**
   * @param raw payloads alone, byte for byte; else a line of JSON
   * @throws {NatsxError} usage — the folder cannot be made or read
   */
  constructor(folder: string, raw: boolean) {
    this.folder = folder;
    this.#raw = raw;
    try {
      // A folder that was not there comes with the first message: what fails before that leaves nothing.
      const made = makeFolder(folder);
      this.#number = readdirSync(folder).reduce((most, name) => Math.max(most, numberOf(name)), 0);
      if (made !== undefined) rmSync(made, { recursive: true });
      this.#isThere = made === undefined;
    } catch (error) {
      throw folderError(folder, error);
    }
  }

  /** Creates the folder where it is not there. @throws {NatsxError} usage */
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
    // A small message may still find a place behind one that did not: none goes ahead of it.
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
      // A part of a message is not a message.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(path, { force: true });
      throw (this.#failure = folderError(this.folder, error));
    }
  }
}

/**
 * Where a parent exists in which nothing can be made (/proc), Node.js' recursive form never ends.
 *
 * @returns the topmost folder that was made; undefined when it was there
 */
function makeFolder(folder: string): string | undefined {
  if (existsSync(folder)) return undefined;
  const made = mkdirSync(folder, { recursive: !existsSync(dirname(folder)) });
  return made ?? folder;
}

function numberOf(name: string): number {
  return Number(/^(\d+)-/.exec(name)?.[1] ?? 0);
}

/** The disk or a quota: the file was made, and then could not be written. */
function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}

function folderError(folder: string, error: unknown): Error {
  const { code = 'error', syscall = 'write' } = error as NodeJS.ErrnoException;
  const reason = isFull(error) ? `no space is left (${code})` : `${syscall}: ${code}`;
  return usageError(
    `cannot write messages to the folder ${quoted(folder)}: ${reason}`,
    isFull(error)
      ? 'make room, or name a folder elsewhere'
      : 'name a folder that can be written to',
  );
}

/**
 * A name for the file of one message that no file system can misread: `000001-orders.new.json`. What is neither a
 * letter, a digit, `.`, `-` nor `_` becomes `_`; long subjects are cut.
 */
export function messageFileName(number: number, subject: string, extension: string): string {
  const safe = subject.slice(0, LONGEST_SUBJECT).replace(/[^\w.-]/g, '_');
  return `${String(number).padStart(6, '0')}-${safe}.${extension}`;
}
