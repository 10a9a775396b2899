/** Node.js' timers count milliseconds in 31 bits, and one that is set to more fires at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
