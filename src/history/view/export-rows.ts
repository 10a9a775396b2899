import type { ScanWindow } from '../../backlog/model/series.js';
import type {
  AccountSample,
  ClusterState,
  ConnectionSample,
  ConsumerSample,
  StreamSample,
} from '../../streams/model/snapshot.js';
import type { HistoryGap } from '../model/frame.js';
import type { Announcement } from '../../backlog/model/memory/announced.js';

/** A row of an export: one thing at one time. Numbers that are not known are null. */
export type ExportRow = Readonly<Record<string, string | number | boolean | null>>;

/** Columns of the CSV, in order; a row has those of its kind. */
export const CSV_COLUMNS = [
  'kind',
  'at',
  'stream',
  'consumer',
  'connection',
  'server',
  'messages',
  'bytes',
  'first_seq',
  'last_seq',
  'consumers',
  'delivered_consumer_seq',
  'delivered_stream_seq',
  'ack_floor_consumer_seq',
  'ack_floor_stream_seq',
  'pending',
  'ack_pending',
  'redelivered',
  'waiting',
  'paused',
  'leader',
  'in_messages',
  'out_messages',
  'pending_bytes',
  'subscriptions',
  'event',
  'count',
] as const;

/** Everything that one reading has, row by row. Samples of earlier readings are left out. */
export function* exportRows(
  window: ScanWindow,
  events: readonly Announcement[],
): Generator<ExportRow> {
  for (const event of events) yield eventRow(event);
  const account = window.account.at(-1);
  if (account !== undefined) yield accountRow(account);
  for (const { samples, consumers } of window.streams) {
    const sample = samples.at(-1);
    if (sample !== undefined) yield streamRow(sample);
    for (const consumer of consumers) {
      const last = consumer.samples.at(-1);
      if (last !== undefined) yield consumerRow(last);
    }
  }
  for (const connection of window.core.open?.at(-1) ?? []) yield connectionRow(connection);
}

export function gapRow({ fromMs, toMs, reason }: HistoryGap): ExportRow {
  return { kind: 'gap', at: isoTime(fromMs), until: isoTime(toMs), event: reason };
}

function eventRow({ atMs, kind, stream, consumer, count, leader, seq }: Announcement): ExportRow {
  return {
    kind: 'event',
    at: isoTime(atMs),
    event: kind,
    stream,
    consumer: consumer ?? null,
    count,
    leader: leader ?? null,
    seq: seq ?? null,
  };
}

function accountRow({ atMs, streams, consumers, usages, apiErrors }: AccountSample): ExportRow {
  const used = usages.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
  return {
    kind: 'account',
    at: isoTime(atMs),
    streams,
    consumers,
    bytes: used,
    api_errors: apiErrors,
  };
}

function streamRow(sample: StreamSample): ExportRow {
  return {
    kind: 'stream',
    at: isoTime(sample.atMs),
    stream: sample.name,
    messages: sample.messages,
    bytes: sample.bytes,
    first_seq: sample.firstSeq,
    last_seq: sample.lastSeq,
    consumers: sample.consumerCount,
    leader: leaderOf(sample.cluster),
  };
}

function consumerRow(sample: ConsumerSample): ExportRow {
  const { delivered, ackFloor } = sample;
  return {
    kind: 'consumer',
    at: isoTime(sample.atMs),
    stream: sample.stream,
    consumer: sample.name,
    delivered_consumer_seq: delivered.consumerSeq,
    delivered_stream_seq: delivered.streamSeq,
    ack_floor_consumer_seq: ackFloor.consumerSeq,
    ack_floor_stream_seq: ackFloor.streamSeq,
    pending: sample.pending,
    ack_pending: sample.ackPending,
    redelivered: sample.redelivered,
    waiting: sample.waiting,
    paused: sample.paused,
    leader: leaderOf(sample.cluster),
  };
}

function connectionRow(sample: ConnectionSample): ExportRow {
  return {
    kind: 'connection',
    at: isoTime(sample.atMs),
    connection: sample.name,
    server: sample.server,
    cid: sample.cid,
    address: sample.address,
    in_messages: sample.inMessages,
    out_messages: sample.outMessages,
    pending_bytes: sample.pendingBytes,
    subscriptions: sample.subscriptionCount,
    rtt_ms: sample.rttMs ?? null,
  };
}

function leaderOf(cluster: ClusterState | undefined): string | null {
  return cluster?.leader ?? null;
}

function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** A row as a line of CSV; what it has beyond the columns is in the JSON lines alone. */
export function csvLine(row: ExportRow): string {
  return CSV_COLUMNS.map((column) => csvCell(row[column])).join(',');
}

function csvCell(value: ExportRow[string] | undefined): string {
  if (value === undefined || value === null) return '';
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
