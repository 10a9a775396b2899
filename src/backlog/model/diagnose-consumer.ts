import { causeFirst, runRules } from '../../core/findings/run-rules.js';
import { applyRule } from '../../core/findings/rule.js';
import { isAlarm, worstSeverity } from '../../core/findings/severity.js';
import { clientFactsFor, type ClientIndex } from './client-facts.js';
import { consumerFacts, type ClientFacts, type ConsumerFacts } from './consumer-facts.js';
import type { FindingId } from './finding-id.js';
import type { LossClock } from './loss-clock.js';
import type { ConsumerReport } from './report.js';
import { CONSUMER_RULES, IDLE_RULES } from './rule-table.js';
import { consumerOperations, GROUP_RULES } from './rules/raft-group.js';
import type { BacklogFinding } from './rules/rule-types.js';
import { whenLost } from './rules/loss.js';
import { isIgnored, unknown } from './rules/standing.js';
import type { ConsumerSeries, StreamSeries } from './series.js';
import type { Missing } from '../../streams/model/snapshot.js';
import type { Thresholds } from './thresholds.js';
import { leavesConsumers, serversOwn, serversOwnText } from './servers-own.js';
import { formatCount } from '../../core/wording.js';
import { shellWord } from '../../core/printable.js';

export interface ConsumerContext {
  readonly stream: StreamSeries;
  readonly clients: ClientIndex;
  /** Client facts for consumers without a backlog. */
  readonly idleClients: ClientFacts;
  readonly thresholds: Thresholds;
  readonly missing: readonly Missing[];
  /** Findings on the stream's own group; a consumer repeats only what affects it alone. */
  readonly streamFindings: ReadonlySet<FindingId>;
  readonly othersAnswered: boolean;
  readonly serverVersion: string;
}

/** Notes that can be the verdict themselves; other notes leave the cause unknown. */
const EXPLAINING: ReadonlySet<FindingId> = new Set([
  'OK',
  'FILTER_MATCHES_NOTHING',
  'BURST',
  'OVERFLOW_NOT_REACHED',
  'LEFT_BEHIND_BY_DESIGN',
  'CLIENT_HUNG',
]);

/** Loss is always reported; alone it leaves the cause unknown. */
const LOSS: ReadonlySet<FindingId> = new Set(['DATA_LOSS_IMMINENT', 'UNREAD_EVICTED']);

/** The verdict on one consumer with everything that was found. */
export function diagnoseConsumer(series: ConsumerSeries, context: ConsumerContext): ConsumerReport {
  const group = groupFindings(series, context);
  const facts = consumerFacts(series, context.stream, {
    clients: isAtRest(series)
      ? context.idleClients
      : clientFactsFor(
          series,
          context.clients,
          context.stream.samples.at(-1)?.config.subjects ?? [],
        ),
    thresholds: context.thresholds,
    missing: context.missing,
    serverVersion: context.serverVersion,
  });
  const findings =
    facts === undefined
      ? withoutFacts(series, group, context)
      : isIgnored(facts)
        ? ignored(facts)
        : handsOff(facts, judged(facts, group));
  return {
    stream: series.stream,
    name: series.name,
    verdict: findings[0]?.id ?? 'UNKNOWN',
    severity: worstSeverity(findings.map(({ severity }) => severity)),
    findings,
    headline: headline(findings, facts?.loss),
    confidence: facts?.confidence ?? {
      level: 'low',
      reasons: ['the server did not answer for it'],
    },
    facts,
  };
}

/** Nothing is pending or in flight: clients do not matter, and finding them means going through every connection. */
function isAtRest({ samples, lookups }: ConsumerSeries): boolean {
  const last = samples.at(-1);
  return lookups === undefined && last !== undefined && last.pending + last.ackPending === 0;
}

function groupFindings(
  series: ConsumerSeries,
  context: ConsumerContext,
): readonly BacklogFinding[] {
  const { samples, unavailable, stream, name } = series;
  // A consumer cannot have a leader where its stream has none.
  if (context.streamFindings.has('NO_LEADER')) return [];
  return runRules(GROUP_RULES, {
    kind: 'consumer',
    stream,
    consumer: name,
    states: samples.map(({ cluster }) => cluster),
    operations: samples.map(consumerOperations),
    unavailable,
    othersAnswered: context.othersAnswered,
    thresholds: context.thresholds,
  }).filter(({ id }) => !context.streamFindings.has(id));
}

