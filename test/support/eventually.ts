import { setTimeout as pause } from 'node:timers/promises';

export interface EventuallyOptions {
  /** How long the fact may take to come true. @default 30_000 */
  readonly timeoutMs?: number;
  /** Time between two looks. @default 10 */
  readonly intervalMs?: number;
}

/**
 * Looks again and again until `look` returns something true, and returns it. An exception counts as "not yet".
 *
 * @throws {Error} naming `fact`, with the last value or exception, when the deadline has passed
 */
export async function eventually<T>(
  fact: string,
  look: () => T | Promise<T>,
  { timeoutMs = 30_000, intervalMs = 10 }: EventuallyOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const value = await look();
      if (value) return value as Exclude<T, false | null | undefined | 0 | ''>;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= deadline) {
      const seen = last instanceof Error ? last.message : JSON.stringify(last);
      throw new Error(`not within ${timeoutMs} ms: ${fact} (last seen: ${seen})`, { cause: last });
    }
    await pause(intervalMs);
  }
}
