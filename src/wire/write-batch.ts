import type { ByteStream } from './byte-stream.js';
import { FrameBuffer } from './frame-buffer.js';

/** A batch of this size is written without waiting for the end of the turn. */
const BATCH_BYTES = 64 * 1024;
/** Written batches are reused, up to this many. */
const SPARE_BATCHES = 24;

/** Gathers small frames into one write per turn of the event loop. */
export class WriteBatch {
  readonly #stream: ByteStream;
  readonly #spare: FrameBuffer[] = [];
  #current = new FrameBuffer(BATCH_BYTES);
  #scheduled: NodeJS.Immediate | undefined;

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  get length(): number {
    return this.#current.length;
  }

  /** The buffer to encode into; call {@link added} afterwards. */
  get frames(): FrameBuffer {
    return this.#current;
  }

  /** Writes when the batch is full, or at the end of the turn. */
  added(): void {
    if (this.#current.length >= BATCH_BYTES) this.send();
    else this.#scheduled ??= setImmediate(this.#sendLater);
  }

  /** Writes the batch now. */
  send(): void {
    // Otherwise a single request would take one more turn of the event loop.
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const batch = this.#current;
    if (batch.length === 0) return;
    this.#current = this.#spare.pop() ?? new FrameBuffer(BATCH_BYTES);
    this.#stream.write(batch.bytes(), () => this.#reuse(batch));
  }

  /** Discards the batch. */
  drop(): void {
    clearImmediate(this.#scheduled);
    this.#current.clear();
  }

  readonly #sendLater = (): void => this.send();

  #reuse(batch: FrameBuffer): void {
    batch.clear();
    if (this.#spare.length < SPARE_BATCHES) this.#spare.push(batch);
  }
}
