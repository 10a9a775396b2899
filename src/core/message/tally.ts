/** What was counted under one name. */
export interface TallyRow {
  readonly name: string;
  readonly messages: number;
  readonly bytes: number;
  /** Messages a second in the last window; the mean of all time when no window has been closed. */
  readonly messagesPerSecond: number;
}

export interface TallyTotals {
  readonly messages: number;
  readonly bytes: number;
  /** Messages whose name appeared too late to be counted separately. */
  readonly otherMessages: number;
}

/** More names than these are counted together: memory must not grow with what others publish. */
const MOST_NAMES = 100_000;

interface Entry {
  messages: number;
  bytes: number;
  before: number;
  perSecond: number | undefined;
}

/** Counts messages and bytes by name, with a rate for each. */
export class Tally {
  readonly #entries = new Map<string, Entry>();
  readonly #startMs: number;
  #windowStartMs: number;
  #messages = 0;
  #bytes = 0;
  #otherMessages = 0;

  /** @param nowMs monotonic milliseconds */
  constructor(nowMs: number, names: readonly string[] = []) {
    this.#startMs = nowMs;
    this.#windowStartMs = nowMs;
    for (const name of names) this.#entries.set(name, emptyEntry());
  }

  add(name: string, sizeBytes: number): void {
    this.#messages += 1;
    this.#bytes += sizeBytes;
    const entry = this.#entries.get(name) ?? this.#newEntry(name);
    if (entry === undefined) {
      this.#otherMessages += 1;
      return;
    }
    entry.messages += 1;
    entry.bytes += sizeBytes;
  }

  /** Ends the window over which rates are taken. */
  closeWindow(nowMs: number): void {
    const seconds = (nowMs - this.#windowStartMs) / 1000;
    if (seconds <= 0) return;
    this.#windowStartMs = nowMs;
    for (const entry of this.#entries.values()) {
      entry.perSecond = (entry.messages - entry.before) / seconds;
      entry.before = entry.messages;
    }
  }

  get totals(): TallyTotals {
    return {
      messages: this.#messages,
      bytes: this.#bytes,
      otherMessages: this.#otherMessages,
    };
  }

  /** The share of all messages that one name has, 0 to 1. */
  share(name: string): number {
    return this.#messages === 0 ? 0 : (this.#entries.get(name)?.messages ?? 0) / this.#messages;
  }

  /** In the order in which the names first appeared. `rates`: of the last window, or the mean over all time. */
  rows(nowMs: number, rates: 'window' | 'mean'): readonly TallyRow[] {
    const seconds = (nowMs - this.#startMs) / 1000;
    return [...this.#entries].map(([name, { messages, bytes, perSecond }]) => {
      const mean = seconds > 0 ? messages / seconds : 0;
      const messagesPerSecond = rates === 'window' ? (perSecond ?? mean) : mean;
      return { name, messages, bytes, messagesPerSecond };
    });
  }

  #newEntry(name: string): Entry | undefined {
    if (this.#entries.size >= MOST_NAMES) return undefined;
    const entry = emptyEntry();
    this.#entries.set(name, entry);
    return entry;
  }
}

/** The rows with the most messages first; names decide between equals. */
export function byMessages(rows: readonly TallyRow[]): readonly TallyRow[] {
  return [...rows].sort((a, b) => b.messages - a.messages || (a.name < b.name ? -1 : 1));
}

function emptyEntry(): Entry {
  return { messages: 0, bytes: 0, before: 0, perSecond: undefined };
}
