import type { Incident } from '../model/injected.js';

const LOOK_EVERY_MS = 10;
/** Incidents that are kept; later ones are only counted. */
const MOST_INCIDENTS = 10_000;

/** How a run observes that messages flow. */
export interface FlowView {
  /** Counters of everything that has to make progress again after a fault. */
  readonly progress: () => readonly number[];
  /** Whether all connections are open. */
  readonly isConnected: () => boolean;
  /** Whether nothing more is expected, so that nothing can show a recovery. */
  readonly isComplete: () => boolean;
  /** Messages that were sent and have not arrived, if that is known. */
  readonly missing?: () => number;
}

interface OpenIncident {
  readonly index: number;
  readonly beganMs: number;
  endedMs: number;
  connections: number;
  readonly missing: number;
  base: readonly number[] | undefined;
}

/** Measures how long after each fault messages flow again. Times are on the clock of `performance.now()`. */
export class RecoveryWatch {
  readonly incidents: Incident[] = [];
  readonly #flow: FlowView;
  readonly #startedMs: number;
  readonly #timer: NodeJS.Timeout;
  #open: OpenIncident[] = [];

  constructor(flow: FlowView, startedMs: number) {
    this.#flow = flow;
    this.#startedMs = startedMs;
    this.#timer = setInterval(() => this.#look(performance.now()), LOOK_EVERY_MS);
  }

  /** A fault occurs from `beganMs` to `endedMs`; one that has not recovered from the last time continues. */
  begin(index: number, beganMs: number, endedMs: number): void {
    const open = this.#open.find((incident) => incident.index === index);
    if (open !== undefined && endedMs === beganMs) {
      open.endedMs = endedMs;
      open.connections += 1;
      open.base = undefined;
      return;
    }
    if (this.incidents.length + this.#open.length >= MOST_INCIDENTS) return;
    const missing = this.#flow.missing?.() ?? 0;
    this.#open.push({ index, beganMs, endedMs, connections: 1, missing, base: undefined });
  }

  /** What was observed. What has not recovered by now did not. */
  stop(): readonly Incident[] {
    const nowMs = performance.now();
    this.#look(nowMs);
    clearInterval(this.#timer);
    for (const incident of this.#open) {
      if (incident.beganMs < nowMs) this.#close(incident, undefined);
    }
    this.#open = [];
    return this.incidents.sort((a, b) => a.beganMs - b.beganMs);
  }

  #look(nowMs: number): void {
    if (this.#open.length === 0) return;
    const progress = this.#flow.progress();
    const flows = this.#flow.isConnected() && !this.#open.some(({ endedMs }) => nowMs < endedMs);
    const isComplete = this.#flow.isComplete();
    this.#open = this.#open.filter((incident) => {
      if (nowMs < incident.endedMs) return true;
      if (incident.base === undefined) {
        incident.base = progress;
        if (!isComplete) return true;
      }
      const { base } = incident;
      const moved = progress.every((count, line) => count > (base[line] ?? 0));
      if (!(flows && moved) && !isComplete) return true;
      this.#close(incident, nowMs);
      return false;
    });
  }

  #close(incident: OpenIncident, recoveredMs: number | undefined): void {
    const { index, beganMs, endedMs, connections, missing } = incident;
    const since = (timeMs: number): number => timeMs - this.#startedMs;
    this.incidents.push({
      index,
      beganMs: since(beganMs),
      endedMs: since(endedMs),
      recoveredMs: recoveredMs === undefined ? undefined : since(recoveredMs),
      connections,
      missing,
    });
  }
}
