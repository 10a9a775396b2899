import { ackWaitMs, target } from '../../backlog/rules/consumer-reading.js';
import { count, plural, span } from '../../findings/wording.js';
import type { ConsumerAudit } from '../facts.js';
import type { ConsumerAuditRule } from './consumer-loss.js';

export const ackWaitShort: ConsumerAuditRule = {
  id: 'ACK_WAIT_SHORT',
  area: 'duplicates',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'A message is in a worker’s hands for longer than the server waits for its acknowledgement. The server then delivers it again, and it is worked on twice.',
  signs:
    'While it was looked at, messages took at least 80 % of ack_wait from delivery to acknowledgement (in flight divided by finished per second). Critical when deliveries were repeated meanwhile.',
  advice:
    'Raise ack_wait to three times that time, fetch smaller batches, or say "in progress" from long work.',
  test: ({ consumer, thresholds }) => {
    const { pace, motion, last } = consumer;
    if (last.config.ackPolicy === 'none' || pace?.serviceMs === undefined) return undefined;
    const wait = ackWaitMs(consumer);
    if (pace.serviceMs < thresholds.ackWaitShare * wait) return undefined;
    const repeats = motion?.redeliveries ?? 0;
    return {
      severity: repeats > 0 ? 'critical' : 'warning',
      summary: `Messages are with the workers of ${consumer.name} for ${span(pace.serviceMs)}, and after ${span(wait)} they are delivered again${repeats > 0 ? `: ${plural(repeats, 'repeat')} in ${span(motion?.dtMs ?? 0)}` : ''}.`,
      evidence: {
        handling_ms: pace.serviceMs,
        ack_wait_ms: wait,
        settle_per_s: pace.settlePerS,
        ack_pending: last.ackPending,
        redeliveries: repeats,
        window_ms: motion?.dtMs,
      },
    };
  },
  remedy: ({ consumer }) => {
    const seconds = Math.ceil((3 * (consumer.pace?.serviceMs ?? 10_000)) / 1000);
    return [`natsx consumer edit ${target(consumer)} --ack-wait ${String(seconds)}s --yes`];
  },
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
      summary: `${plural(last.redelivered, 'message')} above sequence ${count(last.ackFloor.streamSeq)} came back at least ${count(repeats)} times in all, and nothing ends it.`,
      evidence,
    };
  },
  remedy: ({ consumer }) => [
    `natsx consumer edit ${target(consumer)} --max-deliver 10 --yes`,
    `natsx backlog peek ${target(consumer)}`,
  ],
};

/** The consumer counts each delivery, the stream each message: what it has more since the floor was repeated. */
function repeatsAboveFloor({ consumer: { last } }: ConsumerAudit): number {
  const deliveries = last.delivered.consumerSeq - last.ackFloor.consumerSeq;
  const messages = last.delivered.streamSeq - last.ackFloor.streamSeq;
  return Math.max(0, deliveries - messages);
}
