import { hrtime } from 'node:process';

/** Whole nanoseconds since the run's epoch, from the monotonic clock that all threads share. */
export type Clock = () => number;

/** Worker threads get the epoch from the main thread, so that all count from the same instant. */
export function epochSeconds(): number {
  return hrtime()[0];
}

/** What is added to this machine's clock to read the time of the whole run; may change between passes. */
export interface ClockShift {
  ns: number;
}

export function clockSince(epochS: number, shift: Readonly<ClockShift> = { ns: 0 }): Clock {
  return () => {
    const [seconds, nanoseconds] = hrtime();
    return (seconds - epochS) * 1e9 + nanoseconds + shift.ns;
  };
}
