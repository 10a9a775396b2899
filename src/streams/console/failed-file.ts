import { appendFileSync, statSync, accessSync, constants } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { fileReason } from '../../connection/file-error.js';
import { usageError } from '../../core/errors.js';
import type { PublishFate } from '../model/publish-fate.js';
import type { OutgoingMessage } from '../../core/message/message.js';
import { quoted } from '../../core/printable.js';
import { encodeUnacknowledged } from '../model/unacknowledged-line.js';

const BATCH_CHARACTERS = 64 * 1024;

/** Messages that were not acknowledged, as lines for `pub --jsonl`. The file is created only if there are such messages. */
export class FailedFile {
  readonly path: string;
  #lines = '';
  #count = 0;

  /** @throws {NatsxError} usage — it cannot be written, or is not empty */
  constructor(path: string) {
    this.path = path;
    const size = sizeOf(path);
    if (size === undefined) checkFolder(path);
    else if (size > 0) throw usageError(...occupied(path));
    else checkAccess(path, path, constants.W_OK);
  }

  /** Messages so far. */
  get count(): number {
    return this.#count;
  }

  /** @throws {NatsxError} usage — it can no longer be written */
  add(message: OutgoingMessage, fate: Exclude<PublishFate, { type: 'stored' }>): void {
    this.#lines += `${encodeUnacknowledged(message, fate)}\n`;
    this.#count += 1;
    if (this.#lines.length > BATCH_CHARACTERS) this.flush();
  }

  /** Writes buffered lines. @throws as {@link add} */
  flush(): void {
    if (this.#lines === '') return;
    try {
      appendFileSync(this.path, this.#lines);
    } catch (error) {
      throw unwritable(this.path, error);
    }
    this.#lines = '';
  }
}

function occupied(path: string): [message: string, hint: string] {
  return [
    `--failed: ${quoted(path)} is not empty`,
    'it may contain messages of an earlier run: publish them with --jsonl --file, or use another file',
  ];
}

/** Undefined when there is no such file. */
function sizeOf(path: string): number | undefined {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw usageError(`--failed: ${quoted(path)} is a directory`);
    return stats.isFile() ? stats.size : 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function checkFolder(path: string): void {
  checkAccess(path, dirname(resolve(path)), constants.W_OK | constants.X_OK);
}

function checkAccess(path: string, place: string, mode: number): void {
  try {
    accessSync(place, mode);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): Error {
  return usageError(`--failed: cannot write ${quoted(path)}: ${fileReason(error)}`);
}
