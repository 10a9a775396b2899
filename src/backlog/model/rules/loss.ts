import { discardsByLimits, hasLimits, unreadGap } from '../evictions.js';
import type { LossClock } from '../loss-clock.js';
import type { StreamSample } from '../../../streams/model/snapshot.js';
import type { ConsumerFacts } from '../consumer-facts.js';
import { target } from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';
import { streamEdit } from './edit-remedy.js';
import { flagDuration, formatDurationMs } from '../../../core/values/duration.js';
import { agree, plural } from '../../../core/wording.js';
import { shellWord } from '../../../core/printable.js';

export const dataLossImminent: ConsumerRule = {
  id: 'DATA_LOSS_IMMINENT',
  severity: 'critical',
  scope: 'consumer',
  meaning: 'The stream’s limits are about to discard messages that this consumer has not finished.',
  signs:
    'By the stream’s limits (age, messages, bytes), or by its own Nats-TTL, the oldest unfinished message is discarded before the backlog is drained; or the backlog does not drain, and the message is discarded within an hour. Of messages with their own TTL, the next five are checked.',
  advice:
    'Raise the limit first, then help the consumer catch up. Nothing extends a Nats-TTL: save those messages with natsx record.',
  test: (facts) => {
    const { loss, drain, backlog, pace, thresholds, oldestAgeMs } = facts;
    if (loss === undefined || backlog === 0 || drain.trend === 'unknown') return undefined;
    if (backlog <= (pace?.settlePerS ?? 0) * thresholds.keepsUpWithinS) return undefined;
    const soon =
      drain.etaS === undefined ? loss.inMs < thresholds.lossSoonMs : loss.inMs < drain.etaS * 1000;
    if (!soon) return undefined;
    const eta =
      drain.etaS === undefined
        ? 'the backlog does not drain'
        : `draining takes ${formatDurationMs(drain.etaS * 1000)}`;
    return {
      summary: `${loss.limit} discards unread messages ${whenLost(loss)}; ${eta}.`,
      evidence: {
        time_to_loss_s: loss.inMs / 1000,
        limit: loss.limit,
        drain_eta_s: drain.etaS,
        oldest_age_ms: oldestAgeMs,
        backlog,
      },
    };
  },
  remedy: (facts) => [
    ...(facts.loss?.limit === 'Nats-TTL' ? saveUnread(facts) : raiseLimit(facts)),
    `natsx backlog ${target(facts)} --watch`,
  ],
};

/** `now`, `in 4m`. */
export function whenLost({ inMs }: LossClock): string {
  return inMs < 1000 ? 'now' : `in ${formatDurationMs(inMs)}`;
}

/** Nothing extends the TTL of a stored message, but a copy in a file stays. */
function saveUnread({ stream, last }: ConsumerFacts): readonly string[] {
  const from = String(last.delivered.streamSeq + 1);
  const file = shellWord(`${stream}-unread.jsonl`);
  return [`natsx record ${file} --stream ${shellWord(stream)} --from-seq ${from}`];
}

function raiseLimit(facts: ConsumerFacts): readonly string[] {
  const { streamLast } = facts;
  if (streamLast !== undefined && !hasLimits(streamLast)) return [];
  return streamEdit(facts.stream, ...higherLimit(facts));
}

function higherLimit({ streamLast, loss }: ConsumerFacts): readonly [flag: string, value: string] {
  const { maxAgeMs = 0, maxMessages = 0, maxBytes = 0 } = streamLast?.config ?? {};
  const limit = loss?.limit ?? limitAtWork(streamLast);
  if (limit === 'max_age') return ['--max-age', flagDuration(4 * maxAgeMs)];
  if (limit === 'max_msgs') return ['--max-msgs', String(4 * maxMessages)];
  return ['--max-bytes', String(4 * maxBytes)];
}

/** The limit that discards messages now; of several, the one that was reached. */
function limitAtWork(stream: StreamSample | undefined): LossClock['limit'] {
  const { maxAgeMs, maxMessages, maxBytes } = stream?.config ?? {};
  if (maxMessages !== undefined && (stream?.messages ?? 0) >= maxMessages) return 'max_msgs';
  if (maxAgeMs !== undefined) return 'max_age';
  return maxBytes === undefined && maxMessages !== undefined ? 'max_msgs' : 'max_bytes';
}

export const unreadEvicted: ConsumerRule = {
  id: 'UNREAD_EVICTED',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'The stream’s limits, or the messages’ own TTL, removed messages that this consumer never received. They are gone.',
  signs:
    'The stream starts above the consumer’s next message and has limits or allows message TTLs; or the cursor jumped over more messages than were delivered; or pending fell by more than was delivered; or (a warning only) the server announced that unacknowledged messages were deleted.',
  advice:
    'If they matter, restore them from the source or a backup, and set limits that cover the longest outage.',
  test: (facts) => {
    const { last, streamLast, motion, lookups } = facts;
    const gap = streamLast === undefined ? 0 : unreadGap(last, streamLast);
    const during = motion?.evictedUnread ?? 0;
    // Deletions by hand or by a limit per subject have the same advisory; only limits of the whole stream lose messages.
    const limited = streamLast !== undefined && discardsByLimits(streamLast);
    const announced = limited ? (lookups.advisories?.deletedUnackedMs.length ?? 0) : 0;
    const unread = Math.max(gap, during);
    const lost = Math.max(unread, announced);
    if (lost === 0) return undefined;
    return {
      severity: unread === 0 ? 'warning' : 'critical',
      summary: lossSentence(facts, { lost, unread, goesOn: during > 0 }),
      evidence: {
        evicted_unread: unread,
        evicted_in_window: during,
        delivered_seq: last.delivered.streamSeq,
        first_seq: streamLast?.firstSeq,
        deleted_in_flight: announced,
      },
    };
  },
  remedy: (facts) => [`natsx stream info ${shellWord(facts.stream)}`, ...raiseLimit(facts)],
};

function lossSentence(
  { streamLast }: ConsumerFacts,
  {
    lost,
    unread,
    goesOn,
  }: { readonly lost: number; readonly unread: number; readonly goesOn: boolean },
): string {
  const [were, them] = lost === 1 ? ['was', 'it'] : ['were', 'them'];
  const byTtl = streamLast !== undefined && !hasLimits(streamLast);
  const how = byTtl ? 'expired (Nats-TTL)' : `${were} discarded by the stream's limits`;
  // A worker that has the message can still finish it: late, but nothing unread is lost.
  const when =
    unread === 0
      ? `while a worker had ${them}, before ${agree(lost, 'it was', 'they were')} acknowledged`
      : `before this consumer received ${them}${goesOn ? ', and more are being lost' : ''}`;
  return `${plural(lost, 'message')} ${how} ${when}.`;
}
