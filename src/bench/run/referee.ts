import type { BenchPlan } from '../model/plan.js';
import { faultDelayMs, measuresResponders, receivesOnly, sendsItself } from '../model/plan.js';
import { ROLES, SCENARIOS } from '../model/scenario.js';
import type { SeriesPoint } from '../model/report.js';
import type { RoleSums } from './load-agent.js';
import type { Pass } from './role.js';

/** Why a pass is over. */
export type PassEnd = 'complete' | 'idle' | 'stopped';

/** Sums over the clients of the sending and the receiving side. */
export interface ClientSums {
  readonly sent: number;
  readonly received: number;
  readonly errors: number;
  readonly sendersDone: boolean;
}

const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;
/** Silence after which messages count as lost under faults, when everything was sent. */
const AFTER_FAULTS_MS = 2_000;

/** Reads the counters of one pass and decides when it is over. */
export class Referee {
  readonly #plan: BenchPlan;
  readonly #pass: Pass;
  readonly #sums: () => readonly RoleSums[];
  readonly #startNs: number;
  #lastProgress = -1;
  #lastProgressNs: number;
  readonly #series: SeriesPoint[] = [];
  #seriesSent = 0;
  #seriesReceived = 0;

  constructor(request: {
    readonly plan: BenchPlan;
    readonly pass: Pass;
    /** The latest counts of all agents. */
    readonly sums: () => readonly RoleSums[];
    readonly startNs: number;
  }) {
    this.#plan = request.plan;
    this.#pass = request.pass;
    this.#sums = request.sums;
    this.#startNs = request.startNs;
    this.#lastProgressNs = request.startNs;
  }

  tally(): ClientSums {
    let [sent, received, errors] = [0, 0, 0];
    let sendersDone = true;
    const { measured } = SCENARIOS[this.#plan.scenario];
    for (const sums of this.#sums()) {
      errors += sums.errors;
      if (sums.role === measured) received += sums.received;
      if (!ROLES[sums.role].sends) continue;
      sent += sums.sent;
      if (sums.done < sums.clients) sendersDone = false;
    }
    return { sent, received, errors, sendersDone };
  }

  /** What has to arrive before the pass is complete; Infinity if unknown. */
  expected(sent: number): number {
    const due = sendsItself(this.#plan) ? sent : this.#pass.messages;
    switch (SCENARIOS[this.#plan.scenario].delivery) {
      case 'all':
        return due * this.#plan.subscribers;
      case 'one':
        return due;
      case 'none':
      case 'answer':
        return 0;
    }
  }

  /** Reads the counters; call it every few milliseconds. */
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

  /** How much of the goal is reached, from 0 to 1; `undefined` if the end is unknown. */
  share(nowNs: number): number | undefined {
    const { messages, durationNs } = this.#pass;
    if (Number.isFinite(durationNs)) return Math.min(1, this.elapsedNs(nowNs) / durationNs);
    if (!Number.isFinite(messages)) return undefined;
    const { sent, received } = this.tally();
    const expected = this.expected(messages);
    return Math.min(1, expected > 0 ? received / expected : sent / messages);
  }

  /** The whole seconds of the pass so far; an incomplete last one would look slow. */
  get series(): readonly SeriesPoint[] {
    return this.#series;
  }

  #isComplete(tally: ClientSums, nowNs: number): boolean {
    if (sendsItself(this.#plan)) {
      return tally.sendersDone && tally.received >= this.expected(tally.sent);
    }
    const runsFor = nowNs - (this.#firstNs() ?? nowNs);
    return tally.received >= this.expected(0) || runsFor >= this.#pass.durationNs;
  }

  /** When the first message arrived: if other clients send, the pass starts with it. */
  #firstNs(): number | undefined {
    const firsts = this.#sums()
      .map(({ firstNs }) => firstNs)
      .filter((first) => first > 0);
    return firsts.length === 0 ? undefined : Math.min(...firsts);
  }

  #patienceNs(tally: ClientSums): number {
    const plan = this.#plan;
    if (measuresResponders(plan) && plan.goal.kind === 'open') return Infinity;
    if (receivesOnly(plan) && tally.received === 0) return plan.firstMs * NS_PER_MS;
    // What faults have cost never arrives.
    if (plan.faults !== undefined && sendsItself(plan) && tally.sendersDone) {
      return (AFTER_FAULTS_MS + faultDelayMs(plan)) * NS_PER_MS;
    }
    const { pace } = this.#pass;
    const gapNs = pace === undefined ? 0 : (3 * NS_PER_S) / pace.ratePerS;
    return plan.idleMs * NS_PER_MS + gapNs;
  }

  #extendSeries(nowNs: number, tally: ClientSums): void {
    const second = this.#series.length;
    if (nowNs - this.#startNs < (second + 1) * NS_PER_S) return;
    const sent = tally.sent - this.#seriesSent;
    const received = tally.received - this.#seriesReceived;
    this.#series.push({ second, sent, received });
    this.#seriesSent = tally.sent;
    this.#seriesReceived = tally.received;
  }
}
