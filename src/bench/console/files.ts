import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { fileReason } from '../../connection/file-error.js';
import { hdrPercentileText } from '../model/hdr-text.js';
import type { LatencyHistogram } from '../../core/statistics/latency-histogram.js';
import { reportFromJson, benchReportToJson, savedFromJson } from '../model/report-json.js';
import type { PlanReport } from '../model/plan-report.js';
import type { BenchReport, SaturationReport, SuiteReport } from '../model/report.js';
import { usageError } from '../../core/errors.js';
import type { NatsxError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { isTooDeep } from '../../core/values/json-depth.js';
import { jsonInPage, looksLikeHtml } from '../../page/embedded-json.js';
import { checkPageFile } from '../../terminal/page-file.js';

/** @throws {NatsxError} usage — the file cannot be read, or is not a report */
export function readReport(file: string): BenchReport {
  return reportFromJson(readDocument(file), file);
}

/** The report of one scenario or of a suite. @throws as {@link readReport} */
export function readSaved(file: string): BenchReport | SuiteReport {
  return savedFromJson(readDocument(file), file);
}

function readDocument(file: string): unknown {
  try {
    return readJson(jsonOf(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw usageError(`cannot read the report ${quoted(file)}: ${fileReason(cause)}`);
  }
}

/** Of a page, the document that it contains. */
function jsonOf(text: string): string {
  if (!looksLikeHtml(text)) return text;
  const json = jsonInPage(text);
  if (json === undefined) throw new SyntaxError('it is a page without a report of natsx');
  return json;
}

/** Errors have natsx's own wording: the parser's would quote parts of the file. */
function readJson(text: string): unknown {
  if (text.trim() === '') throw new SyntaxError('it is empty');
  if (isTooDeep(text)) throw new SyntaxError('it has too many levels');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const isCutOff = text.trimStart().startsWith('{') && !text.trimEnd().endsWith('}');
    throw new SyntaxError(isCutOff ? 'it is incomplete: its end is missing' : 'it is not JSON');
  }
}

type SavedReport = BenchReport | SuiteReport | SaturationReport | PlanReport;

export function saveReport(file: string, report: SavedReport): void {
  write(file, `${JSON.stringify(benchReportToJson(report), undefined, 2)}\n`);
}

export function saveCsv(file: string, csv: string): void {
  write(file, csv);
}

export function saveHdr(file: string, histogram: LatencyHistogram): void {
  write(file, hdrPercentileText(histogram));
}

/** Files for the results; only CSV may go to stdout (`-`). */
export interface ResultFiles {
  readonly csv?: string | undefined;
  readonly save?: string | undefined;
  readonly hdr?: string | undefined;
  readonly html?: string | undefined;
}

/** @param seen the flag that writes each file */
function checkOwnFile(flag: string, file: string, seen: Map<string, string>): void {
  if (file === '-') {
    throw usageError(
      `--${flag} takes the name of a file, not -`,
      flag === 'save' ? '--json prints the report on stdout' : undefined,
    );
  }
  const path = resolve(file);
  const other = path.startsWith('/dev/') ? undefined : seen.get(path);
  if (other !== undefined) {
    throw usageError(
      `--${other} and --${flag} both write ${quoted(file)}`,
      'give each its own file',
    );
  }
  seen.set(path, flag);
}

/**
 * Checks before a run that its result can be saved.
 * @throws {NatsxError} usage
 */
export function checkWritable({ csv, save, hdr, html }: ResultFiles): void {
  const seen = new Map<string, string>();
  for (const [flag, file] of Object.entries({ csv, save, hdr })) {
    if (file === undefined || (flag === 'csv' && file === '-')) continue;
    checkOwnFile(flag, file, seen);
    try {
      if (!existsSync(file)) accessSync(dirname(resolve(file)), constants.W_OK | constants.X_OK);
      else if (statSync(file).isDirectory()) throw new Error('it is a directory');
      else accessSync(file, constants.W_OK);
    } catch (cause) {
      throw unwritable(file, cause);
    }
  }
  if (html === undefined) return;
  checkOwnFile('html', html, seen);
  checkPageFile(html);
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

function unwritable(file: string, cause: unknown): NatsxError {
  return usageError(`cannot write ${quoted(file)}: ${fileReason(cause)}`);
}
