import { SCENARIOS } from '../../model/scenario.js';
import { stampKindOf } from '../../model/plan-stamp.js';
import { subscriptionOf } from '../frame-block.js';
import { untilStopped } from '../pause.js';
import type { LaneContext, LaneRole, Pass } from '../role.js';
import { Receipts } from './receipts.js';

/** The queue group of `bench queue`. */
const QUEUE = 'natsx-bench';

/** Receives until it is told that everything is there. */
export class SubscriberRole implements LaneRole {
  readonly #context: LaneContext;
  readonly #receipts: Receipts;
  #subscribed = false;

  constructor(context: LaneContext) {
    const { plan } = context;
    this.#context = context;
    this.#receipts = new Receipts(context, {
      stamp: SCENARIOS[plan.scenario].checksSequence ? stampKindOf(plan) : 'none',
      shared: plan.scenario === 'queue',
      timed: true,
    });
  }

  readonly ready = async (pass: Pass): Promise<void> => {
    const { link, plan } = this.#context;
    // Without stamps, only what the server sent before its PONG tells the messages of two passes apart.
    if (this.#subscribed) await link.flush(plan.idleMs);
    this.#receipts.reset(pass.number);
    if (!this.#subscribed) {
      const queue = plan.scenario === 'queue' ? QUEUE : undefined;
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
