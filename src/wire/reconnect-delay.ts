const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;

/**
 * How long to wait before reconnection attempt `attempt` (from 1), in milliseconds: doubling, bounded, and spread by
 * `random` (0 to 1), so that the clients of a restarted server do not come back all at once.
 */
export function reconnectDelayMs(attempt: number, random: number): number {
  if (attempt <= 1) return random * FIRST_DELAY_MS;
  const bound = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
  return bound * (0.5 + random / 2);
}
