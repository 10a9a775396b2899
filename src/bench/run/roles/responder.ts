import { subscriptionOf } from '../frame-block.js';
import { addTo, CELL } from '../meters.js';
import { untilStopped } from '../pause.js';
import type { RoleContext, Role } from '../role.js';

/** Responders of several runs on one subject share the requests. */
const QUEUE = 'natsx-bench';

/** Answers requests with their own body. */
export class ResponderRole implements Role {
  readonly #context: RoleContext;
  #listening = false;

  constructor(context: RoleContext) {
    this.#context = context;
  }

  readonly ready = async (): Promise<void> => {
    const { link, plan } = this.#context;
    if (!this.#listening) {
      const subject = subscriptionOf(plan);
      link.respond({ subject, queue: QUEUE, delayMs: plan.replyDelayMs, onAnswered: this.#count });
      this.#listening = true;
    }
    await link.flush(plan.idleMs);
  };

  readonly run = async (): Promise<void> => {
    await untilStopped(this.#context.control);
  };

  readonly #count = (bytes: number): void => {
    const { cells, clock } = this.#context;
    const nowNs = clock();
    if (cells[CELL.firstNs] === 0) {
      cells[CELL.firstNs] = nowNs;
      cells[CELL.firstCount] = 1;
    }
    cells[CELL.lastNs] = nowNs;
    addTo(cells, CELL.received, 1);
    addTo(cells, CELL.bytes, bytes);
  };
}
