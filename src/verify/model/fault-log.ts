/** Something that happened during a run. Times are milliseconds since the epoch. */
export interface Fault {
  readonly kind: FaultKind;
  readonly firstAtMs: number;
  /** Time of the last event of this entry. */
  readonly lastAtMs: number;
  /** Number of connections or messages affected. */
  readonly count: number;
  /** The server or stream, if known. */
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

/** Equal events within this time are one entry. */
const TOGETHER_MS = 1_000;
const MOST_FAULTS = 1_000;

/** The faults of a run in order of their start; many equal events are one entry with a count. */
export class FaultLog {
  readonly #faults: Fault[] = [];
  #omitted = 0;

  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /** A note if there were too many faults to list. */
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
