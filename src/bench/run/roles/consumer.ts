import { stampKindOf } from '../../model/plan-stamp.js';
import { untilStopped, waitUntil } from '../pause.js';
import type { RoleContext, Role, Pass } from '../role.js';
import { Receipts } from './receipts.js';
import { fairSplit } from '../../../core/statistics/statistics.js';

/** Pulls from the consumer of the pass until the run is stopped. */
export class ConsumerRole implements Role {
  readonly #context: RoleContext;
  readonly #receipts: Receipts;

  constructor(context: RoleContext) {
    const { plan } = context;
    this.#context = context;
    // Messages of an existing stream have no stamps.
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

  /** Takes no more than requested from an existing stream; a temporary one holds no more than that. */
  #limit({ messages }: Pass): number {
    const { plan, job } = this.#context;
    if (plan.stream === undefined || !Number.isFinite(messages)) return Infinity;
    return fairSplit(messages, job.of)[job.index] ?? 0;
  }
}
