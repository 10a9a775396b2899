import { SharedValues } from '../../core/shared-values.js';
import type { Confidence } from './confidence.js';
import type { DrainForecast } from './drain.js';
import type { Motion } from './motion.js';
import type { ConsumerPace } from './pace.js';
import { causeFirst, runRules } from '../../core/findings/run-rules.js';
import { compareSeverity, worstSeverity } from '../../core/findings/severity.js';
import { clientIndex, type ClientIndex } from './client-facts.js';
import type { ClientFacts } from './consumer-facts.js';
import { diagnoseConnections } from './diagnose-connections.js';
import { diagnoseConsumer, headline } from './diagnose-consumer.js';
import type { BacklogReport, ConsumerReport, StreamReport } from './report.js';
import { STREAM_RULES } from './rule-table.js';
import { ACCOUNT_RULES } from './rules/account.js';
import { GROUP_RULES, streamOperations } from './rules/raft-group.js';
import type { BacklogFinding } from './rules/rule-types.js';
import { SERVER_HEALTH_RULES } from './rules/server-health.js';
import type { ScanWindow, StreamSeries } from './series.js';
import { streamFacts } from './stream-facts.js';
import { DEFAULT_THRESHOLDS, type Thresholds } from './thresholds.js';
import { plural } from '../../core/wording.js';

/** Turns what was read into findings. Pure: the clock is the server's, inside the window. */
export function diagnose(
  window: ScanWindow,
  thresholds: Thresholds = DEFAULT_THRESHOLDS,
): BacklogReport {
  const clients = clientIndex(window.elsewhere === true ? {} : window.core);
  // The account's own figures are an answer, too: then the API itself works.
  const othersAnswered =
    window.account.length > 0 || window.streams.some(({ samples }) => samples.length > 0);
  const { medianRttMs, serverUpMs } = clients;
  const idleClients = { open: clients.open?.length, medianRttMs, serverUpMs };
  const context = {
    window,
    clients,
    idleClients,
    thresholds,
    othersAnswered,
    compactor: new ReportCompactor(),
  };
  const streams = window.streams
    .map((series) => diagnoseStream(series, context))
    .toSorted(compareStreams);
  return {
    atMs: window.atMs,
    windowMs: window.windowMs,
    server: window.server,
    complete: window.missing.length === 0,
    missing: window.missing,
    account: {
      findings: causeFirst([
        ...runRules(SERVER_HEALTH_RULES, { servers: window.core.servers?.at(-1) ?? [] }),
        ...runRules(ACCOUNT_RULES, { window, thresholds }),
      ]),
    },
    streams,
    connections: diagnoseConnections(window, thresholds),
  };
}

interface StreamContext {
  readonly window: ScanWindow;
  readonly clients: ClientIndex;
  readonly idleClients: ClientFacts;
  readonly thresholds: Thresholds;
  readonly othersAnswered: boolean;
  readonly compactor: ReportCompactor;
}

function diagnoseStream(series: StreamSeries, context: StreamContext): StreamReport {
  const { thresholds, othersAnswered } = context;
  const group = runRules(GROUP_RULES, {
    kind: 'stream',
    stream: series.name,
    consumer: '',
    states: series.samples.map(({ cluster }) => cluster),
    operations: series.samples.map(streamOperations),
    unavailable: series.unavailable,
    othersAnswered,
    thresholds,
  });
  const facts = streamFacts(series, thresholds);
  const own = facts === undefined ? [] : runRules(STREAM_RULES, facts);
  const findings = settle(series, [...group, ...own]);
  const streamFindings = new Set(group.map(({ id }) => id));
  const consumers = series.consumers
    .map((consumer) =>
      context.compactor.compact(
        diagnoseConsumer(consumer, {
          stream: series,
          clients: context.clients,
          idleClients: context.idleClients,
          thresholds,
          missing: context.window.missing,
          serverVersion: context.window.server.version,
          streamFindings,
          othersAnswered:
            othersAnswered || series.consumers.some(({ samples }) => samples.length > 0),
        }),
      ),
    )
    .toSorted(compareConsumers);
  return {
    name: series.name,
    verdict: findings[0]?.id ?? 'OK',
    severity: worstSeverity(findings.map(({ severity }) => severity)),
    findings,
    headline: headline(findings),
    sample: series.samples.at(-1),
    ingestPerS: facts?.ingestPerS,
    timeToLossS: earliestLoss(consumers),
    consumers,
  };
}

