/** How bad a finding is. `unknown` means that it could not be determined, never that all is well. */
export type Severity = 'ok' | 'info' | 'warning' | 'critical' | 'unknown';

/** Worst first, in the order in which they are shown: unknown is before info. */
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

/** Whether this needs action, unlike a note or an unknown. */
export function isAlarm(severity: Severity): boolean {
  return severity === 'warning' || severity === 'critical';
}
