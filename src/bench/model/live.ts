import type { BenchProgress, Timeline } from './run.js';
import type { Scenario } from './scenario.js';

const LIVE_SCHEMA = 'natsx.bench-live/1';

/** A benchmark while it runs. */
export interface BenchLive extends Timeline {
  /** As in `bench pubsub`. */
  readonly label: string;
  readonly scenario: Scenario;
  readonly targetRatePerS: number | undefined;
  /** Of this moment, in milliseconds since the epoch. */
  readonly atMs: number;
  /** Undefined while it connects. */
  readonly progress: BenchProgress | undefined;
}

/** The timelines of the passes of a run, one after the other; of a warm-up only while it lasts. */
export class RunTimeline {
  #earlier: Timeline = { intervals: [], stalls: [] };
  #earlierMs = 0;
  #current: Timeline = { intervals: [], stalls: [] };
  #last: BenchProgress | undefined;

  add(progress: BenchProgress): void {
    const last = this.#last;
    const isNext =
      last !== undefined && (progress.pass !== last.pass || progress.elapsedNs < last.elapsedNs);
    if (isNext && last.phase === 'measuring') {
      this.#earlier = this.all;
      const end = this.#earlier.intervals.at(-1);
      this.#earlierMs = end === undefined ? 0 : end.atMs + end.ms;
    }
    this.#last = progress;
    this.#current = progress.timeline();
  }

  get all(): Timeline {
    const later = <T extends { readonly atMs: number }>(points: readonly T[]): readonly T[] =>
      points.map((one) => ({ ...one, atMs: one.atMs + this.#earlierMs }));
    const { intervals, stalls } = this.#earlier;
    return {
      intervals: [...intervals, ...later(this.#current.intervals)],
      stalls: [...stalls, ...later(this.#current.stalls)],
    };
  }
}

/** The document of `/api` while a benchmark runs: snake_case, units in the keys, `null` for what is not known. */
export function benchLiveToJson(live: BenchLive): object {
  const { scenario, targetRatePerS, progress, intervals, stalls } = live;
  return {
    schema: LIVE_SCHEMA,
    label: live.label,
    scenario,
    at: new Date(live.atMs).toISOString(),
    target_rate_per_s: targetRatePerS ?? null,
    phase: progress?.phase ?? 'connecting',
    ...countsOf(progress),
    intervals: intervals.map(({ atMs, ms, sent, received, p50Ns, p99Ns, maxNs }) => ({
      at_ms: atMs,
      ms,
      sent,
      received,
      p50_ns: p50Ns ?? null,
      p99_ns: p99Ns ?? null,
      max_ns: maxNs ?? null,
    })),
    stalls: stalls.map(({ atMs, ms }) => ({ at_ms: atMs, ms })),
  };
}

function countsOf(progress: BenchProgress | undefined): object {
  if (progress === undefined) {
    return {
      pass: 0,
      passes: null,
      share: null,
      elapsed_ns: 0,
      sent: 0,
      received: 0,
      rate_per_s: 0,
    };
  }
  const { pass, passes, share = null, elapsedNs, sent, received, ratePerS } = progress;
  return { pass, passes, share, elapsed_ns: elapsedNs, sent, received, rate_per_s: ratePerS };
}
