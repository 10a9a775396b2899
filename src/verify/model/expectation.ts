import { plural } from '../../core/wording.js';
import type { DeliveryOutcome } from './judge.js';

/** Delivery guarantees. */
export const EXPECTATIONS = ['at-most-once', 'at-least-once', 'exactly-once'] as const;
export type Expectation = (typeof EXPECTATIONS)[number];

/** How messages are delivered, as far as it determines the guarantee. */
export type DeliveryMode =
  | { readonly kind: 'core' }
  | {
      readonly kind: 'consumer';
      readonly ackPolicy: string;
      /** -1 for unlimited. */
      readonly maxDeliver: number;
    };

/** An expectation and its reason. */
export interface Guarantee {
  readonly expectation: Expectation;
  readonly because: string;
}

/** The guarantee of the configuration itself; exactly once has to be requested. */
export function promiseOf(delivery: DeliveryMode): Guarantee {
  if (delivery.kind === 'core') {
    return { expectation: 'at-most-once', because: 'core NATS stores nothing' };
  }
  if (delivery.ackPolicy === 'none') {
    return { expectation: 'at-most-once', because: 'the consumer has the ack policy none' };
  }
  if (delivery.maxDeliver === 1) {
    return { expectation: 'at-most-once', because: 'the consumer delivers each message only once' };
  }
  return {
    expectation: 'at-least-once',
    because: `the stream and the consumer (ack ${delivery.ackPolicy}) use acknowledgements`,
  };
}

export interface PromiseVerdict {
  readonly expectation: Expectation;
  readonly because: string;
  readonly ordered: boolean;
  readonly kept: boolean;
  /** What broke it, one sentence each. */
  readonly broken: readonly string[];
}

/**
 * An expectation is met only if something arrived that shows it: a run in which nothing arrived proves nothing.
 *
 * @param ordered whether messages out of order also break it
 */
export function verdictOf(
  outcome: DeliveryOutcome,
  promise: Guarantee,
  ordered: boolean,
): PromiseVerdict {
  const { expectation } = promise;
  const { lost, duplicated, corrupted, outOfOrder, refused, denied, batches } = outcome;
  const broken = [...unproven(outcome, ordered)];
  if (refused > 0) broken.push(`${plural(refused, 'message')} refused by the stream`);
  if (lost > 0 && expectation !== 'at-most-once') broken.push(`${plural(lost, 'message')} lost`);
  if (duplicated > 0 && expectation !== 'at-least-once') {
    broken.push(`${plural(duplicated, 'message')} delivered more than once`);
  }
  if (denied > 0)
    broken.push(`${plural(denied, 'message')} delivered that the stream said it did not store`);
  const torn = batches?.torn ?? 0;
  if (torn > 0) broken.push(`${plural(torn, 'atomic batch', 'atomic batches')} stored in part`);
  if (corrupted > 0) broken.push(`${plural(corrupted, 'message')} corrupted`);
  if (outOfOrder > 0 && ordered) broken.push(`${plural(outOfOrder, 'message')} out of order`);
  return { ...promise, ordered, kept: broken.length === 0, broken };
}

/** Whether nothing arrived, so that the expectation was neither met nor broken. */
export function provesNothing(
  { delivered, lost }: DeliveryOutcome,
  { expectation }: Pick<PromiseVerdict, 'expectation'>,
): boolean {
  return delivered === 0 && (lost === 0 || expectation === 'at-most-once');
}

/** Why the outcome proves nothing. */
function unproven(outcome: DeliveryOutcome, ordered: boolean): readonly string[] {
  const { sent, delivered, inDoubt, refused, receivers } = outcome;
  if (sent === 0) return ['nothing was sent'];
  if (delivered === 0) {
    const arrived =
      receivers.length > 1 ? 'no message arrived at every receiver' : 'no message arrived';
    const doubtful = inDoubt - refused;
    return doubtful > 0 ? [arrived, `${plural(doubtful, 'message')} not acknowledged`] : [arrived];
  }
  if (!ordered || delivered > 1 || sent === 1) return [];
  return ['only 1 message arrived, which shows no order'];
}
