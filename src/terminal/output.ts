import { fstatSync, writeSync } from 'node:fs';

import { jsonText } from '../core/message/payload-json.js';
import { Notifier } from '../connection/notifier.js';

/** How many bytes may wait for a slow reader before {@link Output.ready} makes the writer wait. */
const HIGH_WATER_BYTES = 4 * 1024 * 1024;
const BATCH_BYTES = 64 * 1024;
const SMALL_BYTES = 24;

/**
 * stdout, for data: joins small writes (one system call per message is five to six times slower), makes the writer wait
 * for a slow reader ({@link ready}), and reports once that the reader has gone.
 */
export class Output {
  readonly #stream: NodeJS.WriteStream;
  readonly #encoder = new TextEncoder();
  readonly #onClosed: () => void;
  #batch = new Uint8Array(BATCH_BYTES);
  #used = 0;
  #waitingBytes = 0;
  /** Bytes that the reader has taken since the start. */
  #takenBytes = 0;
  #flushSoon: NodeJS.Immediate | undefined;
  #closed = false;
  /** A write failed, so nothing more is written, even if the stream has not reported the error yet. */
  #failed = false;
  /** Reports a failed write to a file after the code that wrote has gone on; `drained` reports it at once. */
  #failSoon: { readonly error: NodeJS.ErrnoException; readonly at: NodeJS.Immediate } | undefined;
  /** The descriptor, if stdout is a regular file. */
  readonly #file: number | undefined;
  readonly #changed = new Notifier();

