import { recordLatency } from '../../../core/statistics/latency-histogram.js';
import { fairSplit } from '../../../core/statistics/statistics.js';
import { makeSendTimes } from '../../../core/values/pace.js';
import type { TargetRate } from '../../../core/values/pace.js';
import type { Batches, BatchOutcome } from '../link.js';
import { addTo, CELL } from '../meters.js';
import { GRACE_NS, isStopped, mayStillSend, pauseTowards, waitUntil } from '../pause.js';
import type { RoleContext, Role, Pass } from '../role.js';

const SWEEP_MS = 200;
/** After this time without an answer, the stream is asked for one. */
const REMIND_NS = 1e9;
/** At a low rate, a batch is committed before it is full: a stream gives one up after ten seconds. */
const OLDEST_OPEN_NS = 1e9;

/** Publishes to a stream in batches; each message is timed from its sending to the answer that covers it. */
export class BatchPublisherRole implements Role {
  readonly #context: RoleContext;
  readonly #batches: Batches;
  readonly #times = new SendTimesQueue();
  #limit = 0;
  #endNs = 0;
  #sent = 0;
  #settled = 0;
  #nowNs = 0;
  #answeredNs = 0;
  #openedNs = 0;
  #fullSinceNs = 0;
  #active = false;
  #refilling = false;
  #wake: (() => void) | undefined;

  constructor(context: RoleContext) {
    this.#context = context;
    this.#batches = context.link.openBatches(this.#onSettled);
  }

  readonly ready = async ({ messages }: Pass): Promise<void> => {
    const { job, plan, link } = this.#context;
    this.#limit = Number.isFinite(messages)
      ? (fairSplit(messages, job.of)[job.index] ?? 0)
      : Infinity;
    this.#sent = 0;
    this.#settled = 0;
    this.#times.clear();
    this.#batches.reset();
    await link.flush(plan.idleMs);
  };

  readonly run = async (pass: Pass, startNs: number): Promise<void> => {
    const { plan, cells, clock } = this.#context;
    await waitUntil(startNs, this.#context);
    cells[CELL.firstNs] = startNs;
    this.#endNs = startNs + pass.durationNs;
    this.#answeredNs = this.#nowNs = clock();
    this.#fullSinceNs = 0;
    this.#active = plan.pace === undefined;
    if (plan.pace === undefined) await this.#unpaced();
    else await this.#paced(pass, startNs, plan.pace);
    this.#active = false;
    this.#finish();
    await this.#lastAnswers();
    cells[CELL.done] = 1;
  };

  async #unpaced(): Promise<void> {
    this.#fill();
    while (this.#maySend()) await this.#untilAnswered();
  }

  /** Without a rate, every answer makes room for the next messages. */
  #fill(): void {
    while (this.#batches.room > 0 && this.#maySend()) this.#send(this.#nowNs);
    if (this.#batches.room <= 0) this.#fullSinceNs = this.#nowNs;
    this.#context.link.push();
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
      if (this.#nowNs > this.#endNs + GRACE_NS) return;
      if (startNs + due > this.#nowNs) {
        link.push();
        await pauseTowards(startNs + due, this.#context);
      } else if (this.#batches.room > 0) {
        this.#send(startNs + due);
        due = schedule();
      } else await this.#untilAnswered();
    }
  }

  #send(intendedNs: number): void {
    const { cells } = this.#context;
    if (!this.#batches.isOpen) this.#openedNs = this.#nowNs;
    const isOld = this.#nowNs - this.#openedNs > OLDEST_OPEN_NS;
    this.#times.push(intendedNs, this.#nowNs);
    addTo(cells, CELL.bytes, this.#batches.send(isOld || this.#sent + 1 === this.#limit));
    cells[CELL.sent] = ++this.#sent;
  }

  /** A batch that is not full ends with one more message. */
  #finish(): void {
    const { link, clock } = this.#context;
    this.#nowNs = clock();
    if (this.#batches.isOpen) {
      this.#limit = this.#sent + 1;
      this.#send(this.#nowNs);
    }
    this.#batches.finish();
    link.push();
  }

  readonly #onSettled = ({ stored, lost, failed }: BatchOutcome): void => {
    const { cells, clock, latencies, plan } = this.#context;
    this.#nowNs = clock();
    this.#answeredNs = this.#nowNs;
    if (this.#fullSinceNs > 0) addTo(cells, CELL.windowWaitNs, this.#nowNs - this.#fullSinceNs);
    this.#fullSinceNs = 0;
    const missing = lost + failed;
    for (let left = stored + missing; left > 0; left--) {
      this.#settled += 1;
      const time = this.#times.shift();
      // What was not stored has no latency.
      if (left <= missing) continue;
      recordLatency(latencies.response, this.#nowNs - time.intendedNs);
      if (plan.pace !== undefined) recordLatency(latencies.service, this.#nowNs - time.sentNs);
    }
    addTo(cells, CELL.received, stored);
    addTo(cells, CELL.errors, failed);
    if (stored > 0) cells[CELL.lastNs] = this.#nowNs;
    this.#refill(failed > 0);
  };

  #refill(hasFailed: boolean): void {
    if (this.#refilling) return;
    this.#refilling = true;
    const refill = (): void => {
      this.#refilling = false;
      if (this.#active) this.#fill();
      this.#wake?.();
    };
    // On a closed connection batches fail at once: in microtasks alone, its end would never be noticed.
    if (hasFailed) setImmediate(refill);
    else queueMicrotask(refill);
  }

  /** Waits for the next answer; asks for one that is missing. */
  async #untilAnswered(): Promise<void> {
    const { clock, link } = this.#context;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, SWEEP_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
    this.#nowNs = clock();
    if (this.#settled === this.#sent || this.#nowNs - this.#answeredNs < REMIND_NS) return;
    this.#answeredNs = this.#nowNs;
    this.#batches.remind();
    link.push();
  }

  /** Resolves when everything is answered, or when the run is stopped. */
  async #lastAnswers(): Promise<void> {
    const { control } = this.#context;
    while (!isStopped(control) && this.#settled < this.#sent) await this.#untilAnswered();
  }
}

interface SendTime {
  readonly intendedNs: number;
  readonly sentNs: number;
}

/** When the messages that wait for an answer were sent, the oldest first. */
class SendTimesQueue {
  #intended = new Float64Array(4096);
  #sent = new Float64Array(4096);
  #head = 0;
  #tail = 0;

  push(intendedNs: number, sentNs: number): void {
    const size = this.#intended.length;
    if (this.#tail - this.#head === size) this.#grow();
    const place = this.#tail++ % this.#intended.length;
    this.#intended[place] = intendedNs;
    this.#sent[place] = sentNs;
  }

  shift(): SendTime {
    const place = this.#head++ % this.#intended.length;
    return { intendedNs: this.#intended[place] ?? 0, sentNs: this.#sent[place] ?? 0 };
  }

  clear(): void {
    this.#head = this.#tail = 0;
  }

  #grow(): void {
    const [intended, sent] = [this.#intended, this.#sent];
    const size = intended.length;
    this.#intended = new Float64Array(2 * size);
    this.#sent = new Float64Array(2 * size);
    for (let index = 0; index < size; index++) {
      this.#intended[index] = intended[(this.#head + index) % size] ?? 0;
      this.#sent[index] = sent[(this.#head + index) % size] ?? 0;
    }
    this.#head = 0;
    this.#tail = size;
  }
}
