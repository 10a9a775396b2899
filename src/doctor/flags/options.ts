import { countFrom, type AuditReport, type FailLevel } from '../model/report.js';
import { deniedStreams } from '../../streams/model/api-failure.js';
import { parseStreamName } from '../../core/entity-name.js';
import { NatsxError } from '../../core/errors.js';
import { agree } from '../../core/wording.js';

/** Streams as arguments and as `--stream`, each once. @throws {NatsxError} usage — a name that cannot be */
export function givenStreamNames(
  ...lists: readonly (readonly string[] | undefined)[]
): readonly string[] {
  return [...new Set(lists.flatMap((list) => list ?? []).map(parseStreamName))];
}

/** An audit that was not permitted to read any stream found nothing because it saw nothing. */
function failIfRefused({ looked, missing }: AuditReport): void {
  const denied = deniedStreams(missing);
  if (denied !== undefined && looked.streams === 0) throw denied;
}

/**
 * Sets the exit code, after the report has been printed.
 *
 * @throws {NatsxError} unhealthy; auth — no stream could be read for want of permission
 */
export function failOn(report: AuditReport, level: FailLevel | undefined): void {
  const found = level === undefined ? 0 : countFrom(report, level);
  if (level === undefined || found === 0) {
    failIfRefused(report);
    return;
  }
  const verb = agree(found, 'finding is', 'findings are');
  throw new NatsxError('unhealthy', `${String(found)} ${verb} ${level} or worse`, {
    details: { level, findings: found },
  });
}
