import { usageError } from '../errors.js';
import { parsePublishSubject, parseSubscriptionPattern } from '../subject/subject.js';
import { patternsOverlap } from '../subject/subject-match.js';
import { isUnset } from '../message/unset-value.js';
import type { ConsumerConfig } from './consumer-info.js';

/**
 * Checks what can be known without the server, so that the answer is in words.
 *
 * @throws usage naming the setting
 */
export function checkConsumerConfig(config: ConsumerConfig): void {
  checkFilters(config);
  checkBackoff(config);
  checkAcknowledgement(config);
  checkKind(config);
}

function checkFilters(config: ConsumerConfig): void {
  const filters = config.filter_subjects ?? [];
  if (!isUnset(config.filter_subject)) parseSubscriptionPattern(config.filter_subject ?? '');
  for (const [index, filter] of filters.entries()) {
    parseSubscriptionPattern(filter);
    const other = filters.slice(0, index).find((earlier) => patternsOverlap(earlier, filter));
    if (other === undefined) continue;
    throw usageError(
      `the filters "${other}" and "${filter}" overlap`,
      'a message belongs to one filter: leave the narrower one out',
    );
  }
}

function checkBackoff({ backoff = [], max_deliver: deliveries = -1 }: ConsumerConfig): void {
  if (backoff.length === 0 || deliveries <= 0 || deliveries > backoff.length) return;
  throw usageError(
    `${backoff.length} waits of --backoff need more than ${deliveries} deliveries`,
    `set --max-deliver to ${backoff.length + 1} or more`,
  );
}

/** Settings that only mean something where messages are acknowledged. */
const FOR_ACKS = ['ack_wait', 'backoff', 'max_ack_pending'] as const;

function checkAcknowledgement(config: ConsumerConfig): void {
  if (config.ack_policy !== 'none') return;
  const useless = FOR_ACKS.find((key) => !isUnset(config[key]));
  if (useless === undefined) return;
  throw usageError(
    `${useless} means nothing for a consumer that acknowledges nothing`,
    'leave it out, or choose --ack explicit',
  );
}

const FOR_PUSH = ['deliver_group', 'idle_heartbeat', 'flow_control'] as const;
const FOR_PULL = ['max_waiting', 'max_batch', 'max_expires'] as const;

function checkKind(config: ConsumerConfig): void {
  const isPush = !isUnset(config.deliver_subject);
  if (isPush) parsePublishSubject(config.deliver_subject ?? '');
  const other = (isPush ? FOR_PULL : FOR_PUSH).find((key) => !isUnset(config[key]));
  if (other === undefined) return;
  throw usageError(
    isPush ? `${other} is for pull consumers` : `${other} is for push consumers`,
    isPush ? 'leave it out, or leave out --push' : 'leave it out, or give --push SUBJECT',
  );
}
