import { deliveryGates } from './delivery-gates.js';
import type { ConsumerFacts, ServingClient } from './consumer-facts.js';
import type { BacklogReport, ConnectionFindings, ConsumerReport, StreamReport } from './report.js';

/** The version of the shape; it changes when a key changes its meaning or goes away. */
const BACKLOG_SCHEMA = 'natsx.backlog/1';

/** The report as the documented JSON document: snake_case, units in the keys, `null` for what is not known. */
export function backlogReportToJson(report: BacklogReport): object {
  return {
    ...headToJson(report),
    streams: report.streams.map(streamToJson),
    connections: report.connections.map(connectionToJson),
  };
}

/** The same as text in pieces, a stream each: the whole of a big account would take more memory than all the rest. */
export function* reportJsonParts(report: BacklogReport): Generator<string> {
  yield `${JSON.stringify(headToJson(report)).slice(0, -1)},"streams":[`;
  let comma = '';
  for (const stream of report.streams) {
    yield comma + JSON.stringify(streamToJson(stream));
    comma = ',';
  }
  yield `],"connections":${JSON.stringify(report.connections.map(connectionToJson))}}\n`;
}

function headToJson(report: BacklogReport): object {
  return {
    schema: BACKLOG_SCHEMA,
    at: isoTime(report.atMs),
    server: {
      name: report.server.name,
      version: report.server.version,
      cluster: report.server.cluster ?? null,
      domain: report.server.domain ?? null,
      jetstream: report.server.jetstream,
    },
    window_ms: Math.round(report.windowMs),
    complete: report.complete,
    missing: report.missing.map(({ what, why, detail }) => ({ what, why, detail })),
    account: { findings: report.account.findings },
  };
}

function streamToJson(stream: StreamReport): object {
  const { sample } = stream;
  return {
    name: stream.name,
    messages: sample?.messages ?? null,
    bytes: sample?.bytes ?? null,
    retention: sample?.config.retention ?? null,
    rate_in_per_s: rounded(stream.ingestPerS),
    time_to_loss_s: rounded(stream.timeToLossS),
    verdict: stream.verdict,
    severity: stream.severity,
    headline: stream.headline,
    findings: stream.findings,
    consumers: stream.consumers.map(consumerToJson),
  };
}

/** One consumer's row; also what `--watch --json` and the metrics are made of. */
function consumerToJson(consumer: ConsumerReport): object {
  const { stream, name, facts, verdict, severity, confidence, headline, findings } = consumer;
  return {
    stream,
    name,
    ...(facts === undefined ? NOTHING_KNOWN : numbersOf(facts)),
    verdict,
    severity,
    confidence: confidence.level,
    confidence_reasons: confidence.reasons,
    headline,
    findings,
  };
}

function numbersOf(facts: ConsumerFacts): Record<keyof typeof NOTHING_KNOWN, unknown> {
  const { last, pace, drain, loss, oldestAgeMs, lookups } = facts;
  return {
    at: isoTime(last.atMs),
    pending: last.pending,
    ack_pending: last.ackPending,
    redelivered: last.redelivered,
    waiting: last.waiting,
    backlog: facts.backlog,
    oldest_age_ms: oldestAgeMs === undefined ? null : Math.round(oldestAgeMs),
    oldest_age_estimated: lookups.oldest?.estimated === true,
    rate_in_per_s: rounded(pace?.publishPerS),
    rate_out_per_s: rounded(pace?.settlePerS),
    trend: drain.trend,
    drain_eta_s: rounded(drain.etaS),
    drain_eta_range_s: drain.etaRangeS?.map(rounded) ?? null,
    time_to_loss_s: rounded(loss && loss.inMs / 1000),
    clients: facts.clients.serving?.map(clientToJson) ?? null,
    delivery_needs: deliveryGates(facts).map(({ id, state, detail }) => ({ id, state, detail })),
  };
}

const NOTHING_KNOWN = {
  at: null,
  pending: null,
  ack_pending: null,
  redelivered: null,
  waiting: null,
  backlog: null,
  oldest_age_ms: null,
  oldest_age_estimated: false,
  rate_in_per_s: null,
  rate_out_per_s: null,
  trend: 'unknown',
  drain_eta_s: null,
  drain_eta_range_s: null,
  time_to_loss_s: null,
  clients: null,
  delivery_needs: null,
};

function clientToJson({ name, address, rttMs }: ServingClient): object {
  return { name, address, rtt_ms: rounded(rttMs) };
}

function connectionToJson(connection: ConnectionFindings): object {
  const { open, lastClosed, name, severity, findings } = connection;
  const either = open ?? lastClosed;
  return {
    name,
    server: either?.server ?? null,
    address: either?.address ?? null,
    connected: open !== undefined,
    pending_bytes: open?.pendingBytes ?? null,
    rtt_ms: open?.rttMs ?? null,
    subscriptions: either?.subscriptions.slice(0, 20) ?? [],
    severity,
    findings,
  };
}

function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** Three decimals; infinity, as of a drain that may never end, has no place in JSON. */
function rounded(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Math.round(value * 1000) / 1000;
}
