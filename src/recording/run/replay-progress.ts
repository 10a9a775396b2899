import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import type { ReplayTimes } from './replay-request.js';

/** The progress of a replay; kept next to the recording, so that the next one can continue. */
export interface ReplayProgress {
  /** Everything up to this line was published and confirmed. */
  readonly line: number;
  /** Messages that were published by then. */
  readonly messages: number;
  /** Part of the message ids; empty if natsx adds none. */
  readonly id: string;
  /** The flags, so that a replay with other flags does not continue this one. */
  readonly plan: string;
  /** The times of the range, if any: `1h` ago means another time later. */
  readonly times?: ReplayTimes | undefined;
  /** Last sequences by stream when the line was reached; absent if unknown. */
  readonly streams?: Readonly<Record<string, number>> | undefined;
  /** How many messages may have been sent after the line without confirmation. */
  readonly window?: number | undefined;
  /** When this was saved, RFC 3339. */
  readonly at?: string | undefined;
}

const SAVE_EVERY_MS = 500;

/** The file with the progress of a replay. */
export class ReplayProgressFile {
  readonly path: string;
  readonly #isKept: boolean;
  #savedMs = 0;
  #savedMessages = 0;
  #writable: boolean;

  /** @param recording undefined: nothing is kept */
  constructor(recording: string | undefined) {
    this.path = `${recording ?? ''}.replay.json`;
    this.#isKept = recording !== undefined;
    this.#writable = this.#isKept;
  }

  /** The progress of an earlier replay; undefined if there was none, or it was complete. @throws {NatsxError} usage */
  read(): ReplayProgress | undefined {
    if (!this.#isKept) return undefined;
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
      // Not JSON: handled below like any other foreign file.
    }
    throw usageError(
      `${quoted(this.path)} does not contain the progress of a replay`,
      'remove it to start from the beginning',
    );
  }

  /**
   * Saves from time to time, and immediately when the first messages have arrived: from then on, starting again would
   * duplicate messages. A folder that is not writable does not stop the replay.
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
    if (this.#isKept) rmSync(this.path, { force: true });
  }
}

export function newReplayId(): string {
  return randomBytes(6).toString('hex');
}
