import type { AuditRule } from '../audit-rule.js';
import type { DeploymentAudit } from '../facts.js';

/** A rule about the account, the servers or the connection. */
export type DeploymentRule = AuditRule<DeploymentAudit>;
