import { parseDurationMs } from '../../core/values/duration.js';
import { NatsxError, usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';

const DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * Reads a point in time: `2026-11-22`, `2026-11-22T22:30`, RFC 3339, or a duration such as `1h` for how long ago. A time
 * without a zone is local.
 *
 * @returns milliseconds since the epoch
 * @throws usage when the text is not a time
 */
export function parseTimeMs(text: string, nowMs: number): number {
  if (DATE.test(text)) {
    // A date alone would be read as UTC, a time without a zone as local: here both are local.
    const at = Date.parse(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'));
    if (!Number.isNaN(at)) return at;
  }
  try {
    return nowMs - parseDurationMs(text);
  } catch (error) {
    if (!(error instanceof NatsxError)) throw error;
    throw usageError(
      `invalid time ${quoted(text)}`,
      'write 2026-11-22T22:30:00Z, or how long ago: 90s, 1h30m, 7d',
    );
  }
}
