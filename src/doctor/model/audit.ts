import { leavesConsumers, serversOwn } from '../../backlog/model/servers-own.js';
import { consumerFacts } from '../../backlog/model/consumer-facts.js';
import {
  consumerOperations,
  GROUP_RULES,
  streamOperations,
} from '../../backlog/model/rules/raft-group.js';
import type { ConsumerSeries, StreamSeries } from '../../backlog/model/series.js';
import type { ClusterState, Missing } from '../../streams/model/snapshot.js';
import { DEFAULT_THRESHOLDS } from '../../backlog/model/thresholds.js';
import { applyRule } from '../../core/findings/rule.js';
import { runRules } from '../../core/findings/run-rules.js';
import { compareSeverity, worstSeverity } from '../../core/findings/severity.js';
import { AREAS, type AuditRule } from './audit-rule.js';
import type { AuditId } from './doctor-id.js';
import type { AuditChoices, ConsumerAudit, DeploymentAudit, StreamAudit } from './facts.js';
import { missingParts } from './missing-parts.js';
import type { AuditReading } from './reading.js';
import type { AuditFinding, AuditReport, AuditScope } from './report.js';
import { CONSUMER_AUDIT_RULES, DEPLOYMENT_RULES, STREAM_AUDIT_RULES } from './rule-table.js';
import { DEFAULT_DOCTOR_THRESHOLDS, type DoctorThresholds } from './thresholds.js';

/** What the rules use besides what was read. */
export interface AuditTerms {
  readonly choices: AuditChoices;
  readonly ignored: ReadonlySet<AuditId>;
  /** @default {@link DEFAULT_DOCTOR_THRESHOLDS} */
  readonly thresholds?: DoctorThresholds | undefined;
}

/** The metadata key of streams on which order matters. */
const ORDERED_KEY = 'io.natsx.ordered';

/** Runs all rules over what was read. */
export function audit(reading: AuditReading, terms: AuditTerms): AuditReport {
  const { scan, connection } = reading;
  const thresholds = terms.thresholds ?? DEFAULT_DOCTOR_THRESHOLDS;
  const all = [
    ...deploymentFindings(reading, thresholds),
    ...scan.streams.flatMap((series) =>
      streamFindings(series, { reading, thresholds, choices: terms.choices }),
    ),
  ];
  const findings = all.filter(({ id }) => !terms.ignored.has(id)).toSorted(worstFirst);
  return {
    atMs: scan.atMs,
    server: {
      name: connection.server,
      version: connection.version,
      cluster: connection.cluster,
    },
    account: connection.user?.account,
    looked: {
      servers: Math.max(1, reading.servers.length),
      streams: scan.streams.length,
      consumers: scan.streams.reduce((sum, { consumers }) => sum + consumers.length, 0),
      connections: scan.core.open?.at(-1)?.length,
      windowMs: scan.windowMs,
    },
    findings,
    ignored: all.length - findings.length,
    missing: missingParts(reading),
    severity: worstSeverity(findings.map(({ severity }) => severity)),
  };
}

interface Context {
  readonly reading: AuditReading;
  readonly thresholds: DoctorThresholds;
  readonly choices: AuditChoices;
}

function deploymentFindings(
  reading: AuditReading,
  thresholds: DoctorThresholds,
): readonly AuditFinding[] {
  const { jetStream, connection } = reading;
  const facts: DeploymentAudit = {
    ...reading,
    jetStream: jetStream.state === 'on' ? jetStream.account : undefined,
    thresholds,
  };
  const scopes: Readonly<Record<string, AuditScope>> = {
    account: { kind: 'account', account: connection.user?.account },
    connection: { kind: 'connection', server: connection.server },
  };
  const server: AuditScope = { kind: 'server', server: connection.server };
  return DEPLOYMENT_RULES.flatMap((rule) => found(rule, facts, scopes[rule.scope] ?? server));
}

function streamFindings(series: StreamSeries, context: Context): readonly AuditFinding[] {
  const { reading, thresholds, choices } = context;
  const { name } = series;
  const group = groupFindings(
    { ...series, operations: series.samples.map(streamOperations) },
    { kind: 'stream', stream: name },
    reading,
  );
  const last = series.samples.at(-1);
  if (last === undefined) return group;
  const consumers = series.consumers.flatMap(({ samples }) => samples.slice(-1));
  const facts: StreamAudit = {
    name,
    last,
    consumers,
    complete:
      consumers.length === series.consumers.length && consumers.length >= last.consumerCount,
    clustered: reading.connection.cluster !== undefined,
    subjects: reading.subjects.get(name),
    sizes: reading.sizes.get(name),
    choices,
    thresholds,
  };
  const leaderless = group.some(({ id }) => id === 'NO_LEADER');
  return [
    ...group,
    ...STREAM_AUDIT_RULES.flatMap((rule) => found(rule, facts, { kind: 'stream', stream: name })),
    ...series.consumers.flatMap((consumer) =>
      consumerFindings(consumer, { ...context, stream: series, leaderless, streamGroup: group }),
    ),
  ];
}

