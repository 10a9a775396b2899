import { compileAnySubjectMatcher, patternCovers } from '../../core/subject/subject-match.js';
import { formatDuration } from '../../core/values/duration.js';
import type { ConsumerConfig, ConsumerInfo } from './consumer-info.js';
import { filtersOf, interestLoss, lostInterest, wantedBy } from './interest.js';
import { messagesText, rangeText, warning, type Loss, type LossRange } from './losses.js';
import { isAtLeast } from '../../core/server-needs.js';
import type { StreamInfo } from './stream-info.js';
import { agree, howOften } from '../../core/wording.js';

/** What is known of a consumer before it is changed or removed, and of its stream. */
export interface ConsumerLossFacts {
  readonly consumer: ConsumerInfo;
  readonly stream: StreamInfo;
  readonly serverVersion: string;
  /** Undefined when this user may not list them. */
  readonly others: readonly ConsumerInfo[] | undefined;
  /** Messages by subject, where a filter changes; undefined when there are too many. */
  readonly subjects?: ReadonlyMap<string, number> | undefined;
}

/** Whether the stream removes messages that no consumer waits for. */
export function keepsInterest({ config }: StreamInfo): boolean {
  return config.retention === 'interest';
}

/**
 * What is removed with a consumer. A stream with interest retention keeps a message only for consumers that have not
 * acknowledged it; without consumers, it keeps nothing.
 */
export function removalLosses({ consumer, stream, others }: ConsumerLossFacts): readonly Loss[] {
  const { messages } = stream.state;
  if (!keepsInterest(stream) || messages === 0) return [];
  if (others?.length === 0) {
    const all = { least: messages, most: messages };
    return [{ text: interestLoss(all, true), ...all }];
  }
  const wanted = wantedBy(consumer);
  // Messages that no consumer wanted before may be stored as well, and are removed at the same time.
  const range = { least: wanted, most: messages };
  const lost = lostInterest({ messages, others }, { range, filters: filtersOf(consumer.config) });
  return lost.most === 0 ? [] : [{ text: interestLoss(lost, others !== undefined), ...lost }];
}

/** Whether some subject is no longer delivered. */
export function narrowsFilter(present: ConsumerConfig, wanted: ConsumerConfig): boolean {
  const now = filtersOf(wanted);
  return filtersOf(present).some((one) => !now.some((other) => patternCovers(other, one)));
}

/** What a change of its settings costs. */
export function consumerEditLosses(
  facts: ConsumerLossFacts,
  wanted: ConsumerConfig,
): readonly Loss[] {
  return [
    ...filterLoss(facts, wanted),
    ...givenUp(facts.consumer, wanted),
    ...unusedLoss(facts, wanted),
  ];
}

function filterLoss(facts: ConsumerLossFacts, wanted: ConsumerConfig): readonly Loss[] {
  const { consumer, stream, others, serverVersion } = facts;
  const { messages } = stream.state;
  if (!narrowsFilter(consumer.config, wanted) || messages === 0) return [];
  const range = noLongerMatched(facts, wanted);
  if (keepsInterest(stream) && isAtLeast(serverVersion, '2.10')) {
    const filters = filtersOf(consumer.config);
    const most = range.most + unwanted(facts);
    const lost = lostInterest({ messages, others }, { range: { ...range, most }, filters });
    return lost.most === 0 ? [] : [{ text: interestLoss(lost, others !== undefined), ...lost }];
  }
  const most = Math.min(range.most, wantedBy(consumer));
  if (most === 0) return [];
  const count = rangeText({ least: Math.min(range.least, most), most });
  const kind = stream.config.retention ?? 'limits';
  return [
    warning(
      kind === 'limits'
        ? `the consumer no longer gets ${count} that wait for it now`
        : `the consumer no longer gets ${count}, which stay in the stream until another consumer takes them`,
    ),
  ];
}

/**
 * Messages that match no consumer. They are stored if the stream had another retention before, and servers remove them
 * together with those that lose their consumer. 0 if the subjects or the other consumers are not known.
 */
function unwanted({ consumer, others, subjects }: ConsumerLossFacts): number {
  if (others === undefined || subjects === undefined) return 0;
  const isWanted = compileAnySubjectMatcher(
    [consumer, ...others].flatMap(({ config }) => filtersOf(config)),
  );
  return [...subjects].reduce((sum, [subject, count]) => sum + (isWanted(subject) ? 0 : count), 0);
}

/** Messages that wait for the consumer now, and that its new filters exclude. */
function noLongerMatched(
  { consumer, subjects }: ConsumerLossFacts,
  wanted: ConsumerConfig,
): LossRange {
  const waiting = wantedBy(consumer);
  if (subjects === undefined) return { least: 0, most: waiting };
  const before = compileAnySubjectMatcher(filtersOf(consumer.config));
  const after = compileAnySubjectMatcher(filtersOf(wanted));
  let matched = 0;
  let left = 0;
  for (const [subject, count] of subjects) {
    if (!before(subject)) continue;
    matched += count;
    if (!after(subject)) left += count;
  }
  // Some of the stored ones are delivered already; which ones is not known.
  return { least: Math.max(0, left - Math.max(0, matched - waiting)), most: left };
}

function givenUp(consumer: ConsumerInfo, wanted: ConsumerConfig): readonly Loss[] {
  const most = wanted.max_deliver ?? -1;
  const before = consumer.config.max_deliver ?? -1;
  if (most <= 0 || (before > 0 && before <= most)) return [];
  const { num_ack_pending: inFlight, num_redelivered: redelivered, delivered } = consumer;
  // Each of them took this many of all deliveries.
  const repeats = Math.max(0, delivered.consumer_seq - inFlight);
  const count = most === 1 ? inFlight : Math.min(redelivered, Math.floor(repeats / (most - 1)));
  if (count === 0) return [];
  const times = howOften(most);
  const were = agree(count, 'message was', 'messages were');
  return [
    warning(
      `up to ${count} ${were} delivered ${times} or more: without an acknowledgement, they are given up, and stay in the stream undelivered`,
    ),
  ];
}

function unusedLoss(
  { consumer, stream }: ConsumerLossFacts,
  { inactive_threshold: threshold }: ConsumerConfig,
): readonly Loss[] {
  const before = consumer.config['inactive_threshold'];
  if (typeof threshold !== 'number' || threshold <= 0 || threshold === before) return [];
  if (!keepsInterest(stream)) return [];
  return [
    warning(
      `if it is unused for ${formatDuration(threshold)}, the consumer is removed, with the messages that only it waits for (${messagesText(wantedBy(consumer))} now)`,
    ),
  ];
}
