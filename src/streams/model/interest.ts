import { patternsOverlap } from '../../core/subject/subject-match.js';
import type { ConsumerConfig, ConsumerInfo } from './consumer-info.js';
import { goText, rangeText, type LossRange } from './losses.js';

/** On a stream with interest retention a message stays for as long as a consumer has not acknowledged it. */

/** The subjects of a consumer; all of them when it has no filter. */
export function filtersOf(config: ConsumerConfig): readonly string[] {
  const { filter_subject: single = '', filter_subjects: several } = config;
  if (several !== undefined && several.length > 0) return several;
  return single === '' ? ['>'] : [single];
}

/** Messages that a consumer has not delivered, or not acknowledged. */
export function wantedBy({
  num_pending: pending,
  num_ack_pending: inFlight,
}: ConsumerInfo): number {
  return pending + inFlight;
}

/** Messages that certainly stay for these consumers: of consumers with common subjects, only one is counted. */
export function neededAtLeast(consumers: readonly ConsumerInfo[]): number {
  const counted: ConsumerInfo[] = [];
  for (const one of consumers.toSorted((a, b) => wantedBy(b) - wantedBy(a))) {
    if (counted.every((other) => !share(filtersOf(one.config), filtersOf(other.config))))
      counted.push(one);
  }
  return counted.reduce((sum, one) => sum + wantedBy(one), 0);
}

/** Messages of some subjects that stay for these consumers, at most. */
function neededAtMost(consumers: readonly ConsumerInfo[], filters: readonly string[]): number {
  return consumers
    .filter(({ config }) => share(filtersOf(config), filters))
    .reduce((sum, one) => sum + wantedBy(one), 0);
}

/** What is stored, and who wants it. */
export interface InterestIn {
  readonly messages: number;
  /** All others of the stream; undefined when this user may not list them. */
  readonly others: readonly ConsumerInfo[] | undefined;
}

/** How many messages go when a consumer no longer wants `given` messages of some subjects. */
export function lostInterest(
  { messages, others }: InterestIn,
  given: { readonly range: LossRange; readonly filters: readonly string[] },
): LossRange {
  if (others === undefined) return { least: 0, most: Math.min(given.range.most, messages) };
  const most = Math.max(0, Math.min(given.range.most, messages - neededAtLeast(others)));
  const least = Math.max(0, given.range.least - neededAtMost(others, given.filters));
  return { least: Math.min(least, most), most };
}

/** What a change costs on a stream with interest retention, in a sentence without a full stop. */
export function interestLoss(lost: LossRange, knowsOthers: boolean): string {
  const why = knowsOthers
    ? 'no other consumer of the stream waits for them'
    : 'this user may not list the other consumers, which may still wait for them';
  return `${rangeText(lost)} ${goText(lost)}: ${why}`;
}

function share(some: readonly string[], others: readonly string[]): boolean {
  return some.some((one) => others.some((other) => patternsOverlap(one, other)));
}
