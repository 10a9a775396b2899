import { parseDurationNs } from '../duration.js';
import { NatsxError, usageError } from '../errors.js';
import { parseRate } from '../rate.js';
import { parseCount } from '../count.js';
import { crosses, parseThreshold } from '../threshold.js';
import type { Threshold, ThresholdFields } from '../threshold.js';
import type { LatencySummary } from './latency-summary.js';
import type { BenchReport } from './report.js';

const nanoseconds = (text: string): number => Number(parseDurationNs(text));

/** What `--fail-if` and `--slo` may name: rates in messages a second, latencies in time, losses in messages. */
const FIELDS: ThresholdFields = {
  rate: parseRate,
  min: nanoseconds,
  mean: nanoseconds,
  p50: nanoseconds,
  p75: nanoseconds,
  p90: nanoseconds,
  p95: nanoseconds,
  p99: nanoseconds,
  p999: nanoseconds,
  p9999: nanoseconds,
  max: nanoseconds,
  lost: parseCount,
};

/** @throws {NatsxError} usage */
export function parseBenchThreshold(text: string): Threshold {
  return parseThreshold(text, FIELDS, 'p99>2ms');
}

/** The value of a threshold's field; `undefined` when the run has none. */
function fieldValue(report: BenchReport, field: string): number | undefined {
  if (field === 'rate') return report.totals.ratePerS;
  if (field === 'lost') return report.totals.lost;
  return report.response?.[`${field}Ns` as keyof LatencySummary];
}

/**
 * The thresholds that a report crosses.
 * @throws {NatsxError} usage — a threshold names a baseline, or a latency, that is not there
 */
export function crossedThresholds(
  report: BenchReport,
  thresholds: readonly Threshold[],
  baseline: BenchReport | undefined,
): readonly Threshold[] {
  return thresholds.filter((threshold) => {
    const before = baseline === undefined ? undefined : fieldValue(baseline, threshold.field);
    if (threshold.limit.kind === 'baseline' && before === undefined) {
      throw usageError(
        `"${threshold.text}" has no baseline to compare with`,
        'name an earlier report of the same scenario with --baseline FILE',
      );
    }
    const crossed = crosses(threshold, fieldValue(report, threshold.field), before);
    if (crossed === undefined) {
      throw usageError(
        `"${threshold.text}" cannot be judged: bench ${report.conditions.scenario} has measured no such value`,
      );
    }
    return crossed;
  });
}

/** @throws {NatsxError} unhealthy — when any is crossed */
export function failIfCrossed(crossed: readonly Threshold[]): void {
  if (crossed.length === 0) return;
  const named = crossed.map((threshold) => threshold.text).join(', ');
  throw new NatsxError('unhealthy', `crossed: ${named}`, { details: { crossed: named } });
}
