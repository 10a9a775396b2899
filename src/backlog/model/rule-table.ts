import { delayedNakFull, stalledMaxAckPending } from './rules/ack-limits.js';
import { clientGoneWithWork, clientHung, memberHung, noClient } from './rules/clients.js';
import { cursorAhead } from './rules/cursor-ahead.js';
import {
  flowControlStall,
  overflowNotReached,
  paused,
  pinnedClientStuck,
  pushUnbound,
  rateLimited,
  replayOriginal,
} from './rules/held-back.js';
import { exhausted } from './rules/exhausted.js';
import { scheduleOverdue } from './rules/schedules.js';
import { dataLossImminent, unreadEvicted } from './rules/loss.js';
import {
  maxWaitingFull,
  pullLimitRejects,
  pullMaxBytesTooSmall,
  smallBatchLatency,
} from './rules/pull-requests.js';
import { ackWaitTooShort, nakStorm, poisonAtFloor, redeliveryLoop } from './rules/redelivery.js';
import type { ConsumerRule } from './rules/rule-types.js';
import {
  filterMatchesNothing,
  justRestarted,
  leftBehindByDesign,
  ok,
  orphanedDurable,
} from './rules/standing.js';
import {
  consumerChurn,
  ephemeralLeftovers,
  interestNoConsumer,
  publishersRejected,
  retentionPinned,
  wqFilterGap,
  type StreamRule,
} from './rules/stream-retention.js';
import { mirrorSourceLag } from './rules/stream-upstream.js';
import {
  burst,
  hotSubject,
  serverStuck,
  slowProcessing,
  sustainedOverload,
} from './rules/working.js';

/**
 * The rules of a consumer in the order of likelihood as a cause: a position that does not exist before everything that
 * trusts the number of pending messages, the gates of the server's delivery loop first, the
 * special before the general (waiting retries before the plain ceiling, a loop before a short ack_wait, all of them
 * before "too slow"), then what threatens or has happened whatever the cause, then notes. Rules about work ask
 * whether the consumer keeps up, so that a healthy one with a backlog falls through to OK.
 */
export const CONSUMER_RULES: readonly ConsumerRule[] = [
  cursorAhead,
  paused,
  pushUnbound,
  pinnedClientStuck,
  overflowNotReached,
  pullMaxBytesTooSmall,
  pullLimitRejects,
  memberHung,
  delayedNakFull,
  redeliveryLoop,
  ackWaitTooShort,
  stalledMaxAckPending,
  flowControlStall,
  rateLimited,
  replayOriginal,
  serverStuck,
  clientGoneWithWork,
  clientHung,
  noClient,
  nakStorm,
  smallBatchLatency,
  slowProcessing,
  sustainedOverload,
  dataLossImminent,
  unreadEvicted,
  poisonAtFloor,
  exhausted,
  maxWaitingFull,
  burst,
  leftBehindByDesign,
  filterMatchesNothing,
  ok,
  orphanedDurable,
  hotSubject,
  justRestarted,
];

/** Those that can apply to a consumer with nothing to do; most consumers of a large account are that. */
export const IDLE_RULES: readonly ConsumerRule[] = [
  cursorAhead,
  unreadEvicted,
  exhausted,
  maxWaitingFull,
  leftBehindByDesign,
  filterMatchesNothing,
  ok,
  orphanedDurable,
  justRestarted,
];

export const STREAM_RULES: readonly StreamRule[] = [
  publishersRejected,
  wqFilterGap,
  scheduleOverdue,
  interestNoConsumer,
  mirrorSourceLag,
  retentionPinned,
  consumerChurn,
  ephemeralLeftovers,
];
