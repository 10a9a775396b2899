import { target } from '../../../backlog/model/rules/consumer-reading.js';
import type { AuditRule } from '../audit-rule.js';
import type { ConsumerAudit } from '../facts.js';
import { flagDuration, formatDurationMs } from '../../../core/values/duration.js';
import { formatCount, formatPercent, plural } from '../../../core/wording.js';
import { shellWord } from '../../../core/printable.js';

/** A rule about one consumer that answered. */
export type ConsumerAuditRule = AuditRule<ConsumerAudit>;

export const discardBeforeRead: ConsumerAuditRule = {
  id: 'DISCARD_BEFORE_READ',
  area: 'loss',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'The stream is full and discards its oldest messages, which this consumer has yet to process. It loses what it does not finish in time.',
  signs:
    'Discard is "old", at least 80% of max_msgs or max_bytes is used, and the consumer has a backlog and an ack floor in the oldest tenth of the stream. Critical if the limit is reached.',
  advice:
    'Add workers, raise the limit, or reject new messages instead: with discard "new", publishers get an error.',
  test: ({ consumer, stream, thresholds }) => {
    const { config } = stream;
    if (config.discard !== 'old' || consumer.backlog === 0 || stream.messages === 0)
      return undefined;
    const full = Math.max(
      share(stream.messages, config.maxMessages),
      share(stream.bytes, config.maxBytes),
    );
    if (full < thresholds.fullShare) return undefined;
    const length = stream.lastSeq - stream.firstSeq + 1;
    const headroom = Math.max(0, consumer.last.ackFloor.streamSeq + 1 - stream.firstSeq);
    if (headroom > thresholds.headroomShare * length) return undefined;
    const reached = full >= thresholds.limitReachedShare;
    return {
      severity: reached ? 'critical' : 'warning',
      summary: `${consumer.name} has a backlog of ${plural(consumer.backlog, 'message')}, and ${consumer.stream} is ${formatPercent(full)} full: ${reached ? 'each new message discards one of them' : `only ${plural(headroom, 'finished message')} would be discarded before them`}.`,
      evidence: {
        backlog: consumer.backlog,
        full_share: full,
        messages: stream.messages,
        max_messages: config.maxMessages,
        bytes: stream.bytes,
        max_bytes: config.maxBytes,
        headroom_messages: headroom,
      },
    };
  },
  remedy: ({ consumer }) => [
    `natsx backlog ${target(consumer)}`,
    `natsx stream edit ${shellWord(consumer.stream)} --discard new --yes`,
  ],
};

function share(used: number, limit: number | undefined): number {
  return limit === undefined ? 0 : used / limit;
}

export const maxAgeNearBacklog: ConsumerAuditRule = {
  id: 'MAX_AGE_NEAR_BACKLOG',
  area: 'loss',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'The oldest unfinished message is close to the stream’s max_age. It is then removed, finished or not.',
  signs: 'The age of the oldest unfinished message is half of max_age or more; critical from 80%.',
  advice: 'Work off the backlog, or raise max_age until it is gone.',
  test: ({ consumer, stream, thresholds }) => {
    const { maxAgeMs } = stream.config;
    const { oldestAgeMs, backlog } = consumer;
    if (maxAgeMs === undefined || oldestAgeMs === undefined || backlog === 0) return undefined;
    const reached = oldestAgeMs / maxAgeMs;
    if (reached < thresholds.ageNearShare) return undefined;
    return {
      severity: reached >= thresholds.ageReachedShare ? 'critical' : 'warning',
      summary: `The oldest unfinished message of ${consumer.name} is ${formatDurationMs(oldestAgeMs)} old and is removed at ${formatDurationMs(maxAgeMs)}; the backlog is ${plural(backlog, 'message')}.`,
      evidence: {
        oldest_age_ms: oldestAgeMs,
        max_age_ms: maxAgeMs,
        share: reached,
        backlog,
        estimated: consumer.lookups.oldest?.estimated,
      },
    };
  },
  remedy: ({ consumer, stream }) => [
    `natsx backlog ${target(consumer)}`,
    `natsx stream edit ${shellWord(consumer.stream)} --max-age ${flagDuration(3 * (stream.config.maxAgeMs ?? 0))} --yes`,
  ],
};

