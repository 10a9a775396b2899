import process from 'node:process';

/** Bun measures no event loops; it has the processor time of a thread, like later versions of Node.js. */
const { threadCpuUsage } = process as {
  readonly threadCpuUsage?: () => { readonly user: number; readonly system: number };
};

/**
 * Starts to measure how busy this thread is.
 *
 * @returns a function that returns the share of time since the start in which the thread did something, from 0 to 1
 */
export function threadLoad(): () => number {
  if (process.versions['bun'] === undefined || threadCpuUsage === undefined) {
    const before = performance.eventLoopUtilization();
    return () => performance.eventLoopUtilization(before).utilization;
  }
  const usedMs = (): number => {
    const { user, system } = threadCpuUsage.call(process);
    return (user + system) / 1000;
  };
  const startedMs = performance.now();
  const before = usedMs();
  return () => Math.min(1, (usedMs() - before) / Math.max(1, performance.now() - startedMs));
}
