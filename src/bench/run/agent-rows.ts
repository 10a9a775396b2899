import { createHistogram, percentileNs } from '../../core/statistics/latency-histogram.js';
import { summarizeLatency } from '../../core/statistics/latency-summary.js';
import { formatDuration } from '../../core/values/duration.js';
import { oneWayBoundNs } from '../model/clock-offset.js';
import type { AgentResult, PassResult } from '../model/report.js';
import { countsSent, ROLES, SCENARIOS } from '../model/scenario.js';
import { CELL } from './meters.js';
import { merged, sumsOf } from './outcome.js';
import type { MeasuredPass } from './pass-runner.js';
import type { ReportFacts } from './report-facts.js';

type AgentReportFacts = Pick<
  ReportFacts,
  'plan' | 'agents' | 'lostAgents' | 'passes' | 'latencies'
>;

/** A row for each agent; counts and rates add up to the totals. */
export function agentResults(
  { plan, agents, lostAgents, passes }: AgentReportFacts,
  totals: PassResult,
): readonly AgentResult[] {
  const counted = countsSent(plan.scenario) ? 'sent' : 'received';
  return agents.map(({ id, host, labels, version }, at) => {
    const parts = passes.flatMap((pass) => pass.agents[at] ?? []);
    const { sent, received } = sumsOf(
      plan,
      parts.flatMap(({ counts }) => counts),
    );
    const share = totals[counted] > 0 ? { sent, received }[counted] / totals[counted] : 0;
    const { busiest, machine } = loadOf(passes, at);
    return {
      id,
      host,
      labels,
      version,
      clients: parts[0]?.counts.length ?? 0,
      sent,
      received,
      ratePerS: totals.ratePerS * share,
      response: summarizeLatency(merged(parts.map(({ latencies }) => latencies.response))),
      clock: parts.at(-1)?.clock,
      busiestThread: busiest,
      machineBusy: machine,
      isLost: lostAgents.has(id) || parts.some(({ isPartial }) => isPartial),
    };
  });
}

/** How busy an agent was: means over the passes. */
export function loadOf(
  passes: readonly MeasuredPass[],
  at: number,
): { readonly busiest: number; readonly machine: number | undefined } {
  const parts = passes.flatMap((pass) => pass.agents[at] ?? []);
  const known = parts.flatMap(({ machine }) => machine.busy ?? []);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return {
    busiest: mean(parts.map(({ busiest }) => busiest)),
    machine: known.length === 0 ? undefined : mean(known),
  };
}

export function lostAgentNotes({
  agents,
  lostAgents,
  passes,
}: AgentReportFacts): readonly string[] {
  const lost = agents.filter(
    ({ id }, at) => lostAgents.has(id) || passes.some((pass) => pass.agents[at]?.isPartial),
  );
  return lost.map(
    ({ id, host }) =>
      `The agent ${id} on ${host} was lost: its row has what it last reported, and messages that it may have received after that count as lost.`,
  );
}

interface OneWayClock {
  /** `undefined` if no one-way latency between machines was measured. */
  readonly boundNs: number | undefined;
  readonly isTooWide: boolean;
  readonly notes: readonly string[];
}

const NO_CLOCK: OneWayClock = { boundNs: undefined, isTooWide: false, notes: [] };

/** Compares the bound of the agents' clocks with the latency that they measured. */
export function oneWayClock({ plan, agents, passes, latencies }: AgentReportFacts): OneWayClock {
  const { latency, delivery } = SCENARIOS[plan.scenario];
  const isOneWay = latency !== undefined && delivery !== 'answer';
  if (!isOneWay || agents.length === 0) return NO_CLOCK;
  const boundNs = Math.max(0, ...passes.map(boundOf));
  if (boundNs === 0) return NO_CLOCK;
  const medianNs = percentileNs(latencies.response, 50);
  if (medianNs === 0 || boundNs <= medianNs) return { boundNs, isTooWide: false, notes: [] };
  const note = `The one-way latency is not reported: the clocks of the agents are compared with an error of up to ${formatDuration(boundNs)}, which is more than the latency. bench request measures round trips.`;
  return { boundNs, isTooWide: true, notes: [note] };
}

function boundOf(pass: MeasuredPass): number {
  return oneWayBoundNs(
    pass.agents.map(({ counts, clock }) => ({
      boundNs: clock?.boundNs ?? 0,
      sends: counts.some(({ job }) => ROLES[job.role].sends),
      receives: counts.some(
        ({ job, cells }) => !ROLES[job.role].sends && (cells[CELL.received] ?? 0) > 0,
      ),
    })),
  );
}

/** The same facts without what the clocks cannot show. */
export function withoutLatencies(facts: ReportFacts): ReportFacts {
  const none = { response: createHistogram(), service: createHistogram() };
  const passes = facts.passes.map((pass) => ({
    ...pass,
    latencies: none,
    result: { ...pass.result, response: undefined, service: undefined },
    agents: pass.agents.map((agent) => ({ ...agent, latencies: none })),
  }));
  return { ...facts, passes, latencies: none };
}
