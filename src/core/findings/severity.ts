/** How bad a finding is. `unknown` is separate: it could not be determined, which never means that all is well. */
export type Severity = 'ok' | 'info' | 'warning' | 'critical' | 'unknown';

/** Worst first, as a reader wants to see them: what could not be determined is listed before notes. */
const RANK: Readonly<Record<Severity, number>> = {
  critical: 4,
  warning: 3,
  unknown: 2,
  info: 1,
  ok: 0,
};

/** Negative when `a` is worse than `b`, so that a sort puts the worst first. */
export function compareSeverity(a: Severity, b: Severity): number {
  return RANK[b] - RANK[a];
}

/** The worst of several; `ok` for none. */
export function worstSeverity(severities: Iterable<Severity>): Severity {
  let worst: Severity = 'ok';
  for (const severity of severities) if (RANK[severity] > RANK[worst]) worst = severity;
  return worst;
}

/** Whether this is something to act on, as opposed to a note or a doubt. */
export function isAlarm(severity: Severity): boolean {
  return severity === 'warning' || severity === 'critical';
}
