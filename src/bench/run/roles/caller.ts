import { recordLatency } from '../../../core/statistics/latency-histogram.js';
import { makeSendTimes } from '../../../core/values/pace.js';
import type { TargetRate } from '../../../core/values/pace.js';
import type { NatsxError } from '../../../core/errors.js';
import type { CallKind, Calls } from '../link.js';
import { addTo, CELL } from '../meters.js';
import { GRACE_NS, isStopped, mayStillSend, pauseTowards, waitUntil } from '../pause.js';
import type { RoleContext, Role, Pass } from '../role.js';
import { CallWindow } from './call-window.js';
import type { Numbering } from './call-window.js';
import { fairSplit } from '../../../core/statistics/statistics.js';

const NS_PER_MS = 1e6;
/** How often to look for unanswered calls. */
const SWEEP_MS = 200;

/** Sends calls that each get one answer, with a window of unanswered ones: requests, stream writes and reads. */
export class CallerRole implements Role {
  readonly #context: RoleContext;
  readonly #calls: Calls;
  readonly #window: CallWindow;
  readonly #onFailure: (error: NatsxError) => void;
  #limit = 0;
  #endNs = 0;
  #sent = 0;
  #active = false;
  #pushing = false;
  #isPaced = false;
  #nowNs = 0;
  #fullSinceNs = 0;
  #wake: (() => void) | undefined;

  constructor(context: RoleContext, kind: CallKind, onFailure: (error: NatsxError) => void) {
    this.#context = context;
    this.#onFailure = onFailure;
    this.#window = new CallWindow(context.plan.window, numberingOf(context, kind));
    this.#calls = context.link.openCalls(kind, this.#answered);
  }

  readonly ready = async (pass: Pass): Promise<void> => {
    const { job, plan, link } = this.#context;
    const { messages } = pass;
    this.#limit = Number.isFinite(messages)
      ? (fairSplit(messages, job.of)[job.index] ?? 0)
      : Infinity;
    this.#sent = 0;
    this.#window.clear();
    await link.flush(plan.idleMs);
  };

  readonly run = async (pass: Pass, startNs: number): Promise<void> => {
    const { cells, link, clock } = this.#context;
    const { pace } = pass;
    this.#isPaced = pace !== undefined;
    await waitUntil(startNs, this.#context);
    cells[CELL.firstNs] = startNs;
    this.#endNs = startNs + pass.durationNs;
    this.#fullSinceNs = 0;
    this.#nowNs = clock();
    this.#active = pace === undefined;
    if (pace === undefined) {
      this.#fill();
      link.push();
    } else await this.#paced(pass, startNs, pace);
    await this.#lastAnswers();
    this.#active = false;
    cells[CELL.done] = 1;
  };

  /** Without a rate, every answer makes room for the next call. */
  #fill(): void {
    while (this.#active && this.#window.hasRoom && this.#maySend()) this.#send(this.#nowNs);
    if (!this.#window.hasRoom) this.#fullSinceNs = this.#nowNs;
  }

  #maySend(): boolean {
    const { control } = this.#context;
    return this.#sent < this.#limit && this.#nowNs < this.#endNs && mayStillSend(control);
  }

  async #paced(pass: Pass, startNs: number, pace: TargetRate): Promise<void> {
    const { job, plan, clock, control, link } = this.#context;
    const schedule = makeSendTimes({ pace, client: job.index, clients: job.of, seed: plan.seed });
    let due = schedule();
    while (this.#sent < this.#limit && due < pass.durationNs && mayStillSend(control)) {
      this.#nowNs = clock();
      // Calls that were due during a stall are sent late and counted as late, not skipped.
      if (this.#nowNs > this.#endNs + GRACE_NS) return;
      if (startNs + due > this.#nowNs) await pauseTowards(startNs + due, this.#context);
      else if (this.#window.hasRoom) {
        this.#send(startNs + due);
        due = schedule();
        if (startNs + due > this.#nowNs || this.#window.outstanding === plan.window) link.push();
      } else await this.#untilRoom();
    }
    link.push();
  }

  #send(intendedNs: number): void {
    const { cells } = this.#context;
    const number = this.#window.take(intendedNs, this.#nowNs);
    addTo(cells, CELL.bytes, this.#calls.send(number));
    cells[CELL.sent] = ++this.#sent;
  }

  readonly #answered = (
    number: number,
    failure: NatsxError | undefined,
    bytesRead: number,
  ): void => {
    const { cells, clock, latencies, link } = this.#context;
    if (!this.#pushing) {
      this.#pushing = true;
      this.#nowNs = clock();
      if (this.#fullSinceNs > 0) addTo(cells, CELL.windowWaitNs, this.#nowNs - this.#fullSinceNs);
      this.#fullSinceNs = 0;
      const refill = (): void => {
        this.#pushing = false;
        if (this.#active) {
          this.#fill();
          link.push();
        }
        if (!this.#active || this.#window.outstanding === 0) this.#wake?.();
      };
      // On a closed connection, calls fail at once: in microtasks alone, the end of the connection would never be noticed.
      if (failure === undefined) queueMicrotask(refill);
      else setImmediate(refill);
    }
    const call = this.#window.answer(number);
    if (call === undefined) return;
    if (failure !== undefined) {
      addTo(cells, CELL.errors, 1);
      this.#onFailure(failure);
      return;
    }
    // A failed call has no latency.
    cells[CELL.lastNs] = this.#nowNs;
    addTo(cells, CELL.received, 1);
    addTo(cells, CELL.bytes, bytesRead);
    recordLatency(latencies.response, this.#nowNs - call.intendedNs);
    this.#context.faultClock?.note(call.intendedNs, this.#nowNs);
    if (this.#isPaced) recordLatency(latencies.service, this.#nowNs - call.sentNs);
  };

  /** Waits for the next answer, or until unanswered calls are due for a check. */
  async #untilRoom(): Promise<void> {
    const { clock, cells } = this.#context;
    this.#fullSinceNs = clock();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, SWEEP_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
    this.#nowNs = clock();
    this.#sweep(cells);
  }

  /** Resolves when the goal is reached and everything is answered, or when the run is stopped. */
  async #lastAnswers(): Promise<void> {
    const { control } = this.#context;
    while (!isStopped(control)) {
      this.#nowNs = this.#context.clock();
      if (this.#window.outstanding === 0 && (!this.#active || !this.#maySend())) return;
      await this.#untilRoom();
      if (this.#active && this.#window.hasRoom) {
        this.#fill();
        this.#context.link.push();
      }
    }
  }

  /** Gives up calls that were not answered in time. */
  #sweep(cells: Float64Array): void {
    const { plan } = this.#context;
    const oldestNs = this.#nowNs - plan.idleMs * NS_PER_MS;
    addTo(cells, CELL.errors, this.#window.giveUp(oldestNs));
  }
}

/** A request may have several answers, and so has a call that was sent again after a fault. */
function numberingOf({ plan }: RoleContext, kind: CallKind): Numbering {
  return kind === 'request' || plan.faults !== undefined ? 'fresh' : 'stable';
}
