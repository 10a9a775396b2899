import type { FaultPlan } from './fault-plan.js';
import { isTimed } from './fault-plan.js';
import { countBefore, faultSchedule, rhythmsOf } from './fault-schedule.js';
import type {
  CostKind,
  FaultCost,
  Incident,
  InjectedReport,
  InjectionRecord,
  Occurrence,
} from './injected.js';

/** Consecutive lost messages of one publisher; they were sent in the order of their numbers. */
export interface LostRange {
  readonly from: number;
  readonly to: number;
  /** When a message was sent, since the load began. */
  readonly sentMs: (number: number) => number;
}

export interface CostFacts {
  readonly plan: FaultPlan;
  readonly record: InjectionRecord;
  /** Lost messages by the incident of the record that cost them, and those that no incident explains. */
  readonly losses: LossShares;
  /** p99 for each fault of the plan and for its command: messages that were under way while it lasted. */
  readonly p99Ns: readonly (number | undefined)[];
}

export interface LossShares {
  /** In the order of the incidents. */
  readonly byIncident: readonly number[];
  readonly others: number;
}

/** Occurrences that are listed for each fault. */
const MOST_OCCURRENCES = 1_000;
/** So close to the end of the load, no message may follow a fault. */
const END_MS = 100;

/**
 * Says which incident cost which messages: the one that lasted when a message was sent, until messages flowed again;
 * otherwise the next one that began within `reachMs`, which caught the message under way.
 */
export function shareLosses(
  lost: Iterable<LostRange>,
  incidents: readonly Incident[],
  reachMs: number,
): LossShares {
  const byIncident = incidents.map(() => 0);
  let others = 0;
  for (const { from, to, sentMs } of lost) {
    let next = from;
    for (const [place, { beganMs, recoveredMs = Infinity }] of incidents.entries()) {
      if (next > to || sentMs(to) < beganMs - reachMs) break;
      if (recoveredMs < sentMs(next)) continue;
      const first = firstFrom(next, to, (number) => sentMs(number) >= beganMs - reachMs);
      const beyond = firstFrom(first, to, (number) => sentMs(number) > recoveredMs);
      others += first - next;
      byIncident[place] = (byIncident[place] ?? 0) + beyond - first;
      next = beyond;
    }
    others += Math.max(0, to - next + 1);
  }
  return { byIncident, others };
}

/**
 * The same from counts alone: an incident cost what was missing when the next one began, less what was missing when it
 * began itself; the last one cost the rest.
 */
export function shareByCounts(lost: number, incidents: readonly Incident[]): LossShares {
  let left = lost;
  const byIncident = incidents.map(({ missing }, place) => {
    const next = incidents[place + 1]?.missing;
    const cost = next === undefined ? left : Math.min(left, Math.max(0, next - missing));
    left -= cost;
    return cost;
  });
  return { byIncident, others: left };
}

/** The first number of `[from, to]` that passes a test which all higher ones pass as well; `to + 1` if none does. */
function firstFrom(from: number, to: number, passes: (number: number) => boolean): number {
  let low = from;
  let high = to + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (passes(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The report of what was injected, and what each fault cost. */
export function injectedReport(facts: CostFacts): InjectedReport {
  const { plan, record } = facts;
  const schedule = faultSchedule(plan, record.untilMs);
  return {
    seed: plan.seed,
    spec: plan.spec,
    schedule: schedule.map(({ kind, atMs }) => ({ kind, atMs })),
    costs: costsOf(facts),
    commands: record.commands,
  };
}

/** Lost messages that no injected fault explains. */
export function unexplained({ costs }: InjectedReport, lost: number): number {
  return lost - costs.reduce((sum, cost) => sum + cost.lost, 0);
}

function costsOf(facts: CostFacts): readonly FaultCost[] {
  const { plan, losses } = facts;
  const kinds: CostKind[] = plan.faults.map(({ kind }) => kind);
  if (plan.command !== undefined) kinds.push('command');
  // A server disconnects a reader that does not keep up, at a time of its own.
  const slow = ['slow-reader', 'rate'].map((kind) => kinds.indexOf(kind as CostKind));
  const throttled = slow.find((index) => index >= 0);
  return kinds.map((kind, index) => {
    const cost = costOf(facts, kind, index);
    return index === throttled ? { ...cost, lost: cost.lost + losses.others } : cost;
  });
}

function costOf(facts: CostFacts, kind: CostKind, index: number): FaultCost {
  const { record, losses } = facts;
  const occurrences: Occurrence[] = [];
  let lost = 0;
  let recoveredMs: number | null = 0;
  let known = 0;
  for (const [place, incident] of record.incidents.entries()) {
    if (incident.index !== index) continue;
    const cost = losses.byIncident[place] ?? 0;
    const tookMs =
      incident.recoveredMs === undefined
        ? null
        : Math.round(Math.max(0, incident.recoveredMs - incident.endedMs));
    lost += cost;
    // A fault that lasted until the end of the load left nothing to recover.
    const isUnknown = tookMs === null && incident.endedMs >= record.untilMs - END_MS;
    if (!isUnknown) {
      known += 1;
      recoveredMs = recoveredMs === null || tookMs === null ? null : Math.max(recoveredMs, tookMs);
    }
    if (occurrences.length === MOST_OCCURRENCES) continue;
    occurrences.push({ atMs: Math.round(incident.beganMs), lost: cost, recoveredMs: tookMs });
  }
  if (known === 0 && occurrences.length > 0) recoveredMs = null;
  const p99Ns = facts.p99Ns[index] ?? null;
  return { kind, times: timesOf(facts, kind, index), lost, recoveredMs, p99Ns, occurrences };
}

function timesOf({ plan, record }: CostFacts, kind: CostKind, index: number): number {
  if (kind === 'command') return record.commands.length;
  if (kind === 'reset') return record.resets;
  const fault = plan.faults[index];
  const rhythm = rhythmsOf(plan)[index];
  if (fault === undefined || !isTimed(fault) || rhythm === undefined) return 1;
  return countBefore(rhythm, record.untilMs);
}

/** A sentence for each fault that did not happen, because the load was over before. */
export function missedFaults(report: InjectedReport): readonly string[] {
  return report.costs
    .filter(({ times }) => times === 0)
    .map(({ kind }) =>
      kind === 'reset'
        ? 'no connection was reset: none carried that many bytes'
        : `${kind === 'command' ? 'the command did not run' : `the ${kind} did not happen`}: the load was over before its first time`,
    );
}