  /** @param onClosed called once when the reader has gone */
  constructor(stream: NodeJS.WriteStream, onClosed: () => void) {
    this.#stream = stream;
    this.#onClosed = onClosed;
    this.#file = regularFile(stream);
    stream.on('error', (error: NodeJS.ErrnoException) => this.#fail(error));
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY;
  }

  /** Columns of the terminal; undefined if lines must not be cut. */
  get width(): number | undefined {
    return this.#stream.isTTY ? this.#stream.columns : undefined;
  }

  /** Columns for tables of a report: also `COLUMNS`, if stdout is not a terminal, as for a pager. */
  get reportWidth(): number | undefined {
    const columns = Number(process.env['COLUMNS']);
    return this.width ?? (Number.isInteger(columns) && columns > 0 ? columns : undefined);
  }

  /** Lines of the terminal; undefined elsewhere. */
  get height(): number | undefined {
    return this.#stream.isTTY ? this.#stream.rows : undefined;
  }

  /** Calls `listener` when the terminal has a new size. @returns a function that ends this */
  onResize(listener: () => void): () => void {
    this.#stream.on('resize', listener);
    return () => void this.#stream.off('resize', listener);
  }

  /** Whether nothing more can be written: the reader has gone, or a write failed. */
  get closed(): boolean {
    return this.#closed || this.#failed;
  }

  /** Bytes accepted but not yet taken by the reader. */
  get pendingBytes(): number {
    return this.#waitingBytes + this.#used;
  }

  line(text: string): void {
    this.text(`${text}\n`);
  }

  text(text: string): void {
    if (this.#closed) return;
    // One UTF-16 unit becomes at most three bytes.
    if (text.length * 3 > BATCH_BYTES - this.#used) {
      this.#add(this.#encoder.encode(text), true);
      return;
    }
    this.#used += this.#encoder.encodeInto(text, this.#batch.subarray(this.#used)).written;
    this.#scheduleFlush();
  }

  /** Copies the bytes, so that the caller can reuse them. */
  bytes(bytes: Uint8Array): void {
    this.#add(bytes, false);
  }

  /** {@link bytes} of `source[start, end)` without creating a view: the hot path of `sub --raw`. */
  part(source: Buffer, start: number, end: number): void {
    const size = end - start;
    if (this.#closed || size > BATCH_BYTES - this.#used) {
      this.bytes(source.subarray(start, end));
      return;
    }
    const batch = this.#batch;
    let at = this.#used;
    // Below about twenty bytes a loop is faster than the call.
    if (size > SMALL_BYTES) source.copy(batch, at, start, end);
    else for (let from = start; from < end; from++) batch[at++] = source[from] ?? 0;
    this.#used += size;
    this.#scheduleFlush();
  }

  json(value: unknown): void {
    this.line(jsonText(value));
  }

  /** Writes what is buffered, so that a later line on stderr follows it on a terminal. */
  flush(): void {
    this.#flushBatch();
  }

  /** Whether the writer should wait for {@link ready}. */
  get isFull(): boolean {
    return this.#waitingBytes > HIGH_WATER_BYTES;
  }

  /** Resolves when there is room again, or nothing more can be written. */
  async ready(): Promise<void> {
    while (this.isFull && !this.closed) await this.#changed.next();
  }

  /**
   * Resolves when the reader has taken everything written before this call, or has gone.
   *
   * @throws {Error} a file could not be written to
   */
  async drained(): Promise<void> {
    this.#flushBatch();
    const goalBytes = this.#takenBytes + this.#waitingBytes;
    while (this.#takenBytes < goalBytes && !this.closed) await this.#changed.next();
    // A command that ends now must not end well.
    const { error, at } = this.#failSoon ?? {};
    clearImmediate(at);
    if (error !== undefined) this.#fail(error);
  }

  /** @param owned the bytes will not change */
  #add(bytes: Uint8Array, owned: boolean): void {
    if (this.#closed) return;
    if (bytes.length > BATCH_BYTES - this.#used) this.#flushBatch();
    if (bytes.length > BATCH_BYTES) {
      // Not `slice`, which returns a view for a Buffer.
      this.#send(owned ? bytes : new Uint8Array(bytes));
      return;
    }
    this.#batch.set(bytes, this.#used);
    this.#used += bytes.length;
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    if (this.#used >= BATCH_BYTES - 256) this.#flushBatch();
    // While the reader is busy, small pieces are joined: each would hold a whole batch in the queue.
    else if (this.#waitingBytes === 0) this.#flushSoon ??= setImmediate(() => this.#flushBatch());
  }

  #flushBatch(): void {
    clearImmediate(this.#flushSoon);
    this.#flushSoon = undefined;
    if (this.#used === 0) return;
    const full = this.#batch.subarray(0, this.#used);
    this.#batch = new Uint8Array(BATCH_BYTES);
    this.#used = 0;
    this.#send(full);
  }

  #send(bytes: Uint8Array): void {
    if (this.closed) return;
    if (this.#file !== undefined) {
      this.#writeFile(this.#file, bytes);
      return;
    }
    this.#waitingBytes += bytes.length;
    this.#stream.write(bytes, (error) => {
      // The stream reports the error a moment later; until then this must not count as written.
      if (error) this.#failed = true;
      else {
        this.#waitingBytes -= bytes.length;
        this.#takenBytes += bytes.length;
      }
      if (this.#waitingBytes === 0) this.#flushBatch();
      this.#changed.notify();
    });
  }

  /** Node.js's stream for a file reports success even if a full disk kept only a part of a write. */
  #writeFile(file: number, bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      this.#takenBytes += bytes.length;
    } catch (error) {
      this.#failed = true;
      const failure = error as NodeJS.ErrnoException;
      this.#failSoon = { error: failure, at: setImmediate(() => this.#fail(failure)) };
    }
  }

  /** A closed terminal counts as a reader that has gone. */
  #isGone(code: string | undefined): boolean {
    const isClosed = code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
    return isClosed || (code === 'EIO' && this.#stream.isTTY);
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#used = 0;
    this.#changed.notify();
    if (this.#isGone(error.code)) this.#onClosed();
    else throw error;
  }
}

/** The descriptor of a stream that writes to a regular file. */
function regularFile(stream: NodeJS.WriteStream): number | undefined {
  const { fd } = stream as { readonly fd?: unknown };
  if (typeof fd !== 'number' || stream.isTTY) return undefined;
  try {
    return fstatSync(fd).isFile() ? fd : undefined;
  } catch {
    return undefined;
  }
}

/** Whether stdin is a pipe, a file or a socket, and not a terminal or `/dev/null`. */
export function stdinIsPiped(): boolean {
  try {
    const stats = fstatSync(0);
    return stats.isFIFO() || stats.isFile() || stats.isSocket();
  } catch {
    return false;
  }
}
