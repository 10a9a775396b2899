import { ackWaitMs, target } from '../../../backlog/model/rules/consumer-reading.js';
import {
  ackWaitTooShort,
  ADVISED_TRIES,
  costOfLimit,
  mostlyNaks,
} from '../../../backlog/model/rules/redelivery.js';
import type { ConsumerAudit } from '../facts.js';
import type { ConsumerAuditRule } from './consumer-loss.js';
import { agree, formatCount, plural } from '../../../core/wording.js';
import { formatDurationMs } from '../../../core/values/duration.js';

/** The same as in the backlog's diagnosis, and a warning before anything was redelivered. */
export const ackWaitShort: ConsumerAuditRule = {
  ...ackWaitTooShort,
  id: 'ACK_WAIT_TOO_SHORT',
  area: 'duplicates',
  test: ({ consumer, thresholds }) => {
    const { pace, motion, last } = consumer;
    const now = ackWaitTooShort.test(consumer);
    if (now !== undefined) return now;
    if (last.config.ackPolicy === 'none' || pace?.serviceMs === undefined) return undefined;
    const wait = ackWaitMs(consumer);
    if (pace.serviceMs < thresholds.ackWaitShare * wait || mostlyNaks(consumer)) return undefined;
    const repeats = motion?.redeliveries ?? 0;
    return {
      severity: 'warning',
      summary: `The workers of ${consumer.name} take ${formatDurationMs(pace.serviceMs)} for a message, and after ${formatDurationMs(wait)} it is redelivered${repeats > 0 ? `: ${plural(repeats, 'redelivery', 'redeliveries')} in ${formatDurationMs(motion?.dtMs ?? 0)}` : ''}.`,
      evidence: {
        service_ms: pace.serviceMs,
        ack_wait_ms: wait,
        settle_per_s: pace.settlePerS,
        ack_pending: last.ackPending,
        redeliveries: repeats,
        window_ms: motion?.dtMs,
      },
    };
  },
  remedy: ({ consumer }) => ackWaitTooShort.remedy(consumer),
};

export const maxDeliverUnlimited: ConsumerAuditRule = {
  id: 'MAX_DELIVER_UNLIMITED',
  area: 'duplicates',
  severity: 'info',
  scope: 'consumer',
  meaning:
    'Nothing limits how often a message is delivered. A message that no worker can process is redelivered forever, wastes work every time, and delays the messages behind it.',
  signs:
    'max_deliver is unlimited (a note). A warning if the redelivered messages above the ack floor were redelivered at least five times each on average.',
  advice:
    'Limit the deliveries and subscribe to the advisory for messages that reached the limit, or terminate hopeless messages in the worker.',
  test: (facts) => {
    const { last } = facts.consumer;
    if (last.config.maxDeliver !== undefined || last.config.ackPolicy === 'none') return undefined;
    if (!last.config.durable) return undefined;
    const repeats = repeatsAboveFloor(facts);
    const evidence = {
      max_deliver: null,
      repeats_above_floor: repeats,
      redelivered: last.redelivered,
      ack_floor: last.ackFloor.streamSeq,
    };
    // When a worker restarts, each message in flight is redelivered once; a poison message again and again.
    const many = facts.thresholds.poisonRedeliveries * last.redelivered;
    if (last.redelivered === 0 || repeats < many) {
      return {
        summary: `${facts.consumer.name} redelivers without limit; no message is being redelivered over and over at the moment.`,
        evidence,
      };
    }
    return {
      severity: 'warning',
      summary: `${plural(last.redelivered, 'message')} above sequence ${formatCount(last.ackFloor.streamSeq)} ${agree(last.redelivered, 'was', 'were')} redelivered at least ${formatCount(repeats)} times in total, without limit.${costOfLimit(facts.consumer)}`,
      evidence,
    };
  },
  remedy: ({ consumer }) => [
    `natsx consumer edit ${target(consumer)} --max-deliver ${String(ADVISED_TRIES)} --yes`,
    `natsx backlog peek ${target(consumer)}`,
  ],
};

/** The consumer counts each delivery, the stream each message: the surplus above the floor was redelivered. */
function repeatsAboveFloor({ consumer: { last } }: ConsumerAudit): number {
  const deliveries = last.delivered.consumerSeq - last.ackFloor.consumerSeq;
  const messages = last.delivered.streamSeq - last.ackFloor.streamSeq;
  return Math.max(0, deliveries - messages);
}
