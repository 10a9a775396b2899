import type { StreamSample } from '../../../streams/model/snapshot.js';

/** Two readings of a stream. */
export interface StreamPair {
  readonly before: StreamSample;
  readonly after: StreamSample;
}

/** Fewer are single messages that were deleted. */
const PURGED_MESSAGES = 10;
/** The server removes what has expired a moment later. */
const EXPIRY_SLACK_MS = 1000;

/** Messages that are gone, and neither a limit nor a consumer removed them; 0 where that is possible. */
export function purgedMessages(pair: StreamPair, finished: number): number {
  const { before, after } = pair;
  const added = after.lastSeq - before.lastSeq;
  const removed = before.messages + added - after.messages;
  const isAll = after.firstSeq > before.lastSeq;
  if (added < 0 || removed <= 0 || (!isAll && removed < PURGED_MESSAGES)) return 0;
  const settled =
    before.config.retention !== 'limits' && removed <= finished + before.consumerCount;
  return settled || couldExpire(pair, isAll) || couldOverflow(pair, isAll) ? 0 : removed;
}

function couldExpire({ before, after }: StreamPair, isAll: boolean): boolean {
  const { maxAgeMs, allowMsgTtl } = before.config;
  if (allowMsgTtl === true) return true;
  if (maxAgeMs === undefined) return false;
  const lastToExpireMs = (isAll ? before.lastMs : before.firstMs) ?? 0;
  return lastToExpireMs + maxAgeMs <= after.atMs + EXPIRY_SLACK_MS;
}

/** All of them are discarded only when as many arrive as there may be. */
function couldOverflow({ before, after }: StreamPair, isAll: boolean): boolean {
  const { maxMessages, maxBytes, maxMessagesPerSubject } = before.config;
  if (isAll) return maxMessages !== undefined && after.lastSeq - before.lastSeq >= maxMessages;
  return [maxMessages, maxBytes, maxMessagesPerSubject].some((limit) => limit !== undefined);
}
