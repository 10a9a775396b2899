import type { BenchReport, PassResult } from './report.js';

const COLUMNS = [
  'run_id',
  'scenario',
  'engine',
  'size',
  'row',
  'index',
  'sent',
  'received',
  'lost',
  'duplicates',
  'out_of_order',
  'elapsed_s',
  'msgs_per_s',
  'bytes_per_s',
  'min_ns',
  'mean_ns',
  'p50_ns',
  'p90_ns',
  'p99_ns',
  'p999_ns',
  'p9999_ns',
  'max_ns',
] as const;

type Column = (typeof COLUMNS)[number];
type Row = Readonly<Partial<Record<Column, string | number | undefined>>>;

/**
 * The reports as CSV (RFC 4180, with a header): for each report a `total` row, then `repeat`, `client` and
 * `second` rows. Cells that do not apply are empty.
 */
export function reportsToCsv(reports: readonly BenchReport[]): string {
  const rows = reports.flatMap((report) => rowsOf(report));
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}

function rowsOf(report: BenchReport): readonly Row[] {
  const { scenario, engine, size } = report.conditions;
  const head: Row = { run_id: report.runId, scenario, engine, size };
  return [
    { ...head, row: 'total', ...passCells(report.totals) },
    ...report.repeats.map((pass, index): Row => ({
      ...head,
      row: 'repeat',
      index,
      ...passCells(pass),
    })),
    ...report.clients.map((client): Row => ({
      ...head,
      row: `client ${client.role}`,
      index: client.index,
      [client.role.includes('subscriber') || client.role.includes('consumer')
        ? 'received'
        : 'sent']: client.messages,
      elapsed_s: client.elapsedNs / 1e9,
      msgs_per_s: Math.round(client.ratePerS),
    })),
    ...report.series.map((point): Row => ({
      ...head,
      row: 'second',
      index: point.second,
      sent: point.sent,
      received: point.received,
    })),
  ];
}

function passCells(pass: PassResult): Row {
  const { response } = pass;
  return {
    sent: pass.sent,
    received: pass.received,
    lost: pass.lost,
    duplicates: pass.duplicates,
    out_of_order: pass.outOfOrder,
    elapsed_s: pass.elapsedNs / 1e9,
    msgs_per_s: Math.round(pass.ratePerS),
    bytes_per_s: Math.round(pass.bytesPerS),
    min_ns: response?.minNs,
    mean_ns: response?.meanNs,
    p50_ns: response?.p50Ns,
    p90_ns: response?.p90Ns,
    p99_ns: response?.p99Ns,
    p999_ns: response?.p999Ns,
    p9999_ns: response?.p9999Ns,
    max_ns: response?.maxNs,
  };
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
