import { usageError } from '../../core/errors.js';
import type { NatsxError } from '../../core/errors.js';
import { camelCase, REPORT_SCHEMA, SATURATION_SCHEMA, snakeCase, SUITE_SCHEMA } from './report.js';
import type { Comparison } from './compare.js';
import type { SuiteComparison } from './compare-suites.js';
import type { PlanReport } from './plan-report.js';
import type { BenchReport, SaturationReport, SuiteReport } from './report.js';
import { isJsonObject } from '../../core/message/exact-json.js';

interface JsonObject {
  readonly [key: string]: Json;
}
type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** The report as its JSON document: snake_case keys, absent values left out. */
export function benchReportToJson(
  report: BenchReport | SuiteReport | SaturationReport | PlanReport | Comparison | SuiteComparison,
): Json {
  return renameKeys(report, snakeCase);
}

/**
 * Reads the report of one scenario that {@link benchReportToJson} wrote.
 * @param source names the file in errors
 * @throws NatsxError `usage` for another schema or a broken document
 */
export function reportFromJson(document: unknown, source: string): BenchReport {
  const saved = savedFromJson(document, source);
  if (saved.schema === REPORT_SCHEMA) return saved;
  throw usageError(
    `${source} holds the reports of a suite, but this needs the report of one scenario`,
    'write one with natsx bench SCENARIO --repeat 5 --save FILE',
  );
}

/**
 * Reads the report of one scenario or of a suite.
 * @param source names the file in errors
 * @throws NatsxError `usage` for another schema or a broken document
 */
export function savedFromJson(document: unknown, source: string): BenchReport | SuiteReport {
  const value = renameKeys(document, camelCase);
  const schema = isJsonObject(value) ? value['schema'] : undefined;
  if (isJsonObject(value) && schema === REPORT_SCHEMA) {
    checkShape(value, source);
    return value as unknown as BenchReport;
  }
  if (isJsonObject(value) && schema === SUITE_SCHEMA) {
    checkSuite(value, source);
    return value as unknown as SuiteReport;
  }
  if (schema === SATURATION_SCHEMA) {
    throw usageError(
      `${source} is a result of natsx bench saturate, which cannot be compared`,
      'compare reports of natsx bench SCENARIO --rate RATE --save FILE',
    );
  }
  throw usageError(
    `${source} is not a report of natsx bench: its schema is ${typeof schema === 'string' ? schema : 'none'}, not ${REPORT_SCHEMA}`,
    'write one with natsx bench SCENARIO --save FILE',
  );
}

function checkSuite(value: JsonObject, source: string): void {
  const reports = listOf(value['reports']);
  const labels = listOf(value['labels']);
  if (reports.length === 0 || labels.length !== reports.length) throw broken(source, 'reports');
  for (const report of reports) {
    if (!isJsonObject(report)) throw broken(source, 'reports');
    checkShape(report, source);
  }
}

const OBJECTS = ['conditions', 'totals', 'verdict'] as const;
const LISTS = ['repeats', 'clients', 'series', 'distribution', 'errors', 'notes'] as const;

function checkShape(value: JsonObject, source: string): void {
  const missing = [
    ...OBJECTS.filter((key) => !isJsonObject(value[key])),
    ...LISTS.filter((key) => !Array.isArray(value[key])),
  ];
  const bad = missing[0] ?? (listOf(value['repeats']).every(hasNumbers) ? undefined : 'repeats');
  if (bad !== undefined) throw broken(source, bad);
}

function broken(source: string, key: string): NatsxError {
  return usageError(`${source} is a broken report: "${snakeCase(key)}" is missing or malformed`);
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function hasNumbers(repeat: Json): boolean {
  return (
    isJsonObject(repeat) &&
    typeof repeat['ratePerS'] === 'number' &&
    typeof repeat['lost'] === 'number'
  );
}

function renameKeys(value: unknown, rename: (key: string) => string): Json {
  if (Array.isArray(value)) return value.map((item: unknown) => renameKeys(item, rename));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return Object.fromEntries(
      // The keys of labels are the user's own.
      entries.map(([key, item]) => [
        rename(key),
        key === 'labels' ? (item as Json) : renameKeys(item, rename),
      ]),
    );
  }
  return value as Json;
}
