import type { BacklogReport } from '../model/report.js';
import { allSeverities } from '../model/all-severities.js';
import { chooseRows } from '../model/rows.js';
import { ageCell, backlogCell } from './cells.js';
import { formatCount, plural } from '../../core/wording.js';

/** One refresh of the live view, if it is not on a terminal. */
export function watchLine(report: BacklogReport): string {
  const { rows } = chooseRows(report, { order: 'severity', onlyUnhealthy: false });
  const bad = rows.filter(({ severity }) => severity === 'critical' || severity === 'warning');
  const time = new Date(report.atMs).toISOString();
  const [worst] = bad;
  const doubts = allSeverities(report).filter((severity) => severity === 'unknown').length;
  if (worst === undefined) {
    const state = doubts === 0 ? 'all well' : `${String(doubts)} unknown`;
    return `${time} ${plural(rows.length, 'consumer')}, ${state}`;
  }
  const age = ageCell(worst.facts);
  return (
    `${time} ${formatCount(bad.length)} of ${plural(rows.length, 'consumer')} need attention; ` +
    `${worst.stream} ${worst.name}: ${worst.verdict}, backlog ${backlogCell(worst.facts)}${age === '' ? '' : `, oldest ${age}`}`
  );
}
