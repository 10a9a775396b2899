import { summarizeLatency } from '../../core/statistics/latency-summary.js';
import { createHistogram, mergeHistogram } from '../../core/statistics/latency-histogram.js';
import type { LatencyHistogram } from '../../core/statistics/latency-histogram.js';
import {
  measuresResponders,
  readsExistingStream,
  receivesOnly,
  sharesMessages,
} from '../model/plan.js';
import type { BenchPlan } from '../model/plan.js';
import { countsSent, ROLES, SCENARIOS } from '../model/scenario.js';
import type { RoleName } from '../model/scenario.js';
import type { ClientResult, PassResult } from '../model/report.js';
import { addTo, CELL } from './meters.js';
import type { Latencies } from './meters.js';
import type { WorkerJob } from '../model/client-job.js';

const NS_PER_S = 1e9;

/** The counters of one client at the end of a pass. */
export interface ClientCount {
  readonly job: WorkerJob;
  readonly cells: Float64Array;
}

export interface PassFacts {
  readonly plan: BenchPlan;
  readonly counts: readonly ClientCount[];
  readonly startNs: number;
  readonly latencies: Latencies;
  /** What must have arrived. */
  readonly expected: number;
  /** Whether all of that was waited for; otherwise the rest is unknown, not lost. */
  readonly settled: boolean;
}

/** The result of one pass, from its counters. */
export function passResult(facts: PassFacts): PassResult {
  const { plan, counts, latencies } = facts;
  const measured = counts.filter(({ job }) => isMeasured(plan, job.role));
  const sent = sum(counts, CELL.sent);
  const received = sum(measured, CELL.received);
  const elapsedNs = elapsedOf(facts, measured);
  const publishes = countsSent(plan.scenario);
  const messages = publishes ? sent : received;
  const counted = messages - uncounted(plan, measured);
  const perS = elapsedNs > 0 ? NS_PER_S / elapsedNs : 0;
  const bytes = sum(measured, CELL.bytes);
  const duplicates = sum(measured, CELL.duplicates) + hiddenDuplicates(facts);
  const arrived = received - duplicates;
  const lost = facts.settled ? lostOf(facts, sent, arrived) : 0;
  const awaited = facts.settled ? expectedOf(facts, sent) : arrived;
  // It is unknown how much other clients would have sent.
  const expected = Number.isFinite(awaited) ? awaited : arrived;
  return {
    sent,
    received,
    expected: publishes ? sent : expected,
    lost,
    duplicates,
    outOfOrder: sum(measured, CELL.outOfOrder),
    errors: sum(counts, CELL.errors),
    elapsedNs,
    ratePerS: counted * perS,
    bytesPerS: messages === 0 ? 0 : bytes * (counted / messages) * perS,
    response: summarizeLatency(latencies.response),
    service: summarizeLatency(latencies.service),
  };
}

function isMeasured(plan: BenchPlan, role: RoleName): boolean {
  return role === SCENARIOS[plan.scenario].measured;
}

function expectedOf(facts: PassFacts, sent: number): number {
  return isRoundTrip(facts.plan) ? sent : facts.expected;
}

function isRoundTrip(plan: BenchPlan): boolean {
  return SCENARIOS[plan.scenario].delivery === 'answer';
}

/** Messages that were sent and did not arrive. Rejected ones are errors, not losses. */
function lostOf(facts: PassFacts, sent: number, arrived: number): number {
  const { plan, counts, expected } = facts;
  if (isRoundTrip(plan)) return Math.max(0, sent - arrived - sum(counts, CELL.errors));
  if (countsSent(plan.scenario) || !Number.isFinite(expected)) return 0;
  // A request that no client sent is not lost, nor is a message that an existing stream does not hold.
  if (measuresResponders(plan) || readsExistingStream(plan)) return 0;
  return Math.max(0, expected - arrived);
}

/** Duplicates in a queue group; equal counts with unequal sums mean that a duplicate hides a loss. */
function hiddenDuplicates({ plan, counts, expected }: PassFacts): number {
  if (!sharesMessages(plan)) return 0;
  const sending = counts.filter(({ job }) => ROLES[job.role].sends);
  const receiving = counts.filter(({ job }) => isMeasured(plan, job.role));
  const received = sum(receiving, CELL.received);
  if (received > expected) return received - expected;
  const differs = sum(sending, CELL.checksum) !== sum(receiving, CELL.checksum);
  return received === expected && differs && sum(receiving, CELL.checksum) > 0 ? 1 : 0;
}

