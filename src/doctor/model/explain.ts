import { closestNames } from '../../core/closest-names.js';
import { usageError } from '../../core/errors.js';
import type { AuditId } from './doctor-id.js';
import { AUDIT_TEXTS, type AuditText } from './rule-table.js';
import { currentId } from '../../core/findings/rule.js';

/**
 * The rule of an id, in any case and with dashes for underscores.
 *
 * @throws {NatsxError} usage — no such id, with the nearest one
 */
export function auditRuleText(id: string): AuditText {
  const wanted = id.toUpperCase().replaceAll('-', '_');
  const present = currentId(wanted);
  const known = AUDIT_TEXTS.find((rule) => rule.id === present);
  if (known !== undefined) return known;
  const [near] = closestNames(
    wanted,
    AUDIT_TEXTS.map((rule) => rule.id),
  );
  throw usageError(
    `there is no finding "${id}"`,
    near === undefined ? 'natsx doctor explain lists them' : `did you mean ${near}?`,
  );
}

/** @throws {NatsxError} usage — an id that there is not */
export function parseIgnored(ids: readonly string[]): ReadonlySet<AuditId> {
  return new Set(ids.map((id) => auditRuleText(id).id));
}
