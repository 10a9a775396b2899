import { ackWaitMs, target } from '../../../backlog/model/rules/consumer-reading.js';
import {
  ackWaitTooShort,
  ADVISED_TRIES,
  costOfLimit,
  mostlyRefused,
} from '../../../backlog/model/rules/redelivery.js';
import { count, plural, span } from '../../../core/findings/wording.js';
import type { ConsumerAudit } from '../facts.js';
import type { ConsumerAuditRule } from './consumer-loss.js';

/** The same as in the diagnosis of a backlog, and a warning before anything was delivered twice. */
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
    if (pace.serviceMs < thresholds.ackWaitShare * wait || mostlyRefused(consumer))
      return undefined;
    const repeats = motion?.redeliveries ?? 0;
    return {
      severity: 'warning',
      summary: `Messages are with the workers of ${consumer.name} for ${span(pace.serviceMs)}, and after ${span(wait)} they are delivered again${repeats > 0 ? `: ${plural(repeats, 'repeat')} in ${span(motion?.dtMs ?? 0)}` : ''}.`,
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
    'Nothing limits how often a message is delivered. One that no worker can handle comes back for ever, is worked on again and again, and holds up what waits for it.',
  signs:
    'max_deliver is unlimited (a note). A warning when the messages that came again above the ack floor did so at least five times each on average.',
  advice:
    'Limit the deliveries and listen to the advisory for messages that used them up, or terminate hopeless messages in the worker.',
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
    // A worker that restarts makes each message in flight come again once; a poison message comes again and again.
    const many = facts.thresholds.poisonRedeliveries * last.redelivered;
    if (last.redelivered === 0 || repeats < many) {
      return {
        summary: `${facts.consumer.name} delivers a message again without limit; none does so at the moment.`,
        evidence,
      };
    }
    return {
      severity: 'warning',
      summary: `${plural(last.redelivered, 'message')} above sequence ${count(last.ackFloor.streamSeq)} came back at least ${count(repeats)} times in all, and nothing ends it.${costOfLimit(facts.consumer)}`,
      evidence,
    };
  },
  remedy: ({ consumer }) => [
    `natsx consumer edit ${target(consumer)} --max-deliver ${String(ADVISED_TRIES)} --yes`,
    `natsx backlog peek ${target(consumer)}`,
  ],
};

/** The consumer counts each delivery, the stream each message: what it has more since the floor was repeated. */
function repeatsAboveFloor({ consumer: { last } }: ConsumerAudit): number {
  const deliveries = last.delivered.consumerSeq - last.ackFloor.consumerSeq;
  const messages = last.delivered.streamSeq - last.ackFloor.streamSeq;
  return Math.max(0, deliveries - messages);
}
