import { GROUP_RULES } from '../../backlog/model/rules/raft-group.js';
import type { RuleText } from '../../core/findings/rule.js';
import type { Area } from './audit-rule.js';
import type { AuditId } from './doctor-id.js';
import {
  credentialsExpire,
  guessableCredentials,
  noAuthentication,
  noTls,
  routesWithoutTls,
  widePermissions,
} from './rules/access.js';
import {
  ackNone,
  consumerStateAtRisk,
  discardBeforeRead,
  maxAgeNearBacklog,
  type ConsumerAuditRule,
} from './rules/consumer-loss.js';
import {
  accountLimitNear,
  payloadLimitLarge,
  rttHigh,
  serverLimitNear,
} from './rules/deployment-load.js';
import { coreOnlySubjects, syncIntervalLazy } from './rules/deployment-loss.js';
import type { DeploymentRule } from './rules/deployment-rule.js';
import { orderBrokenByRedelivery, orderSeveralInFlight } from './rules/order.js';
import { ackWaitShort, maxDeliverUnlimited } from './rules/repeats.js';
import {
  clusterSizeEven,
  knownBugsRule,
  noMetaLeader,
  singleServer,
  versionsDiffer,
} from './rules/servers.js';
import {
  auditCursorAhead,
  auditServerUnhealthy,
  auditStorageWriteError,
  auditUnreadEvicted,
} from './rules/shared.js';
import { giantMessages, streamLimitNear, subjectDominates } from './rules/stream-load.js';
import {
  duplicateWindowShort,
  interestNoDurable,
  memoryStorage,
  oneReplica,
  persistAsync,
  replicasEven,
  streamNoAck,
  type StreamAuditRule,
} from './rules/stream-loss.js';

/** Loss, duplicates, order, bottlenecks, exposure, availability, in each table. */
export const DEPLOYMENT_RULES: readonly DeploymentRule[] = [
  auditStorageWriteError,
  syncIntervalLazy,
  coreOnlySubjects,
  accountLimitNear,
  serverLimitNear,
  payloadLimitLarge,
  rttHigh,
  noAuthentication,
  guessableCredentials,
  noTls,
  routesWithoutTls,
  widePermissions,
  noMetaLeader,
  auditServerUnhealthy,
  singleServer,
  clusterSizeEven,
  versionsDiffer,
  knownBugsRule,
  credentialsExpire,
];

export const STREAM_AUDIT_RULES: readonly StreamAuditRule[] = [
  memoryStorage,
  persistAsync,
  streamNoAck,
  interestNoDurable,
  duplicateWindowShort,
  streamLimitNear,
  subjectDominates,
  giantMessages,
  oneReplica,
  replicasEven,
];

export const CONSUMER_AUDIT_RULES: readonly ConsumerAuditRule[] = [
  auditCursorAhead,
  auditUnreadEvicted,
  discardBeforeRead,
  maxAgeNearBacklog,
  ackNone,
  consumerStateAtRisk,
  ackWaitShort,
  maxDeliverUnlimited,
  orderBrokenByRedelivery,
  orderSeveralInFlight,
];

/** A rule in words, with the promise that it guards. */
export interface AuditText extends RuleText<AuditId> {
  readonly area: Area;
}

/** All rules in words, in the order of the areas. Those of raft groups are the diagnosis' own. */
export const AUDIT_TEXTS: readonly AuditText[] = [
  ...DEPLOYMENT_RULES,
  ...STREAM_AUDIT_RULES,
  ...CONSUMER_AUDIT_RULES,
  ...GROUP_RULES.map((rule) => ({
    ...rule,
    area: 'availability' as const,
  })),
];