interface ConsumerContext extends Context {
  readonly stream: StreamSeries;
  /** A consumer cannot have a leader where its stream has none. */
  readonly leaderless: boolean;
  /** Findings on the stream's own group; a consumer repeats only what affects it alone. */
  readonly streamGroup: readonly AuditFinding[];
}

function consumerFindings(
  series: ConsumerSeries,
  context: ConsumerContext,
): readonly AuditFinding[] {
  const { reading, stream, choices, thresholds } = context;
  const scope: AuditScope = { kind: 'consumer', stream: stream.name, consumer: series.name };
  const group = context.leaderless
    ? []
    : groupFindings(
        { ...series, operations: series.samples.map(consumerOperations) },
        scope,
        reading,
      ).filter(({ id }) => !context.streamGroup.some((finding) => finding.id === id));
  const consumer = consumerFacts(series, stream, {
    clients: {},
    thresholds: DEFAULT_THRESHOLDS,
    missing: [],
    serverVersion: reading.connection.version,
  });
  const streamLast = stream.samples.at(-1);
  if (consumer === undefined || streamLast === undefined) return group;
  const facts: ConsumerAudit = {
    consumer,
    stream: streamLast,
    ordered: choices.ordered.has(stream.name) || saysOrdered(streamLast.config.metadata),
    thresholds,
  };
  const own = CONSUMER_AUDIT_RULES.flatMap((rule) => found(rule, facts, scope));
  return [...group, ...(serversOwn(consumer.last) === undefined ? own : ofServers(own))];
}

const LOSES_MESSAGES: ReadonlySet<AuditId> = new Set([
  'CURSOR_AHEAD',
  'UNREAD_EVICTED',
  'DISCARD_BEFORE_READ',
  'MAX_AGE_NEAR_BACKLOG',
]);

/** For a consumer that servers created for themselves, only loss is reported, without commands that change it. */
function ofServers(findings: readonly AuditFinding[]): readonly AuditFinding[] {
  return findings
    .filter(({ id }) => LOSES_MESSAGES.has(id))
    .map((finding) => ({ ...finding, remedy: finding.remedy.filter(leavesConsumers) }));
}

function saysOrdered(metadata: Readonly<Record<string, string>> | undefined): boolean {
  const value = metadata?.[ORDERED_KEY]?.toLowerCase();
  return value !== undefined && value !== 'false' && value !== 'no' && value !== '0';
}

interface GroupSample {
  readonly atMs: number;
  readonly createdMs?: number | undefined;
  readonly cluster?: ClusterState | undefined;
}

interface Group {
  readonly samples: readonly GroupSample[];
  readonly operations: readonly number[];
  readonly unavailable?: Missing | undefined;
}

/** A new leader, or the leader of a new group, has not heard from its replicas yet, which looks as if they were gone. */
function isSettled(last: GroupSample | undefined): boolean {
  if (last === undefined) return true;
  const sinceMs = Math.max(last.createdMs ?? 0, last.cluster?.leaderSinceMs ?? 0);
  return last.atMs - sinceMs >= DEFAULT_THRESHOLDS.peerSilentMs;
}

function groupFindings(
  series: Group,
  scope: Extract<AuditScope, { kind: 'stream' | 'consumer' }>,
  { scan }: AuditReading,
): readonly AuditFinding[] {
  const found = runRules(GROUP_RULES, {
    kind: scope.kind,
    stream: scope.stream,
    consumer: scope.kind === 'consumer' ? scope.consumer : '',
    states: series.samples.map(({ cluster }) => cluster),
    operations: series.operations,
    unavailable: series.unavailable,
    othersAnswered: scan.streams.some(({ samples }) => samples.length > 0),
    thresholds: DEFAULT_THRESHOLDS,
  });
  const settled = isSettled(series.samples.at(-1));
  const kept = found.filter(({ id }) => settled || id === 'NO_LEADER');
  return kept.map((finding) => ({
    ...finding,
    area: 'availability',
    scope,
  }));
}

function found<Facts>(
  rule: AuditRule<Facts>,
  facts: Facts,
  scope: AuditScope,
): readonly AuditFinding[] {
  const finding = applyRule(rule, facts);
  return finding === undefined ? [] : [{ ...finding, area: rule.area, scope }];
}

function worstFirst(a: AuditFinding, b: AuditFinding): number {
  return compareSeverity(a.severity, b.severity) || AREAS.indexOf(a.area) - AREAS.indexOf(b.area);
}
