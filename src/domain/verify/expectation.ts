import type { Outcome } from './judge.js';

/** What a deployment should keep. */
export const EXPECTATIONS = ['at-most-once', 'at-least-once', 'exactly-once'] as const;
export type Expectation = (typeof EXPECTATIONS)[number];

/** How messages are delivered, as far as a promise follows from it. */
export type Delivery =
  | { readonly kind: 'core' }
  | {
      readonly kind: 'consumer';
      readonly ackPolicy: string;
      /** -1 for any number. */
      readonly maxDeliver: number;
    };

/** An expectation, and where it comes from. */
export interface Guarantee {
  readonly expectation: Expectation;
  readonly because: string;
}

/** What the configuration promises by itself. Nothing but a wish promises exactly once. */
export function promiseOf(delivery: Delivery): Guarantee {
  if (delivery.kind === 'core') {
    return { expectation: 'at-most-once', because: 'core NATS keeps nothing' };
  }
  if (delivery.ackPolicy === 'none') {
    return { expectation: 'at-most-once', because: 'the consumer waits for no acknowledgement' };
  }
  if (delivery.maxDeliver === 1) {
    return { expectation: 'at-most-once', because: 'the consumer delivers each message once only' };
  }
  return {
    expectation: 'at-least-once',
    because: `the stream and the consumer (ack ${delivery.ackPolicy}) work with acknowledgements`,
  };
}

export interface Verdict {
  readonly expectation: Expectation;
  readonly because: string;
  readonly ordered: boolean;
  readonly kept: boolean;
  /** What broke it, a sentence each. */
  readonly broken: readonly string[];
}

/** @param ordered whether wrong order breaks the promise as well */
export function verdictOf(outcome: Outcome, promise: Guarantee, ordered: boolean): Verdict {
  const { expectation } = promise;
  const { lost, duplicated, corrupted, outOfOrder } = outcome;
  const broken: string[] = [];
  if (lost > 0 && expectation !== 'at-most-once') broken.push(`${messages(lost)} lost`);
  if (duplicated > 0 && expectation !== 'at-least-once') {
    broken.push(`${messages(duplicated)} delivered more than once`);
  }
  if (corrupted > 0) broken.push(`${messages(corrupted)} corrupted`);
  if (outOfOrder > 0 && ordered) broken.push(`${messages(outOfOrder)} out of order`);
  return { ...promise, ordered, kept: broken.length === 0, broken };
}

function messages(count: number): string {
  return count === 1 ? '1 message' : `${count} messages`;
}
