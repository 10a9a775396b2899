import { usageError } from '../../core/errors.js';
import { parsePublishSubject, parseSubscriptionPattern } from '../../core/subject/subject.js';
import { patternCovers } from '../../core/subject/subject-match.js';
import { isUnset } from '../../core/message/unset-value.js';
import type { JsonObject } from '../../core/message/exact-json.js';
import type { ConsumerConfig } from './consumer-info.js';

/**
 * Checks what every server rejects, so that the error is clear and nothing is half done. Settings without effect that a
 * server accepts, such as the ack wait of a consumer that acknowledges nothing, are also in configurations that servers
 * print: they are rejected only if the user asked for them.
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
      'leave out the narrower one',
    );
  }
}

function checkBackoff(
  { backoff = [], max_deliver: deliveries = -1 }: ConsumerConfig,
  asked: JsonObject,
): void {
  if (backoff.length === 0 || deliveries <= 0 || deliveries > backoff.length) return;
  // Servers since 2.10 accept a last wait that is never used.
  if (deliveries === backoff.length && isUnset(asked['backoff'])) return;
  throw usageError(
    `${backoff.length} waits of --backoff need more than ${deliveries} deliveries`,
    `set --max-deliver to ${backoff.length + 1} or more`,
  );
}

/** Settings that have an effect only if messages are acknowledged. */
const FOR_ACKS = ['ack_wait', 'backoff', 'max_ack_pending'] as const;

function checkAcknowledgement(config: ConsumerConfig, asked: JsonObject): void {
  if (config.ack_policy !== 'none') return;
  const useless = FOR_ACKS.find((key) => !isUnset(asked[key]));
  if (useless === undefined) return;
  throw usageError(
    `${useless} has no effect on a consumer without acknowledgements`,
    'leave it out, or choose --ack explicit',
  );
}

/** Settings of the other kind of consumer; servers reject some of them, and ignore the rest. */
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