/** A stream without findings is healthy only if it and all its consumers were read. */
function settle(
  series: StreamSeries,
  findings: readonly BacklogFinding[],
): readonly BacklogFinding[] {
  const doubt = unreadPart(series);
  if (findings.length > 0) {
    const isExplained = series.samples.length === 0 || doubt === undefined;
    return isExplained ? findings : [...findings, doubt];
  }
  if (doubt !== undefined) return [doubt];
  const last = series.samples.at(-1);
  return [
    {
      id: 'OK',
      severity: 'ok',
      summary: 'The stream itself is fine.',
      evidence: { messages: last?.messages ?? 0, consumers: last?.consumerCount ?? 0 },
      remedy: [],
    },
  ];
}

/** The part of the stream that could not be read: all of it, or its list of consumers. */
function unreadPart({ samples, consumers, unavailable }: StreamSeries): BacklogFinding | undefined {
  const last = samples.at(-1);
  const why = unavailable?.detail ?? 'the server did not answer';
  const evidence = { reason: unavailable?.why ?? 'error' };
  const doubt = { id: 'UNKNOWN', severity: 'unknown', remedy: [] } as const;
  if (last === undefined) {
    return { ...doubt, summary: `It could not be read: ${why}.`, evidence };
  }
  const unread = last.consumerCount - consumers.length;
  if (unavailable === undefined || unread <= 0) return undefined;
  return {
    ...doubt,
    summary: `${plural(unread, 'consumer')} could not be read: ${why}.`,
    evidence: { ...evidence, consumers: last.consumerCount, unread },
  };
}

function earliestLoss(consumers: readonly ConsumerReport[]): number | undefined {
  const times = consumers.flatMap(({ facts }) =>
    facts?.loss === undefined ? [] : [facts.loss.inMs / 1000],
  );
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Worst first: by severity, then by backlog, then by name. */
export function compareConsumers(a: ConsumerReport, b: ConsumerReport): number {
  return (
    compareSeverity(a.severity, b.severity) ||
    (b.facts?.backlog ?? 0) - (a.facts?.backlog ?? 0) ||
    compareNames(a.name, b.name)
  );
}

function compareStreams(a: StreamReport, b: StreamReport): number {
  return compareSeverity(worstOf(a), worstOf(b)) || compareNames(a.name, b.name);
}

function worstOf(stream: StreamReport): StreamReport['severity'] {
  return worstSeverity([stream.severity, ...stream.consumers.map(({ severity }) => severity)]);
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Shares equal parts between the reports of idle consumers, to save memory. */
class ReportCompactor {
  readonly #findings = new SharedValues<ConsumerReport['findings']>();
  readonly #confidences = new SharedValues<Confidence>();
  readonly #motions = new SharedValues<Motion>();
  readonly #paces = new SharedValues<ConsumerPace>();
  readonly #drains = new SharedValues<DrainForecast>();

  compact(report: ConsumerReport): ConsumerReport {
    const { facts } = report;
    if (facts === undefined || facts.backlog > 0) return report;
    const confidence = this.#confidences.share(report.confidence);
    return {
      ...report,
      findings: this.#findings.share(report.findings),
      confidence,
      facts: {
        ...facts,
        confidence,
        motion: facts.motion && this.#motions.share(inMilliseconds(facts.motion)),
        pace: facts.pace && this.#paces.share(facts.pace),
        drain: this.#drains.share(facts.drain),
      },
    };
  }
}

/** Rounds times that differ by microseconds, so they can be shared; without movement there are no rates to distort. */
function inMilliseconds(motion: Motion): Motion {
  if (motion.deliveries > 0 || motion.published > 0) return motion;
  return { ...motion, dtMs: Math.round(motion.dtMs) };
}
