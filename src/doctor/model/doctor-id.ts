import type { FindingId } from '../../backlog/model/finding-id.js';
import type { GroupId } from '../../backlog/model/rules/raft-group.js';

/** Every id of the audit's own; part of the contract with scripts. */
export type DoctorId =
  | 'MEMORY_STORAGE'
  | 'ONE_REPLICA'
  | 'DISCARD_BEFORE_READ'
  | 'MAX_AGE_NEAR_BACKLOG'
  | 'SYNC_INTERVAL_LAZY'
  | 'INTEREST_NO_DURABLE'
  | 'ACK_NONE'
  | 'STREAM_NO_ACK'
  | 'PERSIST_ASYNC'
  | 'CORE_ONLY_SUBJECTS'
  | 'CONSUMER_STATE_AT_RISK'
  | 'DUPLICATE_WINDOW_SHORT'
  | 'MAX_DELIVER_UNLIMITED'
  | 'ORDER_SEVERAL_IN_FLIGHT'
  | 'ORDER_BROKEN_BY_REDELIVERY'
  | 'STREAM_LIMIT_NEAR'
  | 'ACCOUNT_LIMIT_NEAR'
  | 'SERVER_LIMIT_NEAR'
  | 'SUBJECT_DOMINATES'
  | 'GIANT_MESSAGES'
  | 'PAYLOAD_LIMIT_LARGE'
  | 'RTT_HIGH'
  | 'NO_AUTHENTICATION'
  | 'GUESSABLE_CREDENTIALS'
  | 'NO_TLS'
  | 'ROUTES_WITHOUT_TLS'
  | 'WIDE_PERMISSIONS'
  | 'CREDENTIALS_EXPIRE'
  | 'NO_META_LEADER'
  | 'SINGLE_SERVER'
  | 'CLUSTER_SIZE_EVEN'
  | 'REPLICAS_EVEN'
  | 'VERSIONS_DIFFER'
  | 'KNOWN_BUGS';

/** Findings that the audit shares with the backlog's diagnosis: one cause has one id. */
export type SharedId = Extract<
  FindingId,
  | 'CURSOR_AHEAD'
  | 'ACK_WAIT_TOO_SHORT'
  | 'UNREAD_EVICTED'
  | 'STORAGE_WRITE_ERROR'
  | 'SERVER_UNHEALTHY'
>;

/** An id in a report of the audit. */
export type AuditId = DoctorId | SharedId | GroupId;
