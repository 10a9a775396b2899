import { parseWaitMs } from './duration.js';
import { usageError } from '../errors.js';
import { quoted } from '../printable.js';

/** How long a simulated service takes to answer. */
export type ReplyDelay =
  | { readonly type: 'uniform'; readonly minMs: number; readonly maxMs: number }
  | { readonly type: 'exponential'; readonly meanMs: number };

const RANGE = /^(?:uniform[ :])?(\S+?)(?:\.\.|-)(\S+)$/;
const EXPONENTIAL = /^exp(?:onential)?[ :](?:mean[ :=])?(\S+)$/;

/**
 * Reads `20ms`, `1ms..20ms` (also `1ms-20ms` and `uniform 1ms..20ms`: each time in between is equally likely), or
 * `exponential 10ms` (the mean; short times are frequent, long ones rare).
 *
 * @throws usage
 */
export function parseReplyDelay(text: string): ReplyDelay {
  const mean = EXPONENTIAL.exec(text)?.[1];
  if (mean !== undefined) return { type: 'exponential', meanMs: parsePart(mean, text) };
  const [, from, to] = RANGE.exec(text) ?? [];
  if (from === undefined || to === undefined) {
    const fixedMs = parsePart(text, text);
    return { type: 'uniform', minMs: fixedMs, maxMs: fixedMs };
  }
  const minMs = parsePart(from, text);
  const maxMs = parsePart(to, text);
  if (maxMs >= minMs) return { type: 'uniform', minMs, maxMs };
  throw usageError(
    `invalid delay ${quoted(text)}: it ends before it starts`,
    `did you mean ${to}..${from}?`,
  );
}

/** One time to wait, in milliseconds. @param random from 0 up to, not including, 1 */
export function drawDelayMs(delay: ReplyDelay, random: number): number {
  switch (delay.type) {
    case 'uniform':
      return delay.minMs + random * (delay.maxMs - delay.minMs);
    case 'exponential':
      return -Math.log(1 - random) * delay.meanMs;
  }
}

function parsePart(part: string, whole: string): number {
  try {
    return parseWaitMs(part);
  } catch (cause) {
    throw usageError(
      `invalid delay ${quoted(whole)}: ${cause instanceof Error ? cause.message : 'no duration'}`,
      'write for example 20ms, 1ms..20ms, or "exponential 10ms"',
    );
  }
}
