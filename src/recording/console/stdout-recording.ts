import type { LineSource, RecordingSink } from '../run/recording-file.js';
import { BATCH_BYTES } from '../run/recording-file.js';
import type { Output } from '../../terminal/output.js';

/** A recording on stdout, without compression. */
export class StdoutRecording implements RecordingSink {
  /** Never rejects: a closed stdout stops the command, and any other failure ends natsx. */
  readonly failed = new Promise<never>(() => undefined);
  readonly #out: Output;
  #head: string;
  #source: LineSource | undefined;
  #bytesWritten = 0;
  #flushSoon: NodeJS.Immediate | undefined;

  /** @param head the first line, line feed included */
  constructor(out: Output, head: string) {
    this.#out = out;
    this.#head = head;
  }

  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  write(text: string): boolean {
    this.#begin();
    this.#send(text);
    return !this.#out.isFull;
  }

  gather(source: LineSource): void {
    this.#source = source;
  }

  written(): boolean {
    if ((this.#source?.length ?? 0) >= BATCH_BYTES) this.#flush();
    else this.#flushSoon ??= setImmediate(() => this.#flush());
    return !this.#out.isFull;
  }

  ready(): Promise<void> {
    return this.#out.ready();
  }

  async close(): Promise<void> {
    this.#begin();
    this.#flush();
    await this.#out.drained();
  }

  discard(): Promise<void> {
    clearImmediate(this.#flushSoon);
    this.#head = '';
    this.#source = undefined;
    return Promise.resolve();
  }

  #begin(): void {
    const head = this.#head;
    this.#head = '';
    if (head !== '') this.#send(head);
  }

  #send(text: string): void {
    this.#out.text(text);
    this.#bytesWritten += Buffer.byteLength(text);
  }

  #flush(): void {
    clearImmediate(this.#flushSoon);
    this.#flushSoon = undefined;
    if (this.#source === undefined || this.#source.length === 0) return;
    this.#begin();
    const bytes = this.#source.take();
    this.#out.bytes(bytes);
    this.#bytesWritten += bytes.length;
  }
}
