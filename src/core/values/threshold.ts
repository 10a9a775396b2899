import { usageError } from '../errors.js';
import { quoted } from '../printable.js';

/** A comparison that a user wrote, such as `backlog>10000`, `p99>2ms` or `p99>baseline+10%`. */
export interface Threshold {
  readonly field: string;
  readonly operator: ThresholdOperator;
  readonly limit: ThresholdLimit;
  /** As it was written, for messages. */
  readonly text: string;
}

export type ThresholdOperator = '<' | '<=' | '>' | '>=';

/** A fixed value in the field's base unit, or the value of an earlier run times a factor. */
export type ThresholdLimit =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'baseline'; readonly factor: number };

/** What may be compared: the field's name, and how its limit is read into the field's base unit. */
export type ThresholdFields = Readonly<Record<string, (text: string) => number>>;

const COMPARISON = /^\s*([A-Za-z][\w.-]*)\s*(<=|>=|<|>)\s*(\S.*?)\s*$/;
const BASELINE = /^baseline(?:\s*([+-])\s*(\d+(?:\.\d+)?)\s*%)?$/;

/**
 * @param fields the names that are allowed on the left side, with the reader of what is allowed on the right
 * @param example for the hint, such as `backlog>10000`
 * @throws {NatsxError} usage, when it is not a comparison, the field is unknown, or the limit is not a value of the
 * field
 */
export function parseThreshold(text: string, fields: ThresholdFields, example: string): Threshold {
  const [, field, operator, limit] = COMPARISON.exec(text) ?? [];
  if (field === undefined || operator === undefined || limit === undefined) {
    throw usageError(`${quoted(text)} is not a comparison`, `write for example '${example}'`);
  }
  const read = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (read === undefined) {
    throw usageError(
      `${quoted(field)} in ${quoted(text)} cannot be compared`,
      `use one of ${Object.keys(fields).join(', ')}`,
    );
  }
  return { field, operator: operator as ThresholdOperator, limit: parseLimit(limit, read), text };
}

function parseLimit(text: string, read: (text: string) => number): ThresholdLimit {
  const baseline = BASELINE.exec(text);
  if (baseline === null) return { kind: 'value', value: read(text) };
  const share = Number(baseline[2] ?? 0) / 100;
  return { kind: 'baseline', factor: baseline[1] === '-' ? 1 - share : 1 + share };
}

/**
 * Whether the value crosses the threshold.
 *
 * @param baseline the same field of the earlier run; needed by thresholds that name it
 * @returns undefined when the value, or the baseline that the threshold names, is not known
 */
export function crosses(
  threshold: Threshold,
  value: number | undefined,
  baseline?: number,
): boolean | undefined {
  const limit =
    threshold.limit.kind === 'value'
      ? threshold.limit.value
      : baseline === undefined
        ? undefined
        : baseline * threshold.limit.factor;
  if (value === undefined || limit === undefined) return undefined;
  switch (threshold.operator) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
  }
}
