import { hrtime } from 'node:process';

/** Nanoseconds since the run's epoch, whole, by the one monotonic clock that all threads of a machine share. */
export type Clock = () => number;

/** The epoch is told to worker threads, so that all of them count from the same instant. */
export function epochSeconds(): number {
  return hrtime()[0];
}

export function clockSince(epochS: number): Clock {
  return () => {
    const [seconds, nanoseconds] = hrtime();
    return (seconds - epochS) * 1e9 + nanoseconds;
  };
}
