import { open, unlink, type FileHandle } from 'node:fs/promises';

import { fileError, fileReason } from '../../connection/file-error.js';
import { usageError, type NatsxError } from '../../core/errors.js';
import type { Ledger, LedgerHead } from '../model/ledger-format.js';
import {
  ledgerEndLine,
  ledgerEntryLine,
  ledgerHeadLine,
  LedgerParser,
} from '../model/ledger-format.js';
import type { NumberRange } from '../model/number-set.js';
import { wallNowMs } from './wall-clock.js';

/** At most this much is lost when the sender's host crashes. */
const FLUSH_EVERY_MS = 100;

interface Unwritten {
  sentFrom: number;
  sentTo: number;
  acknowledged: { from: number; to: number }[];
}

/** Writes the ledger during the run, to the disk several times per second. */
export class LedgerWriter {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #unwritten: Unwritten[];
  readonly #onFailure: (error: NatsxError) => void;
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> | undefined;

  private constructor(
    path: string,
    file: FileHandle,
    publishers: number,
    onFailure: (error: NatsxError) => void,
  ) {
    this.#path = path;
    this.#file = file;
    this.#onFailure = onFailure;
    this.#unwritten = Array.from({ length: publishers }, (_) => ({
      sentFrom: 1,
      sentTo: 0,
      acknowledged: [],
    }));
    this.#timer = setInterval(() => this.#flush(), FLUSH_EVERY_MS);
  }

  /**
   * @param onFailure called when it can no longer be written
   * @throws {NatsxError} usage — the file exists, or cannot be created
   */
  static async create(
    path: string,
    head: LedgerHead,
    onFailure: (error: NatsxError) => void,
  ): Promise<LedgerWriter> {
    const file = await open(path, 'ax').catch((error: unknown) => {
      throw cannotCreate(path, error);
    });
    const writer = new LedgerWriter(path, file, head.publishers, onFailure);
    try {
      await writer.#write(ledgerHeadLine(head));
    } catch (error) {
      clearInterval(writer.#timer);
      await file.close();
      await unlink(path);
      throw error;
    }
    return writer;
  }

  sent(publisher: number, number: number): void {
    const unwritten = this.#unwritten[publisher - 1];
    if (unwritten !== undefined) unwritten.sentTo = number;
  }

  acknowledged(publisher: number, number: number): void {
    const ranges = this.#unwritten[publisher - 1]?.acknowledged;
    const last = ranges?.at(-1);
    if (last !== undefined && last.to + 1 === number) last.to = number;
    else ranges?.push({ from: number, to: number });
  }

  /** Writes the rest, and the end of the ledger. @throws {NatsxError} usage — it cannot be written */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    try {
      await this.#writing;
      await this.#write(`${this.#take()}${ledgerEndLine(wallNowMs())}`);
    } finally {
      await this.#file.close();
    }
  }

  #flush(): void {
    if (this.#writing !== undefined) return;
    const text = this.#take();
    if (text === '') return;
    this.#writing = this.#write(text)
      .catch((error: unknown) => this.#onFailure(cannotWrite(this.#path, error)))
      .finally(() => (this.#writing = undefined));
  }

  async #write(text: string): Promise<void> {
    try {
      await this.#file.appendFile(text);
      await this.#file.datasync();
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
  }

  #take(): string {
    const atMs = wallNowMs();
    return this.#unwritten
      .map((unwritten, index) => {
        const { sentFrom, sentTo, acknowledged } = unwritten;
        if (sentTo < sentFrom && acknowledged.length === 0) return '';
        const sent: NumberRange | undefined =
          sentTo < sentFrom ? undefined : { from: sentFrom, to: sentTo };
        unwritten.sentFrom = sentTo + 1;
        unwritten.acknowledged = [];
        return ledgerEntryLine({ atMs, publisher: index + 1, sent, acknowledged });
      })
      .join('');
  }
}

/** @throws {NatsxError} usage — unreadable, or not a ledger; names the line */
export async function readLedger(path: string): Promise<Ledger> {
  const parser = new LedgerParser(path);
  let rest = '';
  try {
    const file = await open(path, 'r');
    const chunks: AsyncIterable<string> = file.createReadStream({ encoding: 'utf8' });
    for await (const chunk of chunks) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) parser.line(line);
    }
  } catch (error) {
    throw hasErrno(error)
      ? usageError(`cannot read the ledger ${path}: ${fileReason(error)}`)
      : error;
  }
  if (rest !== '') parser.line(rest, true);
  return parser.finish();
}

function cannotWrite(path: string, error: unknown): NatsxError {
  const failure = fileError('write the ledger', path, error);
  if (failure === error) return failure;
  return usageError(failure.message, 'free some space, or use a file in another place');
}

function cannotCreate(path: string, error: unknown): unknown {
  if (!hasErrno(error)) return error;
  if (error.code === 'EEXIST') {
    return usageError(
      `the ledger ${path} already exists`,
      'use another file: each run needs its own ledger',
    );
  }
  return usageError(`cannot write the ledger ${path}: ${fileReason(error)}`);
}

function hasErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
