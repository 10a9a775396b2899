/** How quickly messages follow one another. */
export type Pace =
  | { readonly type: 'unlimited' }
  | { readonly type: 'rate'; readonly perSecond: number }
  | { readonly type: 'interval'; readonly intervalMs: number };

/**
 * When message `index` (from 0) is due, in milliseconds since the first one. The plan is fixed, so that a late message
 * is followed by the next ones at once and the rate holds on average.
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
