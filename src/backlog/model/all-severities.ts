import type { Severity } from '../../core/findings/severity.js';
import type { BacklogReport } from './report.js';

/** Of everything in the report that counts: the account, connections, streams and consumers that may not lag by design. */
export function allSeverities(report: BacklogReport): readonly Severity[] {
  return [
    ...report.account.findings.map(({ severity }) => severity),
    ...report.connections.map(({ severity }) => severity),
    ...report.streams.map(({ severity }) => severity),
    ...report.streams.flatMap(({ consumers }) =>
      consumers
        .filter(({ verdict }) => verdict !== 'LEFT_BEHIND_BY_DESIGN')
        .map(({ severity }) => severity),
    ),
  ];
}
