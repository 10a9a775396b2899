import { readFileSync, writeFileSync } from 'node:fs';

import { hdrPercentileText } from '../domain/bench/hdr-text.js';
import type { LatencyHistogram } from '../domain/bench/latency-histogram.js';
import { reportFromJson, reportToJson } from '../domain/bench/report-json.js';
import type { BenchReport, SaturationReport, SuiteReport } from '../domain/bench/report.js';
import { usageError } from '../domain/errors.js';

/** @throws {NatsxError} usage — the file cannot be read, or is no report */
export function readReport(file: string): BenchReport {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw usageError(`cannot read the report ${file}: ${(cause as Error).message}`);
  }
  return reportFromJson(document, file);
}

type SavedReport = BenchReport | SuiteReport | SaturationReport;

export function saveReport(file: string, report: SavedReport): void {
  write(file, `${JSON.stringify(reportToJson(report), undefined, 2)}\n`);
}

export function saveCsv(file: string, csv: string): void {
  write(file, csv);
}

export function saveHdr(file: string, histogram: LatencyHistogram): void {
  write(file, hdrPercentileText(histogram));
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw usageError(`cannot write ${file}: ${(cause as Error).message}`);
  }
}
