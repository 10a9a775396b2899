import type { DialOptions } from '../../connection/model/dial.js';
import { LONGEST_TIMER_MS } from '../../core/values/duration.js';
import { longestOutageMs } from '../model/fault-plan.js';
import type { FaultPlan } from '../model/fault-plan.js';
import { beginningOf, countBefore, rhythmsOf } from '../model/fault-schedule.js';
import type { InjectionRecord } from '../model/injected.js';
import { parseServerAddress } from '../../wire/server-address.js';
import { OperatorCommand } from './operator-command.js';
import { openProxies } from './proxy-thread.js';
import type { Proxies } from './proxy-set.js';
import { RecoveryWatch, type FlowView } from './recovery-watch.js';

/** Back-off would be measured as if it were the system's time to recover. */
const LONGEST_PAUSE_MS = 100;
/** How long after the load a slow reader stays slow. */
const AWAKE_AFTER_MS = 5_000;

/** Faults between the clients of a run and its servers. */
export class FaultInjection {
  /** How clients connect while faults are injected: by way of the proxies. */
  readonly dial: DialOptions;
  readonly plan: FaultPlan;
  readonly #proxies: Proxies | undefined;
  readonly #onReset: { act: () => void };
  #command: OperatorCommand | undefined;
  #watch: RecoveryWatch | undefined;
  #resets = 0;
  #isOver = false;
  #waking: NodeJS.Timeout | undefined;
  #untilMs = 0;
  #startedMs = 0;

  private constructor(options: {
    readonly dial: DialOptions;
    readonly plan: FaultPlan;
    readonly proxies: Proxies | undefined;
    readonly onReset: { act: () => void };
  }) {
    this.dial = options.dial;
    this.plan = options.plan;
    this.#proxies = options.proxies;
    this.#onReset = options.onReset;
    this.#onReset.act = () => this.#noteReset();
  }

  /**
   * Opens a proxy for each server; nothing is injected before {@link start}.
   *
   * @param advertised `connect_urls` of a server: members of the cluster that clients may turn to
   * @throws {NatsxError} usage — an address cannot be read; internal — the system gives no port
   */
  static async open(
    dial: DialOptions,
    advertised: readonly string[],
    plan: FaultPlan,
  ): Promise<FaultInjection> {
    const onReset = { act: (): void => undefined };
    const base = { ...dial, longestPauseMs: LONGEST_PAUSE_MS };
    // A command alone needs no proxy.
    if (plan.faults.length === 0) {
      return new FaultInjection({ dial: base, plan, proxies: undefined, onReset });
    }
    const addresses = [...dial.servers, ...advertised].map((url) => parseServerAddress(url));
    const servers = [...new Map(addresses.map((server) => [server.label, server])).values()];
    const proxies = await openProxies({
      servers: servers.map(({ host, port }) => ({ host, port })),
      plan,
      onReset: () => onReset.act(),
    });
    const detours = servers.map(({ label }, at) => ({
      server: label,
      port: proxies.ports[at] ?? 0,
    }));
    return new FaultInjection({ dial: { ...base, detours }, plan, proxies, onReset });
  }

  /** How much longer than usual silence may last, in milliseconds. */
  get outageMs(): number {
    return longestOutageMs(this.plan);
  }

  /** When injection began, on the clock of `performance.now()`. */
  get startedMs(): number {
    return this.#startedMs;
  }

  /** Begins with what lasts as long as the run: the first messages are not to get past it. */
  arm(): void {
    this.#proxies?.arm();
  }

  /** Begins, together with the load. No fault begins later than `untilMs` after this. */
  start(untilMs: number, flow: FlowView): void {
    const { plan } = this;
    this.#untilMs = untilMs;
    this.#startedMs = performance.now();
    this.#watch = new RecoveryWatch(flow, this.#startedMs);
    this.#expect(untilMs);
    this.#proxies?.start(untilMs);
    this.#wakeAfter(untilMs);
    if (plan.command === undefined) return;
    this.#command = new OperatorCommand(plan.command, (atMs) => {
      const beganMs = this.#startedMs + atMs;
      this.#watch?.begin(plan.faults.length, beganMs, beganMs);
    });
    this.#command.start(untilMs);
  }

  /** Whether a fault lasts that lets nothing through. */
  isBlocking(nowMs: number): boolean {
    const sinceMs = nowMs - this.#startedMs;
    return rhythmsOf(this.plan).some((rhythm) => {
      if (rhythm === undefined || this.#startedMs === 0) return false;
      const begun = countBefore(rhythm, Math.min(this.#untilMs, sinceMs));
      return begun > 0 && sinceMs < beginningOf(rhythm, begun - 1) + rhythm.durationMs;
    });
  }

  /** What was observed so far; observing ends. */
  async conclude(): Promise<InjectionRecord> {
    this.#isOver = true;
    await this.#command?.stop();
    const endedMs = performance.now() - this.#startedMs;
    return {
      incidents: this.#watch?.stop() ?? [],
      commands: this.#command?.runs ?? [],
      resets: this.#resets,
      untilMs: Math.min(this.#untilMs, endedMs),
    };
  }

  /** Ends the proxies with all their connections. */
  async close(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#waking);
    await this.#command?.stop();
    this.#watch?.stop();
    await this.#proxies?.close();
  }

  /** Timed faults are announced to the watch one by one, so that a long run keeps no list of them. */
  #expect(untilMs: number): void {
    for (const [index, rhythm] of rhythmsOf(this.plan).entries()) {
      if (rhythm === undefined) continue;
      const count = countBefore(rhythm, untilMs);
      const { durationMs } = rhythm;
      const announce = (number: number): void => {
        if (number >= count || this.#isOver) return;
        const beganMs = this.#startedMs + beginningOf(rhythm, number);
        const timer = setTimeout(
          () => {
            if (!this.#isOver) this.#watch?.begin(index, beganMs, beganMs + durationMs);
            announce(number + 1);
          },
          Math.max(0, beganMs - performance.now()),
        );
        timer.unref();
      };
      announce(0);
    }
  }

  /** What a slow reader has left should arrive some time after the load. */
  #wakeAfter(untilMs: number): void {
    if (untilMs + AWAKE_AFTER_MS > LONGEST_TIMER_MS) return;
    this.#waking = setTimeout(() => this.#proxies?.wake(), untilMs + AWAKE_AFTER_MS);
    this.#waking.unref();
  }

  #noteReset(): void {
    this.#resets += 1;
    const index = this.plan.faults.findIndex((fault) => fault.kind === 'reset');
    const nowMs = performance.now();
    this.#watch?.begin(index, nowMs, nowMs);
  }
}
