import { cursorAhead } from '../../../backlog/model/rules/cursor-ahead.js';
import { unreadEvicted } from '../../../backlog/model/rules/loss.js';
import type { ConsumerRule } from '../../../backlog/model/rules/rule-types.js';
import {
  serverUnhealthy,
  storageWriteError,
  type ServerHealthFacts,
  type ServerHealthRule,
} from '../../../backlog/model/rules/server-health.js';
import type { Area } from '../audit-rule.js';
import type { SharedId } from '../doctor-id.js';
import type { DeploymentAudit } from '../facts.js';
import type { ConsumerAuditRule } from './consumer-loss.js';
import type { DeploymentRule } from './deployment-rule.js';

/** A rule of the backlog's diagnosis, unchanged: one cause has the same id, sentence and advice in both. */
function shared(rule: ConsumerRule, id: SharedId, area: Area): ConsumerAuditRule {
  return {
    ...rule,
    id,
    area,
    test: ({ consumer }) => rule.test(consumer),
    remedy: ({ consumer }) => rule.remedy(consumer),
  };
}

export const auditUnreadEvicted = shared(unreadEvicted, 'UNREAD_EVICTED', 'loss');
export const auditCursorAhead = shared(cursorAhead, 'CURSOR_AHEAD', 'loss');

function sharedHealth(rule: ServerHealthRule, id: SharedId, area: Area): DeploymentRule {
  return {
    ...rule,
    id,
    area,
    test: (facts) => rule.test(healthFacts(facts)),
    remedy: (facts) => rule.remedy(healthFacts(facts)),
  };
}

function healthFacts({ settings = [] }: DeploymentAudit): ServerHealthFacts {
  return { servers: settings.map(({ name, problems }) => ({ server: name, problems })) };
}

export const auditStorageWriteError = sharedHealth(
  storageWriteError,
  'STORAGE_WRITE_ERROR',
  'loss',
);
export const auditServerUnhealthy = sharedHealth(
  serverUnhealthy,
  'SERVER_UNHEALTHY',
  'availability',
);
