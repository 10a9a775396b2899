import type { BacklogReport } from '../model/report.js';
import { allSeverities } from '../model/all-severities.js';
import { chooseRows } from '../model/rows.js';
import { isAlarm } from '../../core/findings/severity.js';
import { ageCell, backlogCell } from './cells.js';
import { formatCount, plural } from '../../core/wording.js';

/** One refresh of the live view, if it is not on a terminal. @param news what earlier readings add */
export function watchLine(report: BacklogReport, news = ''): string {
  return [
    `${new Date(report.atMs).toISOString()} ${stateText(report)}`,
    ...(news === '' ? [] : [news]),
  ].join('; ');
}

function stateText(report: BacklogReport): string {
  const { rows } = chooseRows(report, { order: 'severity', onlyUnhealthy: false });
  const bad = rows.filter(({ severity }) => isAlarm(severity));
  const [worst] = bad;
  const doubts = allSeverities(report).filter((severity) => severity === 'unknown').length;
  const consumers = plural(rows.length, 'consumer');
  if (worst === undefined) {
    const elsewhere = alarmElsewhere(report);
    if (elsewhere !== undefined) return `${consumers}; ${elsewhere}`;
    return `${consumers}, ${doubts === 0 ? 'all well' : `${String(doubts)} unknown`}`;
  }
  const age = ageCell(worst.facts);
  // The verdict is of the reading alone; what is wrong may be what earlier ones show.
  const { id = worst.verdict } = worst.findings.find(({ severity }) => isAlarm(severity)) ?? {};
  return (
    `${formatCount(bad.length)} of ${consumers} need attention; ` +
    `${worst.stream} ${worst.name}: ${id}, backlog ${backlogCell(worst.facts)}${age === '' ? '' : `, oldest ${age}`}`
  );
}

/** The first warning or critical finding that belongs to no consumer. */
function alarmElsewhere({ streams, account, connections }: BacklogReport): string | undefined {
  const places = [
    ...streams.map(({ name, severity, findings }) => ({ name, severity, findings })),
    { name: 'account', severity: 'critical', findings: account.findings } as const,
    ...connections,
  ];
  for (const { name, severity, findings } of places) {
    const alarm = findings.find((finding) => isAlarm(finding.severity));
    if (isAlarm(severity) && alarm !== undefined) return `${name}: ${alarm.id}`;
  }
  return undefined;
}