/** The clock of a run that only receives starts with the first read, so the messages in it took no time. */
function uncounted(plan: BenchPlan, measured: readonly ClientCount[]): number {
  return receivesOnly(plan) ? sum(measured, CELL.firstCount) : 0;
}

function elapsedOf(facts: PassFacts, measured: readonly ClientCount[]): number {
  const ends = measured.map(({ cells }) => cells[CELL.lastNs] ?? 0);
  const firsts = measured.map(({ cells }) => cells[CELL.firstNs] ?? 0).filter((first) => first > 0);
  const start = receivesOnly(facts.plan) ? Math.min(...firsts, Infinity) : facts.startNs;
  return Math.max(0, Math.max(0, ...ends) - start) || 0;
}

function sum(counts: readonly ClientCount[], cell: number): number {
  return counts.reduce((total, { cells }) => total + (cells[cell] ?? 0), 0);
}

/** What all senders sent, and the measured clients received. */
export function sumsOf(
  plan: BenchPlan,
  counts: readonly ClientCount[],
): Pick<PassResult, 'sent' | 'received'> {
  const senders = counts.filter(({ job }) => ROLES[job.role].sends);
  const measured = counts.filter(({ job }) => isMeasured(plan, job.role));
  return { sent: sum(senders, CELL.sent), received: sum(measured, CELL.received) };
}

/**
 * What arrived was sent: a lost agent sent at least what others received from it after its last report. Changes the
 * cells of its sender.
 */
export function coverArrived(
  plan: BenchPlan,
  agents: readonly { readonly counts: readonly ClientCount[]; readonly isPartial: boolean }[],
  counts: readonly ClientCount[],
): void {
  const sender = agents
    .filter(({ isPartial }) => isPartial)
    .flatMap((agent) => agent.counts)
    .find(({ job }) => ROLES[job.role].sends);
  if (sender === undefined || countsSent(plan.scenario)) return;
  const { sent, received } = sumsOf(plan, counts);
  const arrived =
    SCENARIOS[plan.scenario].delivery === 'all'
      ? Math.max(...counts.map(({ cells }) => cells[CELL.received] ?? 0))
      : received;
  if (arrived > sent) addTo(sender.cells, CELL.sent, arrived - sent);
}

/** The result of each client. */
export function clientResults(facts: PassFacts): readonly ClientResult[] {
  return facts.counts.map(({ job, cells }) => {
    const messages = cells[ROLES[job.role].counts === 'sent' ? CELL.sent : CELL.received];
    const elapsedNs = Math.max(0, (cells[CELL.lastNs] ?? 0) - facts.startNs);
    return {
      role: job.role,
      index: job.index,
      messages: messages ?? 0,
      bytes: cells[CELL.bytes] ?? 0,
      elapsedNs,
      ratePerS: elapsedNs > 0 ? ((messages ?? 0) * NS_PER_S) / elapsedNs : 0,
    };
  });
}

/** All passes together: sums of counts, and rates over the summed time. */
export function totalResult(passes: readonly PassResult[], latencies: Latencies): PassResult {
  const add = (pick: (pass: PassResult) => number): number =>
    passes.reduce((total, pass) => total + pick(pass), 0);
  const elapsedNs = add((pass) => pass.elapsedNs);
  const weighted = (pick: (pass: PassResult) => number): number =>
    elapsedNs > 0 ? add((pass) => pick(pass) * pass.elapsedNs) / elapsedNs : 0;
  return {
    sent: add((pass) => pass.sent),
    received: add((pass) => pass.received),
    expected: add((pass) => pass.expected),
    lost: add((pass) => pass.lost),
    duplicates: add((pass) => pass.duplicates),
    outOfOrder: add((pass) => pass.outOfOrder),
    errors: add((pass) => pass.errors),
    elapsedNs,
    ratePerS: weighted((pass) => pass.ratePerS),
    bytesPerS: weighted((pass) => pass.bytesPerS),
    response: summarizeLatency(latencies.response),
    service: summarizeLatency(latencies.service),
  };
}

/** Adds up several histograms. */
export function merged(histograms: readonly LatencyHistogram[]): LatencyHistogram {
  const all = createHistogram();
  for (const histogram of histograms) mergeHistogram(all, histogram);
  return all;
}
