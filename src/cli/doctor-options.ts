import { countFrom, type AuditReport, type FailLevel } from '../domain/doctor/report.js';
import { parseStreamName } from '../domain/entity-name.js';
import { NatsxError } from '../domain/errors.js';

/** Streams as arguments and as `--stream`, each once. @throws {NatsxError} usage — a name that cannot be */
export function streamNames(
  ...lists: readonly (readonly string[] | undefined)[]
): readonly string[] {
  return [...new Set(lists.flatMap((list) => list ?? []).map(parseStreamName))];
}

/**
 * The report has been printed; this is for the exit code.
 *
 * @throws {NatsxError} unhealthy
 */
export function failOn(report: AuditReport, level: FailLevel | undefined): void {
  if (level === undefined) return;
  const found = countFrom(report, level);
  if (found === 0) return;
  const verb = found === 1 ? 'finding is' : 'findings are';
  throw new NatsxError('unhealthy', `${String(found)} ${verb} ${level} or worse`, {
    details: { level, findings: found },
  });
}
