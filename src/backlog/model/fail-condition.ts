import { parseCount } from '../../core/values/count.js';
import { formatDurationMs, parseDurationMs } from '../../core/values/duration.js';
import { parseRate } from '../../core/values/rate.js';
import {
  crosses,
  parseThreshold,
  type Threshold,
  type ThresholdFields,
} from '../../core/values/threshold.js';
import type { Severity } from '../../core/findings/severity.js';
import { allSeverities } from './all-severities.js';
import type { ConsumerFacts } from './consumer-facts.js';
import type { BacklogReport, ConsumerReport } from './report.js';
import { formatCount, formatRate } from '../../core/wording.js';

/** What `--fail-if` can compare of a consumer. Times are in milliseconds. */
const FIELDS: ThresholdFields = {
  backlog: parseCount,
  pending: parseCount,
  ack_pending: parseCount,
  redelivered: parseCount,
  waiting: parseCount,
  age: parseDurationMs,
  eta: parseDurationMs,
  loss: parseDurationMs,
  rate_in: parseRate,
  rate_out: parseRate,
};

/** @throws {NatsxError} usage */
export function parseFailCondition(text: string): Threshold {
  return parseThreshold(text, FIELDS, 'backlog>10000');
}

/** A consumer that meets a condition, or whose value is unknown. */
export interface FailedCondition {
  readonly condition: string;
  readonly stream: string;
  readonly consumer: string;
  /** Undefined: the value is unknown, so the condition counts as met without proof. */
  readonly value: number | undefined;
  readonly field: string;
}

/** Consumers that may lag by design do not count. */
export function failedConditions(
  report: BacklogReport,
  conditions: readonly Threshold[],
): readonly FailedCondition[] {
  const failed: FailedCondition[] = [];
  for (const consumer of report.streams.flatMap(({ consumers }) => consumers)) {
    if (consumer.verdict === 'LEFT_BEHIND_BY_DESIGN') continue;
    for (const condition of conditions) {
      const value = valueOf(consumer, condition.field);
      if (crosses(condition, value) === false) continue;
      failed.push({
        condition: condition.text,
        stream: consumer.stream,
        consumer: consumer.name,
        value,
        field: condition.field,
      });
    }
  }
  return failed;
}

const VALUES: Readonly<Record<string, (facts: ConsumerFacts) => number | undefined>> = {
  backlog: ({ backlog }) => backlog,
  pending: ({ last }) => last.pending,
  ack_pending: ({ last }) => last.ackPending,
  redelivered: ({ last }) => last.redelivered,
  waiting: ({ last }) => last.waiting,
  age: ({ oldestAgeMs }) => oldestAgeMs,
  eta: ({ drain }) => (drain.trend === 'unknown' ? undefined : 1000 * (drain.etaS ?? Infinity)),
  loss: ({ loss }) => loss?.inMs ?? Infinity,
  rate_in: ({ pace }) => pace?.publishPerS,
  rate_out: ({ pace }) => pace?.settlePerS,
};

/** In the units of {@link FIELDS}; a backlog that does not drain has an infinite ETA, no loss in sight an infinite clock. */
export function valueOf({ facts }: ConsumerReport, field: string): number | undefined {
  return facts === undefined ? undefined : VALUES[field]?.(facts);
}

/** A value in words: `51,107`, `3h10m`, `12 msg/s`; `unlimited` for a time that never ends. */
export function valueText(field: string, value: number): string {
  if (!Number.isFinite(value)) return 'unlimited';
  if (TIMES.has(field)) return formatDurationMs(value);
  return field.startsWith('rate_') ? formatRate(value) : formatCount(value);
}

const TIMES: ReadonlySet<string> = new Set(['age', 'eta', 'loss']);

/** Whether anything in the report has at least this severity. */
export function failsOn(report: BacklogReport, level: 'warning' | 'critical'): boolean {
  const wanted: ReadonlySet<Severity> =
    level === 'critical' ? new Set(['critical']) : new Set(['critical', 'warning']);
  return allSeverities(report).some((severity) => wanted.has(severity));
}
