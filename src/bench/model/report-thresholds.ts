import { parseDurationNs } from '../../core/values/duration.js';
import { NatsxError, usageError } from '../../core/errors.js';
import { parseRate } from '../../core/values/rate.js';
import { parseCount } from '../../core/values/count.js';
import { crosses, parseThreshold } from '../../core/values/threshold.js';
import type { Threshold, ThresholdFields } from '../../core/values/threshold.js';
import type { LatencySummary } from '../../core/statistics/latency-summary.js';
import type { BenchReport } from './report.js';
import type { BenchPlan } from './plan.js';
import { latencyGap } from './plan-stamp.js';
import { SCENARIOS, scenariosWhere } from './scenario.js';

const nanoseconds = (text: string): number => Number(parseDurationNs(text));

/** Fields of `--fail-if` and `--slo`: rates in messages per second, latencies, losses in messages. */
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

/**
 * Checks before the run that its thresholds can be evaluated.
 * @throws {NatsxError} usage — the scenario has no latency; the baseline is missing, or of another scenario
 */
export function checkThresholds(
  plan: BenchPlan,
  thresholds: readonly Threshold[],
  baseline: BenchReport | undefined,
): void {
  const { scenario } = plan;
  const timed = thresholds.find(({ field }) => FIELDS[field] === nanoseconds);
  const gap = latencyGap(plan);
  if (timed !== undefined && gap !== undefined) {
    throw usageError(
      `"${timed.text}" cannot be evaluated: ${gap}`,
      SCENARIOS[scenario].latency === undefined
        ? `these scenarios measure it: ${scenariosWhere(({ latency }) => latency !== undefined).join(', ')}`
        : undefined,
    );
  }
  const needs = thresholds.find((threshold) => threshold.limit.kind === 'baseline');
  if (needs !== undefined && baseline === undefined) {
    throw usageError(
      `"${needs.text}" needs a baseline`,
      'give an earlier report with --baseline FILE',
    );
  }
  if (baseline !== undefined && baseline.conditions.scenario !== scenario) {
    throw usageError(
      `the baseline is a report of bench ${baseline.conditions.scenario}, not of bench ${scenario}`,
      'give an earlier report of the same scenario',
    );
  }
  if (baseline === undefined) return;
  for (const threshold of thresholds) {
    if (threshold.limit.kind === 'baseline') checkBaselineValue(threshold, baseline);
  }
}

function checkBaselineValue({ text, field }: Threshold, baseline: BenchReport): void {
  if (fieldValue(baseline, field) !== undefined) return;
  throw usageError(
    `"${text}" cannot be evaluated: the baseline has no ${field}`,
    'give an earlier report of the same scenario that has one',
  );
}

/** The value of a threshold's field; `undefined` if the run has none. */
function fieldValue(report: BenchReport, field: string): number | undefined {
  if (field === 'rate') return report.totals.ratePerS;
  if (field === 'lost') return report.totals.lost;
  return report.response?.[`${field}Ns` as keyof LatencySummary];
}

/**
 * The thresholds that a report crosses.
 * @throws {NatsxError} usage — a threshold needs a baseline or a latency that does not exist
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
        'give an earlier report of the same scenario with --baseline FILE',
      );
    }
    const crossed = crosses(threshold, fieldValue(report, threshold.field), before);
    if (crossed === undefined && report.agents !== undefined) {
      throw new NatsxError(
        'unhealthy',
        `"${threshold.text}" cannot be evaluated: the clocks of the agents are not known precisely enough for a one-way latency`,
        { hint: 'bench request measures round trips, which need one clock' },
      );
    }
    if (crossed === undefined) {
      throw usageError(
        `"${threshold.text}" cannot be evaluated: bench ${report.conditions.scenario} did not measure this value`,
      );
    }
    return crossed;
  });
}

/** @throws {NatsxError} unhealthy — if any is crossed */
export function failIfCrossed(crossed: readonly Threshold[]): void {
  if (crossed.length === 0) return;
  const named = crossed.map((threshold) => threshold.text).join(', ');
  throw new NatsxError('unhealthy', `crossed: ${named}`, { details: { crossed: named } });
}