function judged(facts: ConsumerFacts, group: readonly BacklogFinding[]): readonly BacklogFinding[] {
  const idle = facts.backlog === 0 && (facts.motion?.deliveries ?? 0) === 0;
  const found = runRules(idle ? IDLE_RULES : CONSUMER_RULES, facts);
  const alarms = found.filter(({ severity }) => isAlarm(severity));
  // A slow replica does not hold up delivery; a missing leader does.
  const blocking = group.filter(({ id }) => id === 'NO_LEADER');
  const beside = group.filter(({ id }) => id !== 'NO_LEADER');
  if (blocking.length > 0)
    return [...blocking, ...beside, ...found.filter(({ id }) => id !== 'OK')];
  if (alarms.length > 0) return withOpenCause(facts, alarms, found, beside);
  const first = found.findIndex(({ id }) => EXPLAINING.has(id));
  const verdict = first === -1 ? applyRule(unknown, facts) : found[first];
  const notes = found.filter((finding) => finding !== verdict);
  return causeFirst([...(verdict === undefined ? [] : [verdict]), ...notes, ...beside]);
}

function withOpenCause(
  facts: ConsumerFacts,
  alarms: readonly BacklogFinding[],
  found: readonly BacklogFinding[],
  beside: readonly BacklogFinding[],
): readonly BacklogFinding[] {
  const notes = found.filter(({ id, severity }) => !isAlarm(severity) && id !== 'OK');
  const onlyLoss = alarms.every(({ id }) => LOSS.has(id));
  const stillWell = facts.backlog === 0 || facts.keepsUp;
  const open = onlyLoss && !stillWell ? applyRule(unknown, facts) : undefined;
  return [...alarms, ...beside, ...(open === undefined ? [] : [open]), ...notes];
}

/** Users should not change consumers that servers created for themselves: the problem is the copying stream's. */
function handsOff(
  { last }: ConsumerFacts,
  findings: readonly BacklogFinding[],
): readonly BacklogFinding[] {
  const own = serversOwn(last);
  if (own === undefined) return findings;
  return findings.map((finding, place) => ({
    ...finding,
    summary: place === 0 ? `${finding.summary} It is ${serversOwnText(own)}.` : finding.summary,
    remedy: [
      ...finding.remedy.filter(leavesConsumers),
      ...(place > 0 || finding.severity === 'ok' || own.stream === undefined
        ? []
        : [`natsx stream info ${shellWord(own.stream)}`]),
    ],
  }));
}

/** It is marked as allowed to lag; loss is still reported, as a note. */
function ignored(facts: ConsumerFacts): readonly BacklogFinding[] {
  return runRules(CONSUMER_RULES, facts)
    .filter(({ id }) => id === 'LEFT_BEHIND_BY_DESIGN' || id === 'CURSOR_AHEAD' || LOSS.has(id))
    .map((finding) => ({ ...finding, severity: 'info' as const }))
    .toSorted((a, b) => Number(isByDesign(b)) - Number(isByDesign(a)));
}

function isByDesign({ id }: BacklogFinding): boolean {
  return id === 'LEFT_BEHIND_BY_DESIGN';
}

function withoutFacts(
  series: ConsumerSeries,
  group: readonly BacklogFinding[],
  context: ConsumerContext,
): readonly BacklogFinding[] {
  if (group.length > 0) return group;
  const why = series.unavailable ?? context.stream.unavailable;
  return [
    {
      id: 'UNKNOWN',
      severity: 'unknown',
      summary: `It could not be read: ${why?.detail ?? 'the server did not answer'}.`,
      evidence: { reason: why?.why ?? 'error' },
      remedy: [],
    },
  ];
}

/** The sentence of the verdict, including imminent or past loss. */
export function headline(findings: readonly BacklogFinding[], clock?: LossClock): string {
  const [first] = findings;
  if (first === undefined) return '';
  const loss = findings.slice(1).filter(({ id, severity }) => LOSS.has(id) && severity !== 'info');
  if (loss.length === 0) return first.summary;
  const body = first.summary.replace(/\.$/, '');
  return `${body}, and ${loss.map((finding) => lossClause(finding, clock)).join(', and ')}.`;
}

function lossClause({ id, evidence }: BacklogFinding, clock: LossClock | undefined): string {
  if (id === 'DATA_LOSS_IMMINENT') {
    return `unread messages are lost ${clock === undefined ? 'soon' : whenLost(clock)}`;
  }
  const lost = evidence['evicted_unread'];
  if (lost === 0) {
    const deleted = evidence['deleted_in_flight'];
    return `${typeof deleted === 'number' ? formatCount(deleted) : 'some'} were discarded before they were acknowledged`;
  }
  return `${typeof lost === 'number' ? formatCount(lost) : 'some'} unread messages are lost already`;
}
