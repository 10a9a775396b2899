import { usageError } from '../errors.js';
import { REPORT_SCHEMA, SUITE_SCHEMA } from './report.js';
import type { Comparison } from './compare.js';
import type { BenchReport, SaturationReport, SuiteReport } from './report.js';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The report as its JSON document: snake_case keys, absent values left out. */
export function reportToJson(
  report: BenchReport | SuiteReport | SaturationReport | Comparison,
): Json {
  return renameKeys(report, snakeCase);
}

/**
 * Reads what {@link reportToJson} wrote.
 * @param source names the file in errors
 * @throws NatsxError `usage` for another schema or a broken document
 */
export function reportFromJson(document: unknown, source: string): BenchReport {
  const value = renameKeys(document, camelCase);
  if (!isObject(value) || value['schema'] !== REPORT_SCHEMA) {
    if (isObject(value) && value['schema'] === SUITE_SCHEMA) {
      throw usageError(
        `${source} holds the reports of a whole suite: this takes the report of one scenario`,
        'write one with natsx bench SCENARIO --repeat 5 --save FILE',
      );
    }
    const found = isObject(value) && typeof value['schema'] === 'string' ? value['schema'] : 'none';
    throw usageError(
      `${source} is no report of natsx bench: its schema is ${found}, not ${REPORT_SCHEMA}`,
      'write one with natsx bench SCENARIO --save FILE',
    );
  }
  checkShape(value, source);
  return value as unknown as BenchReport;
}

const OBJECTS = ['conditions', 'totals', 'verdict'] as const;
const LISTS = ['repeats', 'clients', 'series', 'distribution', 'errors', 'notes'] as const;

function checkShape(value: Readonly<Record<string, Json>>, source: string): void {
  const missing = [
    ...OBJECTS.filter((key) => !isObject(value[key])),
    ...LISTS.filter((key) => !Array.isArray(value[key])),
  ];
  const broken = missing[0] ?? (listOf(value['repeats']).every(hasNumbers) ? undefined : 'repeats');
  if (broken !== undefined) {
    throw usageError(
      `${source} is a broken report: "${snakeCase(broken)}" is missing or malformed`,
    );
  }
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function hasNumbers(repeat: Json): boolean {
  return (
    isObject(repeat) && typeof repeat['ratePerS'] === 'number' && typeof repeat['lost'] === 'number'
  );
}

function isObject(value: unknown): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function renameKeys(value: unknown, rename: (key: string) => string): Json {
  if (Array.isArray(value)) return value.map((item: unknown) => renameKeys(item, rename));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return Object.fromEntries(
      entries.map(([key, item]) => [rename(key), renameKeys(item, rename)]),
    );
  }
  return value as Json;
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
