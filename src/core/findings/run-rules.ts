import type { Finding } from './finding.js';
import type { Rule } from './rule.js';
import { applyRule } from './rule.js';
import { isAlarm } from './severity.js';

/**
 * Runs an ordered table. The order is the policy: the first warning or critical finding is the cause and comes
 * first; everything else keeps the table's order behind it, so notes never hide a cause.
 */
export function runRules<Facts, Id extends string>(
  rules: readonly Rule<Facts, Id>[],
  facts: Facts,
): readonly Finding<Id>[] {
  const found: Finding<Id>[] = [];
  for (const rule of rules) {
    const finding = applyRule(rule, facts);
    if (finding !== undefined) found.push(finding);
  }
  return causeFirst(found);
}

/** Alarms before notes, otherwise in the given order. */
export function causeFirst<Id extends string>(
  findings: readonly Finding<Id>[],
): readonly Finding<Id>[] {
  const alarms = findings.filter((finding) => isAlarm(finding.severity));
  if (alarms.length === findings.length || alarms.length === 0) return findings;
  return [...alarms, ...findings.filter((finding) => !isAlarm(finding.severity))];
}
