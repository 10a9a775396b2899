import type { InjectedReport } from '../model/injected.js';

/** The JSON of what was injected; `docs/output.md` explains it. */
export function injectedJson(report: InjectedReport): object {
  return {
    seed: report.seed,
    spec: report.spec,
    schedule: report.schedule.map(({ kind, atMs }) => ({ kind, at_ms: atMs })),
    costs: report.costs.map(({ kind, times, lost, recoveredMs, p99Ns, occurrences }) => ({
      kind,
      times,
      lost,
      recovered_ms: recoveredMs,
      p99_ns: p99Ns,
      occurrences: occurrences.map((one) => ({
        at_ms: one.atMs,
        lost: one.lost,
        recovered_ms: one.recoveredMs,
      })),
    })),
    commands: report.commands.map(({ atMs, exit, output }) => ({ at_ms: atMs, exit, output })),
  };
}
