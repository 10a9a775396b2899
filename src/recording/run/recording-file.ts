import { once } from 'node:events';
import { createWriteStream, existsSync, ftruncateSync, openSync, type WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';

import { FailureSignal } from '../../connection/failure-signal.js';
import { fileError } from '../../connection/file-error.js';
import { compressionOf, compressor } from './file-compression.js';

/** Text is encoded and written in batches of this size. */
const BATCH_CHARACTERS = 256 * 1024;
export const BATCH_BYTES = 256 * 1024;
/** Bytes that may wait for the disk before the writer must pause. */
const HIGH_WATER_BYTES = 8 * 1024 * 1024;
/** Lines reach the file after this time at the latest, so that they survive a kill of the process. */
const FLUSH_MS = 500;

/** Lines that are buffered elsewhere. */
export interface LineSource {
  /** Bytes in the buffer. */
  readonly length: number;
  /** Takes them out of the buffer. */
  take(): Buffer;
}

/** How a file begins. */
export interface RecordingStart {
  /** Written before the first line, and only together with it. */
  readonly head?: string;
  /** Whether existing content is replaced, as soon as there is something to write. */
  readonly replaces?: boolean;
}

/** Where lines of a recording go. */
export interface RecordingSink {
  /** Rejects with the first failure to write; never resolves. */
  readonly failed: Promise<never>;
  /** Bytes that this process has written. */
  readonly bytesWritten: number;
  /** Appends text. @returns false when the writer should wait for {@link ready} */
  write(text: string): boolean;
  /** Appends the lines of a source from time to time; call {@link written} after each line. */
  gather(source: LineSource): void;
  /** The source has another line. @returns false if the writer should wait for {@link ready} */
  written(): boolean;
  /** Resolves when there is room again, or writing has failed. */
  ready(): Promise<void>;
  /** Writes all buffered lines and closes it. @throws {NatsxError} usage — not everything could be written */
  close(): Promise<void>;
  /** Leaves everything as it was before, because nothing was recorded. */
  discard(): Promise<void>;
}

/** A file to which lines are appended, compressed if its name says so. */
export class RecordingFile implements RecordingSink {
  readonly path: string;
  readonly #fd: number;
  readonly #isNew: boolean;
  #start: RecordingStart | undefined;
  readonly #failure = new FailureSignal();
  readonly failed = this.#failure.failed;
  readonly #file: WriteStream;
  readonly #compressor: Duplex | undefined;
  readonly #timer: NodeJS.Timeout;
  #batch = '';
  #source: LineSource | undefined;

  /**
   * Opens the file for appending, and creates it if it does not exist.
   *
   * @throws {NatsxError} usage — it cannot be written to
   */
  constructor(path: string, start?: RecordingStart) {
    this.path = path;
    this.#start = start;
    this.#compressor = compressor(compressionOf(path));
    this.#isNew = !existsSync(path);
    this.#fd = openToAppend(path);
    this.#file = createWriteStream(path, { fd: this.#fd, highWaterMark: HIGH_WATER_BYTES });
    const broken = (error: unknown): void => {
      this.#failure.fail(fileError('write to', path, error));
    };
    this.#file.on('error', broken);
    this.#compressor?.on('error', broken);
    this.#compressor?.pipe(this.#file);
    this.#timer = setInterval(() => this.#flush(), FLUSH_MS);
    this.#timer.unref();
  }

  get bytesWritten(): number {
    return this.#file.bytesWritten;
  }

  write(text: string): boolean {
    this.#batch += text;
    if (this.#batch.length < BATCH_CHARACTERS) return true;
    return this.#send();
  }

  gather(source: LineSource): void {
    this.#source = source;
  }

  written(): boolean {
    return (this.#source?.length ?? 0) < BATCH_BYTES || this.#send();
  }

  async ready(): Promise<void> {
    if (!this.#target.writableNeedDrain) return;
    await this.#failure.orFailed(once(this.#target, 'drain')).catch(() => undefined);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#begin();
    this.#send();
    if (this.#failure.hasFailed) await this.failed;
    this.#target.end();
    await this.#failure.orFailed(finished(this.#file));
  }

  async discard(): Promise<void> {
    clearInterval(this.#timer);
    this.#start = undefined;
    this.#batch = '';
    this.#file.destroy();
    this.#compressor?.destroy();
    if (this.#isNew) await rm(this.path, { force: true });
  }

  get #target(): WriteStream | Duplex {
    return this.#compressor ?? this.#file;
  }

  #send(): boolean {
    if (this.#failure.hasFailed) return true;
    if (this.#batch !== '' || (this.#source?.length ?? 0) > 0) this.#begin();
    const batch = this.#batch;
    this.#batch = '';
    let room = batch === '' || this.#target.write(Buffer.from(batch));
    if (this.#source !== undefined && this.#source.length > 0) {
      room = this.#target.write(this.#source.take());
    }
    return room;
  }

  #begin(): void {
    const { head = '', replaces = false } = this.#start ?? {};
    this.#start = undefined;
    if (replaces) ftruncateSync(this.#fd, 0);
    this.#batch = `${head}${this.#batch}`;
  }

  #flush(): void {
    this.#send();
    const flushable = this.#compressor as { flush?: () => void } | undefined;
    flushable?.flush?.();
  }
}

function openToAppend(path: string): number {
  try {
    return openSync(path, 'a');
  } catch (error) {
    throw fileError('write to', path, error);
  }
}
