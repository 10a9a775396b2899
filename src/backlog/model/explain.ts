import type { RuleText } from '../../core/findings/rule.js';
import type { FindingId } from './finding-id.js';
import { MEMORY_RULES } from './memory/memory-rules.js';
import { ACCOUNT_RULES } from './rules/account.js';
import { CONNECTION_RULES } from './rules/connections.js';
import { GROUP_RULES } from './rules/raft-group.js';
import { SERVER_HEALTH_RULES } from './rules/server-health.js';
import { unknown } from './rules/standing.js';
import { CONSUMER_RULES, STREAM_RULES } from './rule-table.js';
import { currentId } from '../../core/findings/rule.js';

/** The texts of all verdicts, in the order in which they are checked. */
export const EXPLANATIONS: readonly RuleText<FindingId>[] = [
  ...GROUP_RULES,
  ...CONSUMER_RULES,
  unknown,
  ...STREAM_RULES,
  ...SERVER_HEALTH_RULES,
  ...ACCOUNT_RULES,
  ...CONNECTION_RULES,
  ...MEMORY_RULES,
].filter((rule, place, all) => place === all.findIndex(({ id }) => id === rule.id));

/** The text for an id in any case; undefined for an unknown id. */
export function explain(id: string): RuleText<FindingId> | undefined {
  const wanted = id.toUpperCase().replaceAll('-', '_');
  const present = currentId(wanted);
  return EXPLANATIONS.find((rule) => rule.id === present);
}
