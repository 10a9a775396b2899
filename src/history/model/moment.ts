import { closestNames } from '../../core/closest-names.js';
import { NatsxError, usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { rfc3339Local } from '../../core/values/local-time.js';
import { parseTimeMs } from '../../core/values/time.js';
import type { HistoryCoverage } from './coverage.js';
import type { HistoryGap } from './frame.js';

const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;

/**
 * Reads a moment: `03:10` or `03:10:30` of today, RFC 3339, or how long ago. A time without a zone is local.
 *
 * @returns milliseconds since the epoch
 * @throws {NatsxError} usage — it is not a moment
 */
export function parseMoment(text: string, nowMs: number): number {
  const [, hour, minute, second = '0'] = CLOCK.exec(text) ?? [];
  if (hour !== undefined && minute !== undefined) {
    return new Date(nowMs).setHours(Number(hour), Number(minute), Number(second), 0);
  }
  try {
    return parseTimeMs(text, nowMs);
  } catch (error) {
    if (!(error instanceof NatsxError)) throw error;
    throw usageError(
      `invalid time ${quoted(text)}`,
      'write 03:10, 2026-11-22T22:30:00Z, or how long ago: 90s, 1h30m',
    );
  }
}

/** A reading counts until the next one, which may be somewhat late. */
const LATEST_INTERVALS = 2.5;
const LATEST_MS = 2_000;

/** @throws {NatsxError} not-found — nothing was recorded at that moment */
export function checkCovered(atMs: number, coverage: HistoryCoverage): void {
  const { fromMs, toMs, gaps } = coverage;
  if (fromMs === undefined || toMs === undefined) {
    throw noReadings();
  }
  const at = rfc3339Local(atMs);
  const hint = `it covers ${rfc3339Local(fromMs)} to ${rfc3339Local(toMs)}; natsx history ls shows its gaps`;
  const late = Math.max(LATEST_INTERVALS * coverage.everyMs, coverage.everyMs + LATEST_MS);
  if (atMs < fromMs || atMs > toMs + late) {
    throw new NatsxError('not-found', `the history does not cover ${at}`, { hint });
  }
  const gap = gaps.find((one) => atMs > one.fromMs + late && atMs < one.toMs);
  if (gap === undefined) return;
  throw new NatsxError('not-found', `nothing was recorded at ${at}: ${gapReason(gap.reason)}`, {
    hint,
  });
}

/** A recorder has begun a history and has not written to it. */
export function noReadings(): NatsxError {
  return new NatsxError('not-found', 'the history has no readings yet');
}

/** Why there are no readings. */
export function gapReason(reason: HistoryGap['reason']): string {
  switch (reason) {
    case 'stopped':
      return 'the recorder was not running';
    case 'disconnected':
      return 'the connection to NATS was lost';
    case 'late':
      return 'a reading took too long';
    case 'damaged':
      return 'the history is damaged there';
  }
}

/** @throws {NatsxError} not-found */
export function unknownInHistory(
  kind: 'stream' | 'consumer',
  name: string,
  known: Iterable<string>,
): NatsxError {
  return unknownRecorded(`the history has no ${kind} ${quoted(name)} at that time`, name, known);
}

/** A name that what was recorded does not have, with similar ones. */
export function unknownRecorded(
  message: string,
  name: string,
  known: Iterable<string>,
): NatsxError {
  const near = closestNames(name, known);
  return new NatsxError('not-found', message, {
    hint: near.length === 0 ? undefined : `did you mean ${near.join(' or ')}?`,
  });
}
