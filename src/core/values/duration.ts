import { DECIMAL, scaleDecimal, threeDigits } from './decimal.js';
import { type NatsxError, usageError } from '../errors.js';
import { quoted } from '../printable.js';

/** Nanoseconds by unit. A month is 30 days and a year 365, as in the official CLI. */
const UNIT_NS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['d', 86_400_000_000_000n],
  ['w', 604_800_000_000_000n],
  ['M', 2_592_000_000_000_000n],
  ['y', 31_536_000_000_000_000n],
  ['Y', 31_536_000_000_000_000n],
]);
const PART = new RegExp(`(${DECIMAL})(ns|us|µs|μs|ms|[smhdwMyY])`, 'uy');
const HINT = 'write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 7d';

/**
 * Reads a duration such as `250ms`, `1h30m` or `1.5d`: Go's units, and `d`, `w`, `M` (30 d), `Y` (365 d).
 *
 * @returns nanoseconds
 * @throws usage when the text is not a duration, is negative, or lacks its unit
 */
export function parseDurationNs(text: string): bigint {
  if (text === '0') return 0n;
  if (new RegExp(`^${DECIMAL}$`, 'u').test(text))
    throw durationError(text, 'it has no unit', `did you mean ${text}s?`);
  if (text.startsWith('-')) throw durationError(text, 'it is negative');
  let total = 0n;
  let at = 0;
  while (at < text.length) {
    PART.lastIndex = at;
    const part = PART.exec(text);
    const factor = UNIT_NS.get(part?.[2] ?? '');
    if (part?.[1] === undefined || factor === undefined) {
      throw durationError(text, `${quoted(text.slice(at))} is not a number with a unit`);
    }
    total += scaleDecimal(part[1], factor).value;
    at += part[0].length;
  }
  if (at === 0) throw usageError('the duration is empty', HINT);
  return total;
}

/** As {@link parseDurationNs}, in milliseconds, with a fraction where there is one. @throws usage */
export function parseDurationMs(text: string): number {
  return Number(parseDurationNs(text)) / 1e6;
}

/**
 * How long to wait, in milliseconds: as {@link parseDurationMs}, but what is longer than 24 days ends there. @throws
 * usage
 */
export function parseWaitMs(text: string): number {
  return Math.min(parseDurationMs(text), LONGEST_TIMER_MS);
}

const PRECISE_UNITS: readonly (readonly [string, bigint])[] = [
  ['d', 86_400_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['m', 60_000_000_000n],
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['µs', 1_000n],
  ['ns', 1n],
];

/** Exact, readable by {@link parseDurationNs}: `1d2h3m4s5ms`, `0s`. */
export function formatDurationPrecise(durationNs: bigint): string {
  let rest = durationNs;
  let text = '';
  for (const [unit, factor] of PRECISE_UNITS) {
    const whole = rest / factor;
    rest %= factor;
    if (whole > 0n) text += `${whole.toString()}${unit}`;
  }
  return text === '' ? '0s' : text;
}

const SECOND_NS = 1e9;

/**
 * For people, in at most two units: `0s`, `224µs`, `12.3ms`, `1.2s`, `4m12s`, `41m`, `3h10m`, `2d3h`, `120d`; `–` where
 * nothing was measured.
 */
export function formatDuration(durationNs: number): string {
  if (!Number.isFinite(durationNs)) return '–';
  if (durationNs < 0) return `-${formatDuration(-durationNs)}`;
  if (durationNs < 0.5) return '0s';
  if (durationNs < 999.5) return `${Math.round(durationNs)}ns`;
  if (durationNs < 999.5e3) return `${threeDigits(durationNs / 1e3)}µs`;
  if (durationNs < 999.5e6) return `${threeDigits(durationNs / 1e6)}ms`;
  if (durationNs < 59.95 * SECOND_NS) return `${trimZero((durationNs / SECOND_NS).toFixed(1))}s`;
  return formatLong(Math.round(durationNs / SECOND_NS));
}

/** {@link formatDuration} for milliseconds. */
export function formatDurationMs(durationMs: number): string {
  return formatDuration(durationMs * 1e6);
}

/** A flag's duration in natsx's and nats's spelling: `90s`, `45m`, `2h`. Rounded up. */
export function flagDuration(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  if (seconds % 60 === 0) return `${seconds / 60}m`;
  return `${seconds}s`;
}

function formatLong(seconds: number): string {
  if (seconds < 600) return pair(seconds, 60, ['m', 's']);
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  if (minutes < 1440) return pair(minutes, 60, ['h', 'm']);
  const hours = Math.round(minutes / 60);
  if (hours < 24 * 100) return pair(hours, 24, ['d', 'h']);
  return `${Math.round(hours / 24)}d`;
}

function pair(amount: number, size: number, units: readonly [string, string]): string {
  const rest = amount % size;
  const head = `${Math.floor(amount / size)}${units[0]}`;
  return rest === 0 ? head : `${head}${rest}${units[1]}`;
}

function trimZero(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function durationError(text: string, fault: string, hint = HINT): NatsxError {
  return usageError(`invalid duration ${quoted(text)}: ${fault}`, hint);
}

/** Node.js' timers count milliseconds in 31 bits, and one that is set to more fires at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
