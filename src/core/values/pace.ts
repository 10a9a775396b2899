import { seededRandom } from '../statistics/random.js';

/** How quickly messages follow one another. */
export type Pace =
  | { readonly type: 'unlimited' }
  | { readonly type: 'rate'; readonly perSecond: number }
  | { readonly type: 'interval'; readonly intervalMs: number };

/**
 * When message `index` (from 0) is due, in milliseconds since the first one. Times are multiplied, never added up, so
 * they do not drift, and after a delay the late messages follow at once: the rate holds on average.
 */
export function dueAtMs(pace: Pace, index: number): number {
  switch (pace.type) {
    case 'unlimited':
      return 0;
    case 'rate':
      return (index * 1000) / pace.perSecond;
    case 'interval':
      return index * pace.intervalMs;
  }
}

/** How many messages are due this many milliseconds after the first one. */
export function dueCount(pace: Pace, elapsedMs: number): number {
  switch (pace.type) {
    case 'unlimited':
      return Infinity;
    case 'rate':
      return Math.floor((elapsedMs * pace.perSecond) / 1000) + 1;
    case 'interval':
      return pace.intervalMs === 0 ? Infinity : Math.floor(elapsedMs / pace.intervalMs) + 1;
  }
}

/** How quickly stored messages are published or printed again. */
export type ReplayPace =
  | Exclude<Pace, { readonly type: 'interval' }>
  /** As far apart as the originals were, divided by the speed. */
  | { readonly type: 'original'; readonly speed: number };

/** When stored messages are due, in milliseconds since the first one. */
export class ReplayClock {
  readonly #pace: ReplayPace;
  #firstMs: number | undefined;
  #count = 0;
  #lastDueMs = 0;

  constructor(pace: ReplayPace) {
    this.#pace = pace;
  }

  /** @param timeMs when the original was stored; a message without a time is due together with the previous one */
  dueMs(timeMs: number | undefined): number {
    const pace = this.#pace;
    if (pace.type !== 'original') return dueAtMs(pace, this.#count++);
    if (timeMs === undefined) return this.#lastDueMs;
    this.#firstMs ??= timeMs;
    // Recordings that were joined may go back in time.
    this.#lastDueMs = Math.max(this.#lastDueMs, (timeMs - this.#firstMs) / pace.speed);
    return this.#lastDueMs;
  }
}

/** A target rate over all clients together: with even gaps, or with random ones of the same mean. */
export interface TargetRate {
  /** The mean, if the rate changes. */
  readonly ratePerS: number;
  readonly kind: 'constant' | 'poisson';
  /** The rate rises or falls evenly. */
  readonly ramp?: Ramp | undefined;
}

export interface Ramp {
  readonly fromPerS: number;
  readonly toPerS: number;
  readonly overMs: number;
}

/**
 * When the message at `position` (from 0, fractions are between two messages) is due on a ramp, in milliseconds;
 * Infinity if a falling rate never gets there.
 */
function dueOnRampMs({ fromPerS, toPerS, overMs }: Ramp, position: number): number {
  const overS = overMs / 1000;
  const slope = (toPerS - fromPerS) / overS;
  const whole = ((fromPerS + toPerS) / 2) * overS;
  if (position >= whole)
    return overMs + dueAtMs({ type: 'rate', perSecond: toPerS }, position - whole);
  // Messages until t: from × t + slope × t² / 2.
  const root = Math.sqrt(Math.max(0, fromPerS ** 2 + 2 * slope * position));
  return position === 0 ? 0 : (2000 * position) / (fromPerS + root);
}

/** Returns the next intended send time, in integer nanoseconds since the start; times never decrease. */
export type SendTimes = () => number;

export interface SendTimesRequest {
  readonly pace: TargetRate;
  /** This client's number, from 0. */
  readonly client: number;
  readonly clients: number;
  readonly seed: number;
}

const NS_PER_MS = 1e6;

/**
 * The intended send times of one client. The rate is shared evenly; constant schedules are shifted against each other,
 * so that together they are one even stream.
 */
export function makeSendTimes({ pace, client, clients, seed }: SendTimesRequest): SendTimes {
  const { ramp } = pace;
  const share: Pace = { type: 'rate', perSecond: pace.ratePerS / clients };
  const atNs =
    ramp === undefined
      ? (gaps: number): number => Math.round(dueAtMs(share, gaps) * NS_PER_MS)
      : (gaps: number): number => Math.round(dueOnRampMs(ramp, gaps * clients) * NS_PER_MS);
  if (pace.kind === 'constant') {
    let index = 0;
    return () => atNs(index++ + client / clients);
  }
  const random = seededRandom(seed, client);
  let gaps = 0;
  return () => {
    gaps -= Math.log(1 - random());
    return atNs(gaps);
  };
}
