import { injectedJson } from '../../faults/view/injected-json.js';
import type { LatencySummary } from '../../core/statistics/latency-summary.js';
import type { Fault } from '../model/fault-log.js';
import type { Gap, DeliveryOutcome } from '../model/judge.js';
import type { Corruption } from '../model/receiver-tally.js';
import type { VerifyConditions, VerifyReport } from '../model/report.js';

/** The report with the keys of natsx's JSON; `docs/output.md` explains them. */
export function verifyJson(report: VerifyReport): Readonly<Record<string, unknown>> {
  const { outcome, role, latency, verdict } = report;
  return {
    schema: role === 'send' ? 'natsx.verify.send/1' : 'natsx.verify/1',
    run_id: report.runId,
    started_at: time(report.startedAtMs),
    duration_ms: Math.round(report.durationMs),
    sending_ms: report.sendingMs === undefined ? undefined : Math.round(report.sendingMs),
    interrupted: report.interrupted,
    ...(role === 'send' ? sentJson(outcome) : outcomeJson(outcome)),
    foreign: role === 'send' ? undefined : report.foreign,
    latency: {
      send_to_ack: latencyJson(latency.acknowledged),
      send_to_deliver: latencyJson(latency.delivered),
    },
    faults: report.faults.map(faultJson),
    ...(report.injected !== undefined && { injected: injectedJson(report.injected) }),
    verdict,
    conditions: conditionsJson(report.conditions),
    ledger: report.ledger,
    notes: report.notes,
  };
}

function sentJson(outcome: DeliveryOutcome): object {
  const { sent, acknowledged, refused, resent, recognized } = outcome;
  return { sent, acknowledged, refused, resent, recognized, ...batchesJson(outcome) };
}

function outcomeJson(outcome: DeliveryOutcome): object {
  const { receivers } = outcome;
  return {
    sent: outcome.sent,
    acknowledged: outcome.acknowledged,
    delivered: outcome.delivered,
    lost: outcome.lost,
    duplicated: outcome.duplicated,
    out_of_order: outcome.outOfOrder,
    corrupted: outcome.corrupted,
    gaps: outcome.gaps.map(gapJson),
    gaps_omitted: outcome.gapsOmitted,
    in_doubt: outcome.inDoubt,
    ...batchesJson(outcome),
    refused: outcome.refused,
    resent: outcome.resent,
    recognized: outcome.recognized,
    copies: outcome.copies,
    corruptions: outcome.corruptions.map(corruptionJson),
    receivers: receivers.map(({ outOfOrder, ...rest }) => ({ ...rest, out_of_order: outOfOrder })),
  };
}

/** Only of a run in batches. */
function batchesJson({ batches, notStored, denied }: DeliveryOutcome): object {
  return batches === undefined ? {} : { not_stored: notStored, denied, batches };
}

function gapJson({ publisher, from, to, firstAtMs, lastAtMs }: Gap): object {
  return { publisher, from, to, first_at: time(firstAtMs), last_at: time(lastAtMs) };
}

function corruptionJson({ publisher, number, atMs }: Corruption): object {
  return { publisher, number, at: time(atMs) };
}

function faultJson(fault: Fault): object {
  const { kind, where, detail, count, firstAtMs, lastAtMs } = fault;
  return { kind, where, detail, count, first_at: time(firstAtMs), last_at: time(lastAtMs) };
}

function latencyJson(summary: LatencySummary | undefined): object | undefined {
  if (summary === undefined) return undefined;
  const { count, minNs, meanNs, p50Ns, p90Ns, p99Ns, p999Ns, maxNs } = summary;
  return {
    count,
    min_ns: minNs,
    mean_ns: meanNs,
    p50_ns: p50Ns,
    p90_ns: p90Ns,
    p99_ns: p99Ns,
    p999_ns: p999Ns,
    max_ns: maxNs,
  };
}

function conditionsJson(conditions: VerifyConditions): object {
  const { consumer } = conditions;
  return {
    subject: conditions.subject,
    stream: conditions.stream,
    consumer:
      consumer === undefined
        ? undefined
        : {
            name: consumer.name,
            ack_policy: consumer.ackPolicy,
            ack_wait_ms: consumer.ackWaitMs,
            max_deliver: consumer.maxDeliver,
            own: consumer.own,
          },
    queues: conditions.queues,
    publishers: conditions.publishers,
    subscribers: conditions.subscribers,
    messages: conditions.messages,
    duration_ms: conditions.durationMs,
    rate_per_s: conditions.ratePerSecond,
    size_bytes: conditions.sizeBytes,
    window: conditions.window,
    message_ids: conditions.messageIds,
    mode: conditions.mode,
    settle_ms: conditions.settleMs,
    server: conditions.server,
    natsx_version: conditions.natsx,
  };
}

function time(epochMs: number | undefined): string | null {
  return epochMs === undefined ? null : new Date(epochMs).toISOString();
}
