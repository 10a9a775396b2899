import { target } from '../../../backlog/model/rules/consumer-reading.js';
import type { ConsumerAudit } from '../facts.js';
import type { ConsumerAuditRule } from './consumer-loss.js';
import { agree, formatCount, plural } from '../../../core/wording.js';

/** With one message in flight at a time, it is redelivered before the next one is delivered: order holds. */
function mayDisorder({ consumer: { last }, ordered }: ConsumerAudit): boolean {
  const { ackPolicy, maxAckPending } = last.config;
  return ordered && ackPolicy !== 'none' && maxAckPending !== 1;
}

export const orderSeveralInFlight: ConsumerAuditRule = {
  id: 'ORDER_SEVERAL_IN_FLIGHT',
  area: 'order',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'Order matters on this stream, and the consumer may have several messages in flight at a time. Workers overtake one another, and a redelivered message is delivered after later ones.',
  signs:
    'The stream is named with --ordered or has the metadata io.natsx.ordered, and max_ack_pending is not 1. Consumers without acknowledgements, such as ordered ones, are not reported.',
  advice:
    'Set max_ack_pending to 1, read with an ordered consumer, or create one consumer for each key whose order matters.',
  test: (facts) => {
    if (!mayDisorder(facts)) return undefined;
    const { last, name } = facts.consumer;
    const { maxAckPending, deliverGroup } = last.config;
    const most =
      maxAckPending === undefined ? 'any number of messages' : plural(maxAckPending, 'message');
    const group = deliverGroup === undefined ? '' : `, shared by the queue group ${deliverGroup}`;
    return {
      summary: `${name} may have ${most} in flight at a time${group}; now it has ${formatCount(last.ackPending)}, and ${plural(last.waiting, 'pull request')} ${agree(last.waiting, 'is', 'are')} waiting.`,
      evidence: {
        max_ack_pending: maxAckPending,
        ack_pending: last.ackPending,
        waiting_pulls: last.waiting,
        deliver_group: deliverGroup,
      },
    };
  },
  remedy: ({ consumer }) => [`natsx consumer edit ${target(consumer)} --max-ack-pending 1 --yes`],
};

export const orderBrokenByRedelivery: ConsumerAuditRule = {
  id: 'ORDER_BROKEN_BY_REDELIVERY',
  area: 'order',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'Order matters on this stream, and messages are being redelivered after later ones: order is broken now.',
  signs:
    'As for ORDER_SEVERAL_IN_FLIGHT, and the consumer counts messages that were delivered more than once.',
  advice: 'Set max_ack_pending to 1, and find out why messages are redelivered.',
  test: (facts) => {
    const { last, name } = facts.consumer;
    if (!mayDisorder(facts) || last.redelivered === 0) return undefined;
    // Nothing later was delivered: the redelivered message is still the newest.
    if (last.delivered.streamSeq - last.ackFloor.streamSeq <= 1) return undefined;
    return {
      summary: `${plural(last.redelivered, 'message')} of ${name} ${agree(last.redelivered, 'was', 'were')} redelivered after later ones (up to sequence ${formatCount(last.delivered.streamSeq)}).`,
      evidence: {
        redelivered: last.redelivered,
        ack_floor: last.ackFloor.streamSeq,
        delivered: last.delivered.streamSeq,
        max_ack_pending: last.config.maxAckPending,
      },
    };
  },
  remedy: ({ consumer }) => [
    `natsx backlog ${target(consumer)}`,
    `natsx consumer edit ${target(consumer)} --max-ack-pending 1 --yes`,
  ],
};
