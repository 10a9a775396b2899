import { DECIMAL } from './decimal.js';
import { usageError } from '../errors.js';
import { quoted } from '../printable.js';

const RATE = new RegExp(`^(${DECIMAL})([kKmM]?)(?:/(s|sec|m|min|h))?$`, 'u');
const FACTORS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6 };
const PERIOD_SECONDS: Readonly<Record<string, number>> = { s: 1, sec: 1, m: 60, min: 60, h: 3600 };

/**
 * Reads a rate such as `500`, `10k`, `1.5M`, `100/s`, `6000/m` or `1k/h`; per second unless it says otherwise.
 *
 * @returns a positive number per second
 * @throws usage when the text is not a positive rate
 */
export function parseRate(text: string): number {
  const [, decimal, unit = '', period = 's'] = RATE.exec(text) ?? [];
  const factor = FACTORS[unit.toLowerCase()] ?? 1;
  const perSecond = (Number(decimal?.replaceAll('_', '')) * factor) / (PERIOD_SECONDS[period] ?? 1);
  if (decimal === undefined || !(perSecond > 0) || !Number.isFinite(perSecond)) {
    throw usageError(
      `invalid rate ${quoted(text)}: it is not a positive number with an optional period`,
      'write for example 500, 10k, 100/s or 6000/m',
    );
  }
  return perSecond;
}
