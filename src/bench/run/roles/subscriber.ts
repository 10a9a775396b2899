import { sharesMessages } from '../../model/plan.js';
import { checkedStampOf } from '../../model/plan-stamp.js';
import { subscriptionOf } from '../frame-block.js';
import { untilStopped } from '../pause.js';
import type { RoleContext, Role, Pass } from '../role.js';
import { Receipts } from './receipts.js';

/** The queue group of `bench queue`. */
const QUEUE = 'natsx-bench';

/** Receives until the run is stopped. */
export class SubscriberRole implements Role {
  readonly #context: RoleContext;
  readonly #receipts: Receipts;
  #subscribed = false;

  constructor(context: RoleContext) {
    const { plan } = context;
    this.#context = context;
    this.#receipts = new Receipts(context, {
      stamp: checkedStampOf(plan),
      shared: sharesMessages(plan),
      timed: true,
    });
  }

  readonly ready = async (pass: Pass): Promise<void> => {
    const { link, plan } = this.#context;
    // Without stamps, a PONG separates the messages of two passes.
    if (this.#subscribed) await link.flush(plan.idleMs);
    this.#receipts.reset(pass.number);
    if (!this.#subscribed) {
      const queue = sharesMessages(plan) ? QUEUE : undefined;
      link.subscribe(subscriptionOf(plan), queue, this.#receipts.take);
      this.#subscribed = true;
    }
    await link.flush(plan.idleMs);
  };

  readonly run = async (): Promise<void> => {
    await untilStopped(this.#context.control);
    this.#receipts.conclude();
  };
}
