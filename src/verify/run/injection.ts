import { latencyTotals, percentileNs } from '../../core/statistics/latency-histogram.js';
import { AffectedLatency } from '../../faults/model/affected-latency.js';
import { injectedReport, shareLosses } from '../../faults/model/fault-costs.js';
import type { FaultPlan } from '../../faults/model/fault-plan.js';
import type { InjectedReport, InjectionRecord } from '../../faults/model/injected.js';
import { FaultInjection } from '../../faults/run/fault-injection.js';
import { lostMessages } from '../model/judge.js';
import type { SenderAccount } from '../model/sender-account.js';
import type { Session } from '../../wire/session.js';
import type { Connections } from './connections.js';
import type { VerifyPlan } from './plan.js';
import type { ReceivedMessages } from './received-messages.js';

/** How long before a fault a message was sent that it still caught under way, in milliseconds: at least, at most. */
const SHORTEST_REACH_MS = 250;
const LONGEST_REACH_MS = 2_000;

/** Faults that are injected into a run, and what they cost it. */
export class RunInjection {
  readonly #injection: FaultInjection;
  #affected: AffectedLatency | undefined;
  #record: InjectionRecord | undefined;

  private constructor(injection: FaultInjection) {
    this.#injection = injection;
  }

  /** Opens the proxies; later connections go through them. The one of `session` stays as it is. */
  static async open(
    connections: Connections,
    dial: Parameters<typeof FaultInjection.open>[0],
    session: Session,
    plan: FaultPlan,
  ): Promise<RunInjection> {
    const injection = await FaultInjection.open(dial, session.info?.connect_urls ?? [], plan);
    connections.dialBy(injection.dial);
    return new RunInjection(injection);
  }

  get outageMs(): number {
    return this.#injection.outageMs;
  }

  /** How much later than usual messages arrive, in milliseconds. */
  get delayMs(): number {
    const delays = this.#injection.plan.faults.map((fault) =>
      fault.kind === 'delay' ? 2 * (fault.delayMs + fault.jitterMs) : 0,
    );
    return Math.max(0, ...delays);
  }

  /** Whether a fault lasts that lets nothing through. */
  get isBlocking(): boolean {
    return this.#injection.isBlocking(performance.now());
  }

  /** Begins to inject, together with the load. */
  start(
    plan: VerifyPlan,
    received: ReceivedMessages,
    flow: { readonly isConnected: () => boolean; readonly isComplete: () => boolean },
  ): void {
    const untilMs = sendingMs(plan);
    const affected = new AffectedLatency(this.#injection.plan, untilMs);
    this.#affected = affected;
    this.#injection.start(untilMs, {
      progress: () => received.tallies.map((tally) => tally.arrivals),
      ...flow,
    });
    const epochMs = this.#epochMs;
    received.log.onArrival = (sentAtMs, nowMs) =>
      affected.note(sentAtMs - epochMs, nowMs - epochMs);
  }

  /** Ends observing. */
  async conclude(): Promise<void> {
    this.#record = await this.#injection.conclude();
  }

  /** What was injected; undefined before the load began. */
  report(
    accounts: readonly SenderAccount[],
    received: ReceivedMessages,
  ): InjectedReport | undefined {
    const record = this.#record;
    if (record === undefined) return undefined;
    const { latency } = received.log;
    const whole = latencyTotals(latency).count === 0 ? undefined : percentileNs(latency, 99);
    const reachMs = Math.min(LONGEST_REACH_MS, Math.max(SHORTEST_REACH_MS, (whole ?? 0) / 1e6));
    const epochMs = this.#epochMs;
    const lost = Array.from(
      lostMessages(accounts, received.tallies),
      ({ from, to, account: { times } }) => ({
        from,
        to,
        sentMs: (number: number) => (times.at(number) ?? epochMs) - epochMs,
      }),
    );
    return injectedReport({
      plan: this.#injection.plan,
      record,
      losses: shareLosses(lost, record.incidents, reachMs),
      p99Ns: this.#affected?.p99Ns(whole) ?? [],
    });
  }

  close(): Promise<void> {
    return this.#injection.close();
  }

  /** When the load began, in milliseconds since the epoch. */
  get #epochMs(): number {
    return performance.timeOrigin + this.#injection.startedMs;
  }
}

/** How long sending takes if nothing delays it; Infinity if that is unknown. */
function sendingMs({ messages, publishers, ratePerSecond, durationMs }: VerifyPlan): number {
  const last = (messages ?? Infinity) - publishers;
  const byRate = ratePerSecond === undefined ? Infinity : (last * 1000) / ratePerSecond;
  return Math.min(byRate, durationMs ?? Infinity);
}
