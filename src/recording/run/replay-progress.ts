import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import type { ReplayTimes } from './replay-request.js';

/** How far a replay has come; kept beside the recording, so that the next one can go on. */
export interface ReplayProgress {
  /** Up to this line everything was published, and confirmed by whoever it was published to. */
  readonly line: number;
  /** Messages that were published by then. */
  readonly messages: number;
  /** Part of the message ids; empty when the messages have none of ours. */
  readonly id: string;
  /** What is being done, so that something else does not go on with it. */
  readonly plan: string;
  /** The times that bound it, when any do: `1h` ago is another one by now. */
  readonly times?: ReplayTimes | undefined;
  /** Last sequences by stream, as they were when the line was reached; absent when they are not known. */
  readonly streams?: Readonly<Record<string, number>> | undefined;
  /** How many messages may have been sent after the line without being confirmed. */
  readonly window?: number | undefined;
  /** When this was so, RFC 3339. */
  readonly at?: string | undefined;
}

const SAVE_EVERY_MS = 500;

/** The file that remembers how far a replay has come. */
export class ReplayProgressFile {
  readonly path: string;
  #savedMs = 0;
  #savedMessages = 0;
  #writable = true;

  constructor(recording: string) {
    this.path = `${recording}.replay.json`;
  }

  /** What an earlier replay has left; undefined when there was none, or it came to its end. @throws {NatsxError} usage */
  read(): ReplayProgress | undefined {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch {
      return undefined;
    }
    try {
      const found = JSON.parse(text) as Partial<ReplayProgress> & {
        readonly natsx_replay?: number;
      };
      const { line, messages, id, plan, times, streams, window, at } = found;
      if (
        found.natsx_replay === 1 &&
        typeof line === 'number' &&
        typeof messages === 'number' &&
        typeof id === 'string' &&
        typeof plan === 'string'
      ) {
        return { line, messages, id, plan, times, streams, window, at };
      }
    } catch {
      // As any other file that is not ours.
    }
    throw usageError(
      `${quoted(this.path)} does not tell how far a replay has come`,
      'remove it to begin anew',
    );
  }

  /**
   * Saves now and then, and at once when the first messages have arrived: from then on, beginning anew doubles something.
   * A folder that cannot be written to is no reason to stop.
   */
  save(progress: () => ReplayProgress, now: boolean): void {
    if (!this.#writable || !(now || this.#isDue(progress))) return;
    this.#savedMs = performance.now();
    const draft = `${this.path}.new`;
    try {
      const reached = progress();
      const at = new Date().toISOString();
      writeFileSync(draft, `${JSON.stringify({ natsx_replay: 1, ...reached, at })}\n`);
      renameSync(draft, this.path);
      this.#savedMessages = reached.messages;
    } catch {
      this.#writable = false;
    }
  }

  #isDue(progress: () => ReplayProgress): boolean {
    if (performance.now() - this.#savedMs >= SAVE_EVERY_MS) return true;
    return this.#savedMessages === 0 && progress().messages > 0;
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}

export function newReplayId(): string {
  return randomBytes(6).toString('hex');
}
