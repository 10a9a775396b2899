import { sharesMessages } from '../../model/plan.js';
import { makeSendTimes } from '../../../core/values/pace.js';
import type { SendTimes, TargetRate } from '../../../core/values/pace.js';
import { checkedStampOf } from '../../model/plan-stamp.js';
import { makeBlocks, stampFrames, stampOrigin } from '../frame-block.js';
import type { FrameBlock } from '../frame-block.js';
import { addTo, CELL } from '../meters.js';
import { GRACE_NS, isStopped, mayStillSend, nextTurn, pauseTowards, waitUntil } from '../pause.js';
import type { RoleContext, Role, Pass } from '../role.js';
import type { StampKind } from '../../model/stamp.js';
import { sequenceMix } from '../../model/sequence-check.js';
import { fairSplit } from '../../../core/statistics/statistics.js';

/** A socket that never blocks would keep the event loop from doing anything else. */
const WRITES_FOR_EACH_TURN = 32;

/** Publishes encoded frames: as fast as the socket accepts them, or on a schedule. */
export class PublisherRole implements Role {
  readonly #context: RoleContext;
  readonly #blocks: readonly FrameBlock[];
  readonly #stamp: StampKind;
  #blockIndex = 0;
  #current: FrameBlock;
  #frame = 0;
  #sent = 0;
  #limit = 0;

  constructor(context: RoleContext) {
    const { plan, job } = context;
    this.#context = context;
    this.#stamp = checkedStampOf(plan);
    const stamped = this.#stamp !== 'none';
    const [first, ...rest] = makeBlocks({ plan, publisher: job.index, stamped });
    this.#current = first;
    this.#blocks = [first, ...rest];
  }

  readonly ready = (pass: Pass): Promise<void> => {
    const { index, of } = this.#context.job;
    if (this.#stamp !== 'none') stampOrigin(this.#blocks, index, pass.number);
    this.#sent = 0;
    this.#limit = Number.isFinite(pass.messages)
      ? (fairSplit(pass.messages, of)[index] ?? 0)
      : Infinity;
    return Promise.resolve();
  };

  readonly run = async (pass: Pass, startNs: number): Promise<void> => {
    const { plan, cells, link, clock } = this.#context;
    const { pace } = pass;
    await waitUntil(startNs, this.#context);
    cells[CELL.firstNs] = startNs;
    if (pace === undefined) await this.#unpaced(startNs + pass.durationNs);
    else await this.#paced(pass, startNs, pace);
    await link.flush(plan.idleMs);
    cells[CELL.lastNs] = clock();
    cells[CELL.checksum] = this.#checksum();
    cells[CELL.done] = 1;
  };

  async #unpaced(endNs: number): Promise<void> {
    const { clock, control } = this.#context;
    let writes = 0;
    while (this.#sent < this.#limit && mayStillSend(control)) {
      const nowNs = clock();
      if (nowNs >= endNs) return;
      const block = this.#block();
      const count = Math.min(block.frames - this.#frame, this.#limit - this.#sent);
      if (this.#stamp !== 'none') this.#stampAll(block, count, nowNs);
      if (!this.#send(block, count)) await this.#waitForSocket();
      else if (++writes % WRITES_FOR_EACH_TURN === 0) await nextTurn();
    }
  }

  async #paced(pass: Pass, startNs: number, pace: TargetRate): Promise<void> {
    const { job, plan, clock, control } = this.#context;
    const schedule = makeSendTimes({ pace, client: job.index, clients: job.of, seed: plan.seed });
    let due = schedule();
    while (this.#sent < this.#limit && due < pass.durationNs && mayStillSend(control)) {
      const elapsedNs = clock() - startNs;
      // Later messages are not sent: the report shows the rate that was reached.
      if (elapsedNs > pass.durationNs + GRACE_NS) return;
      if (due > elapsedNs) {
        await pauseTowards(startNs + due, this.#context);
        continue;
      }
      const block = this.#block();
      const gathered = this.#gather(block, {
        due,
        schedule,
        startNs,
        elapsedNs,
        endNs: pass.durationNs,
      });
      due = gathered.due;
      if (!this.#send(block, gathered.count)) await this.#waitForSocket();
    }
  }

  /** Stamps each frame that is due with its intended send time. */
  #gather(block: FrameBlock, ask: GatherRequest): { readonly count: number; readonly due: number } {
    const most = Math.min(block.frames - this.#frame, this.#limit - this.#sent);
    let { due } = ask;
    let count = 0;
    while (count < most && due <= ask.elapsedNs && due < ask.endNs) {
      const from = this.#frame + count;
      const range = { from, to: from + 1, sequence: this.#sent + count };
      if (this.#stamp !== 'none') stampFrames(block, range, this.#stamp, ask.startNs + due);
      count++;
      due = ask.schedule();
    }
    return { count, due };
  }

  #block(): FrameBlock {
    if (this.#frame >= this.#current.frames) {
      this.#blockIndex = (this.#blockIndex + 1) % this.#blocks.length;
      this.#frame = 0;
      this.#current = this.#blocks[this.#blockIndex] ?? this.#current;
    }
    return this.#current;
  }

  #stampAll(block: FrameBlock, count: number, nowNs: number): void {
    const range = { from: this.#frame, to: this.#frame + count, sequence: this.#sent };
    stampFrames(block, range, this.#stamp, nowNs);
  }

  #send(block: FrameBlock, count: number): boolean {
    const { link, cells, clock } = this.#context;
    const from = this.#frame;
    const to = from + count;
    this.#frame = to;
    this.#sent += count;
    const mayContinue = link.sendFrames(block, from, to);
    cells[CELL.sent] = this.#sent;
    // Preliminary, until the server confirms everything: used if it never does.
    cells[CELL.lastNs] = clock();
    addTo(cells, CELL.bytes, (block.bodyBytesBefore[to] ?? 0) - (block.bodyBytesBefore[from] ?? 0));
    return mayContinue;
  }

  async #waitForSocket(): Promise<void> {
    const { clock, cells, link, control } = this.#context;
    const beforeNs = clock();
    try {
      await link.writable();
    } finally {
      // If the socket accepts nothing more until the run is stopped, that time does not count.
      if (!isStopped(control)) cells[CELL.lastNs] = clock();
    }
    // After a lost connection, only a turn of the event loop delivers the error.
    await nextTurn();
    addTo(cells, CELL.socketWaitNs, clock() - beforeNs);
  }

  #checksum(): number {
    const { job } = this.#context;
    let sum = 0;
    if (this.#stamp === 'none' || !sharesMessages(this.#context.plan)) return 0;
    for (let sequence = 0; sequence < this.#sent; sequence++)
      sum += sequenceMix(job.index, sequence);
    return sum;
  }
}

interface GatherRequest {
  readonly due: number;
  readonly schedule: SendTimes;
  readonly startNs: number;
  readonly elapsedNs: number;
  readonly endNs: number;
}
