import { hrtime, versions } from 'node:process';

/** Whole nanoseconds since the run's epoch, from the monotonic clock that all threads share. */
export type Clock = () => number;

/** Bun's `hrtime` counts from the start of each thread; the start of `performance` is known. */
const countsByThread = versions['bun'] !== undefined;

/** The start of the run's clock, in seconds. Worker threads get it from the main thread, so that all count from it. */
export function epochSeconds(): number {
  return countsByThread ? performance.timeOrigin / 1000 : hrtime()[0];
}

/** What is added to this machine's clock to read the time of the whole run; may change between passes. */
export interface ClockShift {
  ns: number;
}

export function clockSince(epochS: number, shift: Readonly<ClockShift> = { ns: 0 }): Clock {
  if (countsByThread) {
    const offsetMs = performance.timeOrigin - epochS * 1000;
    return () => Math.round((performance.now() + offsetMs) * 1e6) + shift.ns;
  }
  return () => {
    const [seconds, nanoseconds] = hrtime();
    return (seconds - epochS) * 1e9 + nanoseconds + shift.ns;
  };
}
