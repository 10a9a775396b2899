import type { Evidence, EvidenceValue, Finding } from './finding.js';
import type { Severity } from './severity.js';

/** What a rule's test says when the rule applies. */
export interface Match {
  /** Only where it differs from the rule's own. */
  readonly severity?: Severity;
  readonly summary: string;
  /** What is not known may be undefined; the finding says null. */
  readonly evidence: MatchEvidence;
}

export type MatchEvidence = Readonly<Record<string, EvidenceValue | undefined>>;

/** What `explain` prints and the documentation holds: the rule in words. */
export interface RuleText<Id extends string = string> {
  readonly id: Id;
  /** What it usually means as severity; a match may say another. */
  readonly severity: Severity;
  /** What kind of thing it is found on. */
  readonly scope: string;
  /** What is happening, for a reader who sees the id for the first time. */
  readonly meaning: string;
  /** How the rule is detected: the fields that are compared. */
  readonly signs: string;
  /** What to do about it. */
  readonly advice: string;
}

/** A row of a rule table: its text, its test, and the commands that help when it applies. Both functions are pure. */
export interface Rule<Facts, Id extends string = string> extends RuleText<Id> {
  readonly test: (facts: Facts) => Match | undefined;
  readonly remedy: (facts: Facts) => readonly string[];
}

/** The finding that a rule yields for these facts, or nothing. */
export function applyRule<Facts, Id extends string>(
  rule: Rule<Facts, Id>,
  facts: Facts,
): Finding<Id> | undefined {
  const match = rule.test(facts);
  if (match === undefined) return undefined;
  return {
    id: rule.id,
    severity: match.severity ?? rule.severity,
    summary: match.summary,
    evidence: known(match.evidence),
    remedy: rule.remedy(facts),
  };
}

/** Without Object.entries and fromEntries: an account may have a hundred thousand findings. */
function known(evidence: MatchEvidence): Evidence {
  const values: Record<string, EvidenceValue> = {};
  for (const key of Object.keys(evidence)) values[key] = evidence[key] ?? null;
  return values;
}

/** Earlier ids of the same causes: scripts that use one still get its answer. */
const FORMER: Readonly<Record<string, string>> = { ACK_WAIT_SHORT: 'ACK_WAIT_TOO_SHORT' };

/** The id as it is now. */
export function currentId(id: string): string {
  return FORMER[id] ?? id;
}
