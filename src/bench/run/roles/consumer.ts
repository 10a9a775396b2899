import { fairSplit } from '../../../core/statistics/fair-split.js';
import { stampKindOf } from '../../model/plan-stamp.js';
import { untilStopped, waitUntil } from '../pause.js';
import type { RoleContext, Role, Pass } from '../role.js';
import { Receipts } from './receipts.js';

/** Pulls from the pass' consumer until it is told that everything is there. */
export class ConsumerRole implements Role {
  readonly #context: RoleContext;
  readonly #receipts: Receipts;

  constructor(context: RoleContext) {
    const { plan } = context;
    this.#context = context;
    // Messages of somebody else's stream have no stamps.
    const stamp = plan.stream === undefined ? stampKindOf(plan) : 'none';
    this.#receipts = new Receipts(context, { stamp, shared: plan.subscribers > 1, timed: false });
  }

  readonly ready = async (pass: Pass): Promise<void> => {
    this.#receipts.reset(pass.number);
    await this.#context.link.flush(this.#context.plan.idleMs);
  };

  readonly run = async (pass: Pass, startNs: number): Promise<void> => {
    const { link, plan, stream = '', control } = this.#context;
    const { ack, batch } = plan;
    await waitUntil(startNs, this.#context);
    const pull = { stream, consumer: pass.consumer ?? '', ack, batch, limit: this.#limit(pass) };
    await link.pull(pull, this.#receipts.take);
    await untilStopped(control);
    link.stopPulling();
    this.#receipts.conclude();
  };

  /** Of the stream of others, nothing is taken that was not asked for. An own one holds no more than that. */
  #limit({ messages }: Pass): number {
    const { plan, job } = this.#context;
    if (plan.stream === undefined || !Number.isFinite(messages)) return Infinity;
    return fairSplit(messages, job.of)[job.index] ?? 0;
  }
}
