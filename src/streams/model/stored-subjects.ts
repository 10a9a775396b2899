/** Numbers of messages that were acknowledged as new. */
export interface StoredCount {
  readonly messages: number;
  readonly bytes: number;
}

interface Counting {
  messages: number;
  bytes: number;
}

/** Limits of what is counted; streams and subjects beyond them are ignored. */
const MOST_STREAMS = 8;
const MOST_SUBJECTS = 10_000;

/** Counts acknowledged messages by stream and subject, to check later whether the streams kept them. */
export class StoredSubjects {
  readonly #streams = new Map<string, Map<string, Counting>>();
  #last:
    { readonly stream: string; readonly subject: string; readonly counting: Counting } | undefined;
  #subjects = 0;

  /** The hot path of publishing to a stream. */
  add(stream: string, subject: string, bytes: number): void {
    if (this.#last?.subject !== subject || this.#last.stream !== stream) {
      const counting = this.#find(stream, subject);
      if (counting === undefined) return;
      this.#last = { stream, subject, counting };
    }
    this.#last.counting.messages += 1;
    this.#last.counting.bytes += bytes;
  }

  get streams(): readonly string[] {
    return [...this.#streams.keys()];
  }

  of(stream: string): ReadonlyMap<string, StoredCount> {
    return this.#streams.get(stream) ?? new Map<string, StoredCount>();
  }

  #find(stream: string, subject: string): Counting | undefined {
    let subjects = this.#streams.get(stream);
    if (subjects === undefined) {
      if (this.#streams.size >= MOST_STREAMS) return undefined;
      subjects = new Map();
      this.#streams.set(stream, subjects);
    }
    const present = subjects.get(subject);
    if (present !== undefined) return present;
    if (this.#subjects >= MOST_SUBJECTS) return undefined;
    this.#subjects += 1;
    const counting = { messages: 0, bytes: 0 };
    subjects.set(subject, counting);
    return counting;
  }
}
