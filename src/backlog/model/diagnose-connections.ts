import { runRules } from '../../core/findings/run-rules.js';
import { compareSeverity, worstSeverity } from '../../core/findings/severity.js';
import { lowerMedian } from '../../core/statistics/statistics.js';
import { isOwnConnection, keyOf } from './client-facts.js';
import type { FindingId } from './finding-id.js';
import type { ConnectionFindings } from './report.js';
import { CONNECTION_RULES, type ConnectionFacts } from './rules/connections.js';
import type { CoreSeries, ScanWindow } from './series.js';
import type { ClosedConnection, ConnectionSample } from '../../streams/model/snapshot.js';
import type { Thresholds } from './thresholds.js';

type Shared = Pick<ConnectionFacts, 'atMs' | 'thresholds' | 'maxPendingBytes'>;

/** Clients on which something was found, and others with unsent bytes: worst first. Clean, quick clients are left out. */
export function diagnoseConnections(
  window: ScanWindow,
  thresholds: Thresholds,
): readonly ConnectionFindings[] {
  const { core, atMs } = window;
  const shared = { atMs, thresholds, maxPendingBytes: core.maxPendingBytes };
  const reports: ConnectionFindings[] = [];
  for (const facts of connectionFacts(core, shared)) push(reports, facts);
  pushCounted(reports, core, shared);
  return reports.toSorted(
    (a, b) =>
      compareSeverity(a.severity, b.severity) ||
      (b.open?.pendingBytes ?? 0) - (a.open?.pendingBytes ?? 0),
  );
}

/** Every open connection, and every name that has only closed ones. A name's closed ones are reported once. */
function* connectionFacts(core: CoreSeries, shared: Shared): Generator<ConnectionFacts> {
  const closedByName = groupByName(core.closed ?? []);
  const rtts = rttsByServer(core.open?.at(-1) ?? []);
  const seen = new Set<string>();
  for (const { last, samples } of openSeries(core)) {
    const closed = last.name === '' || seen.has(last.name) ? [] : closedByName.get(last.name);
    seen.add(last.name);
    yield {
      ...shared,
      ...NO_TRAFFIC,
      ...roundTrips(rtts.get(last.server)),
      name: last.name === '' ? last.address : last.name,
      samples,
      closed: closed ?? [],
    };
  }
  for (const [name, closed] of closedByName) {
    if (!seen.has(name) && !isOwnConnection(name)) yield { ...shared, ...NO_TRAFFIC, name, closed };
  }
}

function roundTrips(
  rtts: readonly number[] = [],
): Pick<ConnectionFacts, 'medianRttMs' | 'rttCount'> {
  return { medianRttMs: lowerMedian(rtts), rttCount: rtts.length };
}

const NO_TRAFFIC = {
  samples: [],
  closed: [],
  unexplainedSlow: 0,
  unexplainedStalls: 0,
  allAccounts: false,
  medianRttMs: undefined,
  rttCount: 0,
} as const;

function push(reports: ConnectionFindings[], facts: ConnectionFacts): void {
  const findings = runRules(CONNECTION_RULES, facts);
  const open = facts.samples.at(-1);
  if (findings.length === 0 && (open?.pendingBytes ?? 0) === 0) return;
  reports.push({
    name: facts.name,
    severity: worstSeverity(findings.map(({ severity }) => severity)),
    findings,
    open,
    lastClosed: facts.closed.toSorted((a, b) => b.stopMs - a.stopMs)[0],
  });
}

/** A server's counts rose, and no visible connection explains it. */
function pushCounted(reports: ConnectionFindings[], core: CoreSeries, shared: Shared): void {
  const has = (id: FindingId): boolean =>
    reports.some(({ findings }) => findings.some((finding) => finding.id === id));
  const slowKnown = has('CORE_SLOW_CONSUMER');
  const stallsKnown = has('PRODUCER_STALLED');
  const counted = (facts: Partial<ConnectionFacts> & { readonly server: string }): void =>
    push(reports, {
      ...shared,
      ...NO_TRAFFIC,
      ...facts,
      name: `clients of server ${facts.server}`,
    });
  const own = new Set<string>();
  for (const { server, rose } of risen(core.statistics, ({ slowConsumers }) => slowConsumers)) {
    own.add(server);
    if (!slowKnown) counted({ server, unexplainedSlow: rose });
  }
  for (const { server, rose } of risen(core.servers, ({ slowConsumers }) => slowConsumers)) {
    if (!slowKnown && !own.has(server)) {
      counted({ server, unexplainedSlow: rose, allAccounts: true });
    }
  }
  for (const { server, rose } of risen(core.servers, ({ stalledClients }) => stalledClients)) {
    if (!stallsKnown) counted({ server, unexplainedStalls: rose, allAccounts: true });
  }
}

/** Servers on which a count is higher in the last reading than in the first. */
function risen<T extends { readonly server: string }>(
  readings: readonly (readonly T[])[] | undefined,
  countOf: (sample: T) => number | undefined,
): readonly { readonly server: string; readonly rose: number }[] {
  const first = readings?.[0] ?? [];
  return (readings?.at(-1) ?? []).flatMap((after) => {
    const before = first.find(({ server }) => server === after.server);
    const [from, to] = [before && countOf(before), countOf(after)];
    return from !== undefined && to !== undefined && to > from
      ? [{ server: after.server, rose: to - from }]
      : [];
  });
}

interface OpenSeries {
  readonly last: ConnectionSample;
  readonly samples: readonly ConnectionSample[];
}

/** Others' connections that are open in the last reading, each with its earlier readings. */
function openSeries({ open = [] }: CoreSeries): readonly OpenSeries[] {
  const earlier = new Map<string, ConnectionSample[]>();
  for (const sample of open.slice(0, -1).flat()) {
    const known = earlier.get(keyOf(sample));
    if (known === undefined) earlier.set(keyOf(sample), [sample]);
    else known.push(sample);
  }
  return (open.at(-1) ?? [])
    .filter(({ name }) => !isOwnConnection(name))
    .map((last) => ({ last, samples: [...(earlier.get(keyOf(last)) ?? []), last] }));
}

function groupByName(
  closed: readonly ClosedConnection[],
): ReadonlyMap<string, readonly ClosedConnection[]> {
  const groups = new Map<string, ClosedConnection[]>();
  for (const connection of closed) {
    // Connections without a name are not related; each is a group of its own.
    const key = connection.name === '' ? `\u0000${keyOf(connection)}` : connection.name;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [connection]);
    else group.push(connection);
  }
  return new Map(
    [...groups].map(([key, group]) => [
      key.startsWith('\u0000') ? (group[0]?.address ?? '') : key,
      group,
    ]),
  );
}

function rttsByServer(open: readonly ConnectionSample[]): ReadonlyMap<string, number[]> {
  const rtts = new Map<string, number[]>();
  for (const { server, rttMs } of open) {
    if (rttMs === undefined) continue;
    const known = rtts.get(server);
    if (known === undefined) rtts.set(server, [rttMs]);
    else known.push(rttMs);
  }
  return rtts;
}
