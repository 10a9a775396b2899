import { beginningOf, countBefore, rhythmsOf } from '../model/fault-schedule.js';
import { isTimed } from '../model/fault-plan.js';
import type { FaultPlan } from '../model/fault-plan.js';
import { FaultProxy, type ProxiedServer } from './fault-proxy.js';
import { LinkState } from './link-state.js';

/** What the proxies of a run do; in this thread or in another one. */
export interface Proxies {
  /** The loopback port of each server's proxy, in the order of the servers. */
  readonly ports: readonly number[];
  /** Begins with what lasts as long as the run, shortly before the load. */
  readonly arm: () => void;
  /** Begins to inject faults. No fault begins later than `untilMs` after this. */
  readonly start: (untilMs: number) => void;
  /** Lets slow readers read as fast as they can. */
  readonly wake: () => void;
  readonly close: () => Promise<void>;
}

export interface ProxySetOptions {
  readonly servers: readonly ProxiedServer[];
  readonly plan: FaultPlan;
  /** A connection was reset because its bytes were used up. */
  readonly onReset: () => void;
}

/** The proxies of all servers, and the clock of their faults, in this thread. */
export class ProxySet implements Proxies {
  readonly #proxies: readonly FaultProxy[];
  readonly #plan: FaultPlan;
  readonly #link: LinkState;
  readonly #timers = new Set<NodeJS.Timeout>();

  private constructor(proxies: readonly FaultProxy[], plan: FaultPlan, link: LinkState) {
    this.#proxies = proxies;
    this.#plan = plan;
    this.#link = link;
  }

  static async open({ servers, plan, onReset }: ProxySetOptions): Promise<ProxySet> {
    const link = new LinkState(plan);
    const opened: FaultProxy[] = [];
    try {
      for (const server of servers) opened.push(await FaultProxy.open(server, link, onReset));
    } catch (error) {
      await Promise.all(opened.map((proxy) => proxy.close()));
      throw error;
    }
    return new ProxySet(opened, plan, link);
  }

  get ports(): readonly number[] {
    return this.#proxies.map(({ port }) => port);
  }

  /** Open connections of all proxies. */
  get connections(): number {
    return this.#proxies.reduce((sum, proxy) => sum + proxy.connections, 0);
  }

  start(untilMs: number): void {
    const startedMs = performance.now();
    this.#link.active = true;
    for (const [index, rhythm] of rhythmsOf(this.#plan).entries()) {
      const fault = this.#plan.faults[index];
      if (fault === undefined || !isTimed(fault) || rhythm === undefined) continue;
      const count = countBefore(rhythm, untilMs);
      const next = (number: number): void => {
        if (number >= count) return;
        this.#at(startedMs + beginningOf(rhythm, number), () => {
          this.#change(fault.kind, 1);
          this.#at(startedMs + beginningOf(rhythm, number) + fault.durationMs, () => {
            this.#change(fault.kind, -1);
            next(number + 1);
          });
        });
      };
      next(0);
    }
  }

  arm(): void {
    this.#link.active = true;
  }

  wake(): void {
    this.#link.isAwake = true;
    for (const proxy of this.#proxies) proxy.update();
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
  }

  #at(timeMs: number, act: () => void): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        act();
      },
      Math.max(0, timeMs - performance.now()),
    );
    this.#timers.add(timer);
  }

  #change(kind: 'cut' | 'blackhole', by: 1 | -1): void {
    this.#link.change(kind, by);
    for (const proxy of this.#proxies) proxy.update();
  }
}
