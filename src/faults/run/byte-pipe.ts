import type { Socket } from 'node:net';

import type { Capacity, LineShape } from './link-state.js';

/** Bytes that may wait in this process for one direction of a connection. */
const MOST_WAITING_BYTES = 8 * 1024 * 1024;
/** With a rate, what waits should wait in the sender, as behind a slow line. */
const MOST_THROTTLED_BYTES = 64 * 1024;

export interface BytePipeOptions {
  readonly source: Socket;
  readonly target: Socket;
  /** Undefined while nothing shapes the bytes. */
  readonly shape: () => LineShape | undefined;
  /** Whether nothing may pass for now; {@link BytePipe.pump} continues. */
  readonly isHeld: () => boolean;
  /** How many of these bytes may pass before the connection is reset. */
  readonly allowed: (bytes: number) => number;
  /** The last allowed byte was handed over. */
  readonly exhausted: () => void;
}

interface Delayed {
  readonly bytes: Buffer;
  readonly dueMs: number;
}

/**
 * One direction of a connection: passes bytes on in order, and reads no faster than they can be written. The end of the
 * source is passed on after its last byte; the other direction stays open.
 */
export class BytePipe {
  readonly #options: BytePipeOptions;
  /** Read, and not yet admitted to the line. */
  readonly #arrived: Buffer[] = [];
  /** On the line. */
  readonly #underWay: Delayed[] = [];
  #waitingBytes = 0;
  #latestDueMs = 0;
  #shape: LineShape | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isBlocked = false;
  #hasEnded = false;
  #isPaused = false;
  #admittedAtMs = 0;
  #isDone = false;

  constructor(options: BytePipeOptions) {
    this.#options = options;
    const { source, target } = options;
    source.on('data', this.#read);
    source.on('end', () => {
      this.#hasEnded = true;
      this.pump();
    });
    target.on('drain', () => {
      this.#isBlocked = false;
      this.pump();
    });
  }

  /** Passes on what is due; to be called when the line is no longer held. */
  pump(): void {
    if (this.#isDone) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#options.isHeld()) {
      const nowMs = performance.now();
      this.#admit(nowMs);
      this.#release(nowMs);
    }
    this.#settle();
  }

  /** Forgets what waits. */
  stop(): void {
    this.#isDone = true;
    clearTimeout(this.#timer);
    this.#arrived.length = 0;
    this.#underWay.length = 0;
  }

  readonly #read = (chunk: Buffer): void => {
    if (this.#isDone) return;
    this.#shape ??= this.#options.shape();
    const { target } = this.#options;
    const isFree = this.#shape === undefined && !this.#options.isHeld();
    if (isFree && !this.#isBlocked && this.#waitingBytes === 0) {
      this.#write(chunk);
      if (target.writableNeedDrain) this.#pause();
      return;
    }
    this.#arrived.push(chunk);
    this.#waitingBytes += chunk.length;
    this.pump();
  };

  /** Lets bytes onto the line as its capacity allows: one slice at a time, so that connections take turns. */
  #admit(nowMs: number): void {
    const capacities = this.#shape?.capacities() ?? [];
    const { delayMs } = this.#shape ?? {};
    if (capacities.length === 0) this.#admittedAtMs = 0;
    while (this.#arrived.length > 0 && this.#admittedAtMs <= nowMs) {
      const slice = this.#slice(capacities);
      const ends = capacities.map((capacity) => capacity.take(slice.length, nowMs));
      this.#admittedAtMs = Math.max(0, ...ends);
      const start = Math.max(nowMs, this.#admittedAtMs);
      // Jitter never reorders bytes.
      this.#latestDueMs = Math.max(this.#latestDueMs, start + Math.max(0, delayMs?.() ?? 0));
      this.#underWay.push({ bytes: slice, dueMs: this.#latestDueMs });
    }
  }

  #slice(capacities: readonly Capacity[]): Buffer {
    const [first = Buffer.alloc(0)] = this.#arrived;
    const most = Math.min(...capacities.map(({ sliceBytes }) => sliceBytes), first.length);
    if (most === first.length) this.#arrived.shift();
    else this.#arrived[0] = first.subarray(most);
    return first.subarray(0, most);
  }

  #release(nowMs: number): void {
    let sent = 0;
    for (const { bytes, dueMs } of this.#underWay) {
      if (this.#isBlocked || dueMs > nowMs || this.#isDone) break;
      sent += 1;
      this.#waitingBytes -= bytes.length;
      this.#write(bytes);
    }
    this.#underWay.splice(0, sent);
  }

  #write(bytes: Buffer): void {
    const { target, allowed, exhausted } = this.#options;
    const passing = allowed(bytes.length);
    const part = passing < bytes.length ? bytes.subarray(0, passing) : bytes;
    if (passing < bytes.length || passing === 0) {
      this.stop();
      target.write(part, () => exhausted());
      return;
    }
    if (!target.write(part)) this.#isBlocked = true;
  }

  /** Sets the next timer, reads on or pauses, and passes on the end. */
  #settle(): void {
    if (this.#isDone) return;
    if (this.#waitingBytes >= this.#limitBytes) this.#pause();
    else if (!this.#isBlocked) this.#resume();
    if (this.#options.isHeld() || this.#isBlocked) return;
    const next = this.#nextMs();
    if (next !== undefined) {
      this.#timer = setTimeout(() => this.pump(), Math.max(0, next - performance.now()));
    } else if (this.#hasEnded) {
      this.#isDone = true;
      this.#options.target.end();
    }
  }

  #nextMs(): number | undefined {
    const admission = this.#arrived.length > 0 ? this.#admittedAtMs : undefined;
    const release = this.#underWay[0]?.dueMs;
    if (admission === undefined || release === undefined) return admission ?? release;
    return Math.min(admission, release);
  }

  get #limitBytes(): number {
    const isThrottled = (this.#shape?.capacities().length ?? 0) > 0;
    return isThrottled || this.#options.isHeld() ? MOST_THROTTLED_BYTES : MOST_WAITING_BYTES;
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#options.source.pause();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#options.source.resume();
  }
}
