import type { BenchPlan } from '../model/plan.js';
import { receivesOnly, sendsItself } from '../model/plan.js';
import type { Role } from '../model/scenario.js';
import type { SeriesPoint } from '../model/report.js';
import { CELL } from './meters.js';
import type { MeterBoard } from './meters.js';
import type { LaneTask, Pass } from './role.js';

/** Why a pass is over. */
export type PassEnd = 'complete' | 'idle' | 'stopped';

/** Sums over the lanes of the sending and the receiving side. */
export interface LaneSums {
  readonly sent: number;
  readonly received: number;
  readonly errors: number;
  readonly sendersDone: boolean;
}

const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;
const SENDERS: ReadonlySet<Role> = new Set(['publisher', 'requester', 'js-publisher', 'js-getter']);
const RECEIVERS: ReadonlySet<Role> = new Set([
  'subscriber',
  'js-consumer',
  'requester',
  'js-publisher',
  'js-getter',
]);

/** Watches the counters of one pass and says when it is over. It reads; the lanes write. */
export class Referee {
  readonly #plan: BenchPlan;
  readonly #pass: Pass;
  readonly #lanes: readonly { readonly role: Role; readonly cells: Float64Array }[];
  readonly #startNs: number;
  #lastProgress = -1;
  #lastProgressNs: number;
  readonly #series: SeriesPoint[] = [];
  #seriesSent = 0;
  #seriesReceived = 0;

  constructor(request: {
    readonly plan: BenchPlan;
    readonly pass: Pass;
    readonly tasks: readonly LaneTask[];
    readonly board: MeterBoard;
    readonly startNs: number;
  }) {
    this.#plan = request.plan;
    this.#pass = request.pass;
    this.#lanes = request.tasks.map(({ role, slot }) => ({
      role,
      cells: request.board.lane(slot),
    }));
    this.#startNs = request.startNs;
    this.#lastProgressNs = request.startNs;
  }

  tally(): LaneSums {
    let [sent, received, errors] = [0, 0, 0];
    let sendersDone = true;
    const alone = this.#plan.scenario === 'reply';
    for (const { role, cells } of this.#lanes) {
      errors += cells[CELL.errors] ?? 0;
      if (RECEIVERS.has(role) || alone) received += cells[CELL.received] ?? 0;
      if (!SENDERS.has(role)) continue;
      sent += cells[CELL.sent] ?? 0;
      if (cells[CELL.done] !== 1) sendersDone = false;
    }
    return { sent, received, errors, sendersDone };
  }

  /** What must arrive before the pass is complete; Infinity when nobody knows. */
  expected(sent: number): number {
    switch (this.#plan.scenario) {
      case 'pubsub':
        return sent * this.#plan.subscribers;
      case 'queue':
        return sent;
      case 'sub':
        if (sendsItself(this.#plan)) return sent * this.#plan.subscribers;
        return this.#pass.messages * this.#plan.subscribers;
      case 'js-consume':
      case 'reply':
        return this.#pass.messages;
      case 'pub':
      case 'request':
      case 'js-pub':
      case 'js-get':
        return 0;
    }
  }

  /** Looks at the counters; call it every few milliseconds. */
  look(nowNs: number): PassEnd | undefined {
    const tally = this.tally();
    const progress = tally.sent + tally.received + tally.errors;
    if (progress !== this.#lastProgress) {
      this.#lastProgress = progress;
      this.#lastProgressNs = nowNs;
    }
    this.#extendSeries(nowNs, tally);
    if (this.#isComplete(tally, nowNs)) return 'complete';
    return nowNs - this.#lastProgressNs > this.#patienceNs(tally) ? 'idle' : undefined;
  }

  elapsedNs(nowNs: number): number {
    return Math.max(0, nowNs - this.#startNs);
  }

  /** How much of the goal is reached, from 0 to 1; `undefined` when nobody knows the end. */
  share(nowNs: number): number | undefined {
    const { messages, durationNs } = this.#pass;
    if (Number.isFinite(durationNs)) return Math.min(1, this.elapsedNs(nowNs) / durationNs);
    if (!Number.isFinite(messages)) return undefined;
    const { sent, received } = this.tally();
    const expected = this.expected(messages);
    return Math.min(1, expected > 0 ? received / expected : sent / messages);
  }

  /** The whole seconds of the pass so far; a part of one at the end would look like a slow one. */
  get series(): readonly SeriesPoint[] {
    return this.#series;
  }

  #isComplete(tally: LaneSums, nowNs: number): boolean {
    if (sendsItself(this.#plan)) {
      return tally.sendersDone && tally.received >= this.expected(tally.sent);
    }
    const runsFor = nowNs - (this.#firstNs() ?? nowNs);
    return tally.received >= this.expected(0) || runsFor >= this.#pass.durationNs;
  }

  /** When the first message came; where others send, their start is the start. */
  #firstNs(): number | undefined {
    const firsts = this.#lanes
      .map(({ cells }) => cells[CELL.firstNs] ?? 0)
      .filter((first) => first > 0);
    return firsts.length === 0 ? undefined : Math.min(...firsts);
  }

  #patienceNs(tally: LaneSums): number {
    const plan = this.#plan;
    if (plan.scenario === 'reply' && plan.goal.kind === 'open') return Infinity;
    if (receivesOnly(plan) && tally.received === 0) return plan.firstMs * NS_PER_MS;
    const gapNs = plan.pace === undefined ? 0 : (3 * NS_PER_S) / plan.pace.ratePerS;
    return plan.idleMs * NS_PER_MS + gapNs;
  }

  #extendSeries(nowNs: number, tally: LaneSums): void {
    const second = this.#series.length;
    if (nowNs - this.#startNs < (second + 1) * NS_PER_S) return;
    const sent = tally.sent - this.#seriesSent;
    const received = tally.received - this.#seriesReceived;
    this.#series.push({ second, sent, received });
    this.#seriesSent = tally.sent;
    this.#seriesReceived = tally.received;
  }
}
