import { target } from '../../../backlog/model/rules/consumer-reading.js';
import { count, plural } from '../../../core/findings/wording.js';
import type { ConsumerAudit } from '../facts.js';
import type { ConsumerAuditRule } from './consumer-loss.js';

/** One message in flight at a time is repeated before the next is delivered: then order holds. */
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
    'Order matters on this stream, and the consumer has several messages under way at a time. Several workers overtake one another, and a message that is delivered again comes after later ones.',
  signs:
    'The stream is named with --ordered or has the metadata io.natsx.ordered, and max_ack_pending is not 1. Consumers without acknowledgement, such as ordered ones, are not meant.',
  advice:
    'Let one message be under way at a time, read with an ordered consumer, or make one consumer for each key whose order matters.',
  test: (facts) => {
    if (!mayDisorder(facts)) return undefined;
    const { last, name } = facts.consumer;
    const { maxAckPending, deliverGroup } = last.config;
    const most =
      maxAckPending === undefined ? 'any number of messages' : plural(maxAckPending, 'message');
    const group = deliverGroup === undefined ? '' : `, shared by the queue group ${deliverGroup}`;
    return {
      summary: `${name} may have ${most} under way at a time${group}; ${count(last.ackPending)} are now, and ${count(last.waiting)} requests of workers wait.`,
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
    'Order matters on this stream, and messages are being delivered again after later ones were delivered: order is broken now.',
  signs:
    'As ORDER_SEVERAL_IN_FLIGHT, and the consumer counts messages that were delivered more than once.',
  advice: 'Let one message be under way at a time, and find out why they come back.',
  test: (facts) => {
    const { last, name } = facts.consumer;
    if (!mayDisorder(facts) || last.redelivered === 0) return undefined;
    // Nothing later was delivered: the repeat is still the newest message.
    if (last.delivered.streamSeq - last.ackFloor.streamSeq <= 1) return undefined;
    return {
      summary: `${plural(last.redelivered, 'message')} of ${name} came again after later ones had been delivered (up to sequence ${count(last.delivered.streamSeq)}).`,
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
