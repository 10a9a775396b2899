import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import type { ReplayPace } from '../../core/values/pace.js';
import { parseSequence } from '../model/sequence.js';
import { parseTimeMs } from '../../core/values/time.js';

/** The flags of `replay` about speed, as parsed. */
export interface PaceFlagValues {
  readonly original?: boolean | undefined;
  readonly speed?: string | undefined;
  readonly rate?: number | undefined;
}

/** --speed implies --original. @throws {NatsxError} usage */
export function paceChoice({ original, speed, rate }: PaceFlagValues): ReplayPace {
  if (rate !== undefined && (original === true || speed !== undefined)) {
    throw usageError(
      `--rate and ${original === true ? '--original' : '--speed'} cannot be used together`,
      'give one of them',
    );
  }
  if (rate !== undefined) return { type: 'rate', perSecond: rate };
  if (speed !== undefined) return { type: 'original', speed: parseSpeed(speed) };
  return original === true ? { type: 'original', speed: 1 } : { type: 'unlimited' };
}

/** Reads `10x`, `0.5x` or `2`. @throws {NatsxError} usage */
function parseSpeed(text: string): number {
  const speed = Number(/^(\d+(?:\.\d+)?)x?$/.exec(text)?.[1]);
  if (speed > 0 && Number.isFinite(speed)) return speed;
  throw usageError(`invalid speed ${quoted(text)}`, 'use 10x for ten times as fast, 0.5x for half');
}

interface ReplayRangeFlagValues {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Which recorded messages are wanted, by sequence or time. @throws {NatsxError} usage */
export function replayRange(flags: ReplayRangeFlagValues, nowMs: number) {
  const { seq: fromSeq, timeMs: fromMs } = bound(flags.from, nowMs);
  const { seq: toSeq, timeMs: toMs } = bound(flags.to, nowMs);
  const isTurned = (fromSeq ?? 0) > (toSeq ?? Infinity) || (fromMs ?? 0) > (toMs ?? Infinity);
  if (isTurned) {
    throw usageError(`--to ${flags.to ?? ''} is before --from ${flags.from ?? ''}`, 'swap them');
  }
  return { fromSeq, toSeq, fromMs, toMs };
}

/** One end of a range: a whole number is a sequence, anything else a time. */
interface ReplayBound {
  readonly seq?: number;
  readonly timeMs?: number;
}

function bound(text: string | undefined, nowMs: number): ReplayBound {
  if (text === undefined) return {};
  return /^\d+$/.test(text)
    ? { seq: parseSequence(text, 0) }
    : { timeMs: parseTimeMs(text, nowMs) };
}
