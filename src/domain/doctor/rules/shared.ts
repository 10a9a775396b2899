import { cursorAhead as cursorAheadOf } from '../../backlog/rules/cursor-ahead.js';
import type { ConsumerRule } from '../../backlog/rules/rule-types.js';
import type { Area } from '../audit-rule.js';
import type { SharedId } from '../doctor-id.js';
import type { ConsumerAuditRule } from './consumer-loss.js';

/** A rule of the backlog's diagnosis as it stands: one cause has one id, one sentence and one advice in both. */
function shared(rule: ConsumerRule, id: SharedId, area: Area): ConsumerAuditRule {
  return {
    ...rule,
    id,
    area,
    test: ({ consumer }) => rule.test(consumer),
    remedy: ({ consumer }) => rule.remedy(consumer),
  };
}

export const cursorAhead = shared(cursorAheadOf, 'CURSOR_AHEAD', 'loss');
