import { usageError } from '../../core/errors.js';
import { parsePublishSubject, parseSubscriptionPattern } from '../../core/subject/subject.js';
import { patternCovers } from '../../core/subject/subject-match.js';
import { isUnset } from '../../core/message/unset-value.js';
import type { JsonObject } from '../../core/message/exact-json.js';
import type { ConsumerConfig } from './consumer-info.js';

/**
 * Checks what no server takes, so that the answer is in words and nothing is half done. What a server takes although it
 * means nothing, such as the ack wait of a consumer that acknowledges nothing, stands in configurations that servers
 * write themselves: it is refused only where somebody asked for it.
 *
 * @param asked the keys that flags gave; all of them when left out
 * @throws usage naming the setting
 */
export function checkConsumerConfig(config: ConsumerConfig, asked: JsonObject = config): void {
  checkFilters(config);
  checkBackoff(config, asked);
  checkAcknowledgement(config, asked);
  checkKind(config, asked);
}

function checkFilters(config: ConsumerConfig): void {
  const filters = config.filter_subjects ?? [];
  if (!isUnset(config.filter_subject)) parseSubscriptionPattern(config.filter_subject ?? '');
  for (const [index, filter] of filters.entries()) {
    parseSubscriptionPattern(filter);
    const other = filters
      .slice(0, index)
      .find((earlier) => patternCovers(earlier, filter) || patternCovers(filter, earlier));
    if (other === undefined) continue;
    throw usageError(
      `the filters "${other}" and "${filter}" overlap: one matches everything that the other matches`,
      'leave the narrower one out',
    );
  }
}

function checkBackoff(
  { backoff = [], max_deliver: deliveries = -1 }: ConsumerConfig,
  asked: JsonObject,
): void {
  if (backoff.length === 0 || deliveries <= 0 || deliveries > backoff.length) return;
  // Servers since 2.10 take a last wait that is never used.
  if (deliveries === backoff.length && isUnset(asked['backoff'])) return;
  throw usageError(
    `${backoff.length} waits of --backoff need more than ${deliveries} deliveries`,
    `set --max-deliver to ${backoff.length + 1} or more`,
  );
}

/** Settings that only mean something where messages are acknowledged. */
const FOR_ACKS = ['ack_wait', 'backoff', 'max_ack_pending'] as const;

function checkAcknowledgement(config: ConsumerConfig, asked: JsonObject): void {
  if (config.ack_policy !== 'none') return;
  const useless = FOR_ACKS.find((key) => !isUnset(asked[key]));
  if (useless === undefined) return;
  throw usageError(
    `${useless} means nothing for a consumer that acknowledges nothing`,
    'leave it out, or choose --ack explicit',
  );
}

/** What the other kind of consumer is for; servers refuse some of it, and pass over the rest. */
const FOR_PUSH = {
  refused: ['idle_heartbeat', 'flow_control'],
  useless: ['deliver_group'],
} as const;
const FOR_PULL = { refused: ['max_waiting'], useless: ['max_batch', 'max_expires'] } as const;

function checkKind(config: ConsumerConfig, asked: JsonObject): void {
  const isPush = !isUnset(config.deliver_subject);
  if (isPush) parsePublishSubject(config.deliver_subject ?? '');
  const { refused, useless } = isPush ? FOR_PULL : FOR_PUSH;
  const other =
    refused.find((key) => !isUnset(config[key])) ?? useless.find((key) => !isUnset(asked[key]));
  if (other === undefined) return;
  throw usageError(
    isPush ? `${other} is for pull consumers` : `${other} is for push consumers`,
    isPush ? 'leave it out, or leave out --push' : 'leave it out, or give --push SUBJECT',
  );
}
