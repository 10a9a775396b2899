import { countFrom, type AuditReport, type FailLevel } from '../model/report.js';
import { parseStreamName } from '../../core/entity-name.js';
import { NatsxError } from '../../core/errors.js';

/** Streams as arguments and as `--stream`, each once. @throws {NatsxError} usage — a name that cannot be */
export function givenStreamNames(
  ...lists: readonly (readonly string[] | undefined)[]
): readonly string[] {
  return [...new Set(lists.flatMap((list) => list ?? []).map(parseStreamName))];
}

/** An audit that was not allowed to read a single stream found nothing because it saw nothing. */
function failIfRefused({ looked, missing }: AuditReport): void {
  const refused = missing.find(({ what, why }) => why === 'denied' && /^streams?\b/.test(what));
  if (refused === undefined || looked.streams > 0) return;
  throw new NatsxError('auth', `no stream may be read: ${refused.detail}`, {
    hint: 'natsx info lists what this user may do',
  });
}

/**
 * The report has been printed; this is for the exit code.
 *
 * @throws {NatsxError} unhealthy; auth — no stream could be read for want of permission
 */
export function failOn(report: AuditReport, level: FailLevel | undefined): void {
  const found = level === undefined ? 0 : countFrom(report, level);
  if (level === undefined || found === 0) {
    failIfRefused(report);
    return;
  }
  const verb = found === 1 ? 'finding is' : 'findings are';
  throw new NatsxError('unhealthy', `${String(found)} ${verb} ${level} or worse`, {
    details: { level, findings: found },
  });
}
