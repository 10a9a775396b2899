/** Something that happened during a run. Times are milliseconds since the epoch. */
export interface Fault {
  readonly kind: FaultKind;
  readonly firstAtMs: number;
  /** The same as the first, or when the last of its kind was. */
  readonly lastAtMs: number;
  /** Connections or messages that it happened to. */
  readonly count: number;
  /** The server, or the stream, where it is known. */
  readonly where: string;
  readonly detail: string;
}

export type FaultKind =
  | 'disconnected'
  | 'reconnected'
  | 'lame-duck'
  | 'server-error'
  | 'leader-changed'
  | 'no-responders'
  | 'not-acknowledged'
  | 'refused'
  | 'acks-stalled'
  | 'pull-ended';

/** What happens in the same way within this time is told once. */
const TOGETHER_MS = 1_000;
const MOST_FAULTS = 1_000;

/** The faults of a run in the order of their beginnings; what comes in a swarm is one entry with a count. */
export class FaultLog {
  readonly #faults: Fault[] = [];
  #omitted = 0;

  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /** That faults are missing, where there were too many to keep. */
  get notes(): readonly string[] {
    return this.#omitted === 0 ? [] : [`${this.#omitted} more faults are not listed`];
  }

  note(kind: FaultKind, where: string, detail: string, atMs: number): void {
    const index = this.#faults.findLastIndex(
      (fault) => fault.kind === kind && fault.where === where && fault.detail === detail,
    );
    const before = this.#faults[index];
    if (before !== undefined && atMs - before.lastAtMs < TOGETHER_MS) {
      this.#faults[index] = { ...before, lastAtMs: atMs, count: before.count + 1 };
    } else if (this.#faults.length < MOST_FAULTS) {
      this.#faults.push({ kind, where, detail, firstAtMs: atMs, lastAtMs: atMs, count: 1 });
    } else {
      this.#omitted += 1;
    }
  }
}
