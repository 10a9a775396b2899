import { summarizeLatency } from '../../core/statistics/latency-summary.js';
import { AffectedLatency } from '../../faults/model/affected-latency.js';
import { injectedReport, shareByCounts } from '../../faults/model/fault-costs.js';
import type { BenchReport, PassResult } from '../model/report.js';
import type { ReportFacts } from './report-facts.js';

/** What was injected into a run, and what it cost; nothing if there were no faults. */
export function injectedOf(
  { plan, injection, latencies }: ReportFacts,
  { lost, errors }: PassResult,
): Pick<BenchReport, 'injected'> {
  const { faults } = plan;
  if (faults === undefined || injection === undefined) return {};
  const { record, affected } = injection;
  const whole = summarizeLatency(latencies.response)?.p99Ns;
  const injected = injectedReport({
    plan: faults,
    record,
    losses: shareByCounts(lost + errors, record.incidents),
    p99Ns: new AffectedLatency(faults, record.untilMs, affected).p99Ns(whole),
  });
  return { injected };
}