export const ackNone: ConsumerAuditRule = {
  id: 'ACK_NONE',
  area: 'loss',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'The consumer counts a message as done once it is sent. A message in transit, or in a worker that crashes, is never delivered again.',
  signs:
    'A durable consumer with ack policy "none"; on a work queue the message is then also removed from the stream. Ephemeral consumers, such as ordered ones, keep their own count and are not reported.',
  advice:
    'The ack policy cannot be changed. Create another consumer with explicit acknowledgement, move the workers, and remove this one (on a work queue, remove it first).',
  test: ({ consumer, stream }) => {
    const { config, delivered } = consumer.last;
    if (!config.durable || config.ackPolicy !== 'none') return undefined;
    const gone = stream.config.retention !== 'limits';
    return {
      summary: `${consumer.name} counts delivered messages as done without an acknowledgement (${formatCount(delivered.consumerSeq)} so far)${gone ? `, and ${consumer.stream} removes them` : ''}: a worker that crashes loses what it holds.`,
      evidence: {
        ack_policy: 'none',
        durable: true,
        retention: stream.config.retention,
        delivered: delivered.consumerSeq,
      },
    };
  },
  remedy: (audit) => replacement(audit, 'acked'),
};

export const consumerStateAtRisk: ConsumerAuditRule = {
  id: 'CONSUMER_STATE_AT_RISK',
  area: 'loss',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'The position of a durable consumer is stored less safely than its stream. If it is lost, the consumer is gone or starts again, which skips or repeats messages.',
  signs:
    'A durable consumer with fewer replicas than its stream, or with its state in memory while the stream is in files.',
  advice:
    'Give it as many replicas as the stream has. Memory storage cannot be changed: create another consumer that starts at this one’s position, move the workers, and remove this one.',
  test: ({ consumer, stream }) => {
    const { config } = consumer.last;
    const replicas = config.replicas ?? stream.config.replicas;
    const fewer = replicas < stream.config.replicas;
    const inMemory = isOnlyInMemory({ consumer, stream });
    if (!config.durable || (!fewer && !inMemory)) return undefined;
    const how = [
      ...(fewer
        ? [
            `on ${String(replicas)} of the ${String(stream.config.replicas)} servers that hold ${consumer.stream}`,
          ]
        : []),
      ...(inMemory ? ['in memory only'] : []),
    ].join(' and ');
    return {
      summary: `The position of ${consumer.name} is stored ${how}.`,
      evidence: {
        replicas,
        stream_replicas: stream.config.replicas,
        memory_storage: config.memoryStorage,
      },
    };
  },
  remedy: (audit) => {
    const { consumer, stream } = audit;
    if (isOnlyInMemory(audit)) return replacement(audit, 'kept');
    return [
      `natsx consumer edit ${target(consumer)} --replicas ${String(stream.config.replicas)} --yes`,
    ];
  },
};

function isOnlyInMemory({ consumer, stream }: Pick<ConsumerAudit, 'consumer' | 'stream'>): boolean {
  return consumer.last.config.memoryStorage === true && stream.config.storage === 'file';
}

/**
 * A setting that cannot be changed needs another consumer, which starts after what this one has finished. A work queue
 * accepts it only when this one is gone, and only from its beginning, where the remaining messages are.
 */
function replacement({ consumer, stream }: ConsumerAudit, suffix: string): readonly string[] {
  const { config, ackFloor } = consumer.last;
  const isQueue = stream.config.retention === 'workqueue';
  const create = [
    `natsx consumer create ${target({ ...consumer, name: `${consumer.name}-${suffix}` })}`,
    ...(config.filters.length === 0 ? [] : [`--filter ${shellWord(config.filters.join(','))}`]),
    ...(isQueue ? [] : [`--start-seq ${String(ackFloor.streamSeq + 1)}`]),
  ].join(' ');
  const remove = `natsx consumer rm ${target(consumer)} --yes`;
  return isQueue ? [remove, create] : [create, remove];
}
