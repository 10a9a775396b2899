import { randomBytes } from 'node:crypto';
import { NatsxError } from '../../../core/errors.js';
import { hostAndPort } from '../../../connection/model/server-url.js';
import type { Credentials, TlsMaterial } from '../../../connection/model/dial.js';
import { clockSince, epochSeconds } from '../clock.js';
import type { Clock } from '../clock.js';
import type { Pass } from '../role.js';
import { LocalAgent } from '../local-agent.js';
import { fatalTrouble } from '../trouble-log.js';
import type { Trouble } from '../worker-setup.js';
import type { AgentResults } from '../load-agent.js';
import {
  isRecord,
  LEASE_NS,
  readNumber,
  readAgentPass,
  readWork,
  resultsPage,
  rowOf,
} from './agent-protocol.js';
import type { AgentVerb, AgentWork, LoadState, Reservation, WallTime } from './agent-protocol.js';
import { wallTimeAtZero } from './wall-time.js';

/** How an agent connects to a system under test where its operator gave a login; `undefined`: as the run says. */
export interface OwnAccess {
  readonly credentials: Credentials | undefined;
  readonly tls: TlsMaterial | undefined;
}

export interface SeatOptions {
  /** `host:port` of the servers that it may load. */
  readonly allowed: ReadonlySet<string>;
  /** @param server one of the run's servers */
  readonly ownAccess: (server: string) => OwnAccess;
  /** Version of natsx. */
  readonly version: string;
  readonly cores: number;
  readonly onRun: (event: SeatEvent) => void;
}

export type SeatEvent =
  | {
      readonly type: 'started';
      readonly run: string;
      readonly scenario: string;
      readonly clients: number;
      readonly servers: readonly string[];
    }
  | { readonly type: 'ended'; readonly run: string; readonly reason: string | undefined };

interface Lease {
  readonly token: string;
  readonly run: string;
  readonly clock: Clock;
  readonly epochS: number;
  readonly wall: WallTime;
  readonly loads: Map<number, Load>;
  /** On the clock of the lease. */
  untilNs: number;
  isStarted: boolean;
  isEnding: boolean;
}

interface Load {
  readonly agent: LocalAgent;
  readonly troubles: Trouble[];
  /** The pass that runs, or ran last. */
  pass: number;
  hasEnded: boolean;
  results: Promise<AgentResults> | undefined;
}

/** At most this many troubles are kept for a load: more of them say nothing new. */
const MOST_TROUBLES = 100;

/**
 * The one place of an agent: it works for one coordinator at a time, and only as long as that sends beats. What it is
 * asked is not trusted: a request without the token of the lease changes nothing.
 */
export class AgentSeat {
  readonly #options: SeatOptions;
  #lease: Lease | undefined;

  constructor(options: SeatOptions) {
    this.#options = options;
  }

  /**
   * Answers one request.
   * @throws {NatsxError} usage — it cannot be read; rejected — the agent is busy, or the server is not allowed
   */
  async handle(verb: AgentVerb, body: unknown): Promise<unknown> {
    if (!isRecord(body)) throw new NatsxError('usage', 'the request to the agent has no fields');
    if (verb === 'reserve') return this.#reserve(body);
    const lease = this.#leaseOf(body);
    if (verb === 'beat') return this.#beat(lease, body);
    lease.untilNs = Math.max(lease.untilNs, lease.clock() + LEASE_NS);
    if (verb === 'clock') return { ns: lease.clock() };
    if (verb === 'release') {
      await this.#end(lease, undefined);
      return {};
    }
    const number = readNumber(body['load'], 'the number of the load');
    if (verb === 'prepare') return this.#prepare(lease, number, readWork(body['work']));
    const load = lease.loads.get(number);
    if (load === undefined) throw new NatsxError('rejected', 'the agent has no such load');
    switch (verb) {
      case 'ready':
        return ready(load, readAgentPass(body['pass']));
      case 'run':
        return this.#run(lease, load, body);
      case 'finish':
        load.agent.finish();
        return {};
      case 'stop':
        load.agent.stop();
        return {};
      case 'results':
        return this.#results(load, readNumber(body['from'], 'the position'));
      case 'close':
        lease.loads.delete(number);
        await load.agent.close();
        return {};
    }
  }

  /** Call it several times a second: frees the agent if its coordinator is gone. */
  look(): void {
    const lease = this.#lease;
    if (lease === undefined || lease.clock() < lease.untilNs) return;
    void this.#end(lease, 'its coordinator does not respond');
  }

  async close(): Promise<void> {
    if (this.#lease !== undefined) await this.#end(this.#lease, 'this agent was stopped');
  }

  #reserve(body: Record<string, unknown>): Reservation {
    const { run } = body;
    if (typeof run !== 'string' || !/^\w{1,64}$/.test(run)) {
      throw new NatsxError('usage', 'the reservation names no run');
    }
    if (this.#lease !== undefined) {
      throw new NatsxError('rejected', `it works for the run ${this.#lease.run}`);
    }
    const epochS = epochSeconds();
    const clock = clockSince(epochS);
    const lease: Lease = {
      token: randomBytes(16).toString('hex'),
      run,
      clock,
      epochS,
      wall: wallTimeAtZero(clock),
      loads: new Map(),
      untilNs: clock() + LEASE_NS,
      isStarted: false,
      isEnding: false,
    };
    this.#lease = lease;
    return { lease: lease.token, wall: lease.wall };
  }

  #leaseOf(body: Record<string, unknown>): Lease {
    const lease = this.#lease;
    if (lease !== undefined && body['lease'] === lease.token) return lease;
    throw new NatsxError('rejected', 'the agent does not work for this run');
  }

  /** A beat that waited in a socket while the agent was stopped does not prolong its lease. */
  #beat(lease: Lease, body: Record<string, unknown>): { readonly loads: readonly LoadState[] } {
    const nowNs = lease.clock();
    const sentNs = readNumber(body['at'], 'its time') - readNumber(body['shiftNs'], 'its shift');
    const fresh = Math.min(nowNs, sentNs) + LEASE_NS;
    lease.untilNs = Math.max(lease.untilNs, fresh);
    const seen = isRecord(body['troubles']) ? body['troubles'] : {};
    return {
      loads: [...lease.loads].map(([load, { agent, pass, hasEnded, troubles }]) => {
        const from = Number(seen[String(load)] ?? 0) || 0;
        const [sums, rest] = [agent.sums(), troubles.slice(from)];
        return { load, pass, sums, hasEnded, troubles: rest, troublesFrom: from };
      }),
    };
  }

  async #prepare(lease: Lease, number: number, work: AgentWork): Promise<unknown> {
    const { allowed, cores, onRun } = this.#options;
    const { dial, plan } = work.setup;
    const denied = dial.servers.find((server) => !allowed.has(hostAndPort(server)));
    if (denied !== undefined) {
      throw new NatsxError('rejected', `it may not send load to ${hostAndPort(denied)}`, {
        hint: `its operator allows servers with --allow-server: ${[...allowed].join(', ')}`,
      });
    }
    if (lease.loads.has(number))
      throw new NatsxError('rejected', 'the agent has this load already');
    const troubles: Trouble[] = [];
    const agent = new LocalAgent({
      setup: { ...this.#withOwnAccess(work.setup), epochS: lease.epochS },
      jobs: work.jobs,
      clients: work.clients,
      workers: plan.workersPerHost ?? cores,
      onTrouble: (trouble) => {
        if (troubles.length < MOST_TROUBLES) troubles.push(trouble);
      },
      inThread: false,
      workerScript: undefined,
      facts: undefined,
    });
    lease.loads.set(number, { agent, troubles, pass: 0, hasEnded: false, results: undefined });
    if (!lease.isStarted) {
      lease.isStarted = true;
      const clients = work.jobs.length;
      const { scenario } = plan;
      onRun({ type: 'started', run: lease.run, scenario, clients, servers: dial.servers });
    }
    await agent.connect();
    return {};
  }

  #withOwnAccess(setup: AgentWork['setup']): AgentWork['setup'] {
    const own = setup.dial.servers.map((server) => this.#options.ownAccess(server));
    const tls = own.find((access) => access.tls !== undefined)?.tls ?? setup.dial.tls;
    return {
      ...setup,
      version: this.#options.version,
      dial: { ...setup.dial, tls },
      credentials: setup.dial.servers.map(
        (_server, place) => own[place]?.credentials ?? setup.credentials[place] ?? {},
      ),
    };
  }

  /** Answers when the clients have been called, long before they end. @returns how much too late that was */
  #run(lease: Lease, load: Load, body: Record<string, unknown>): { readonly lateNs: number } {
    const pass = readAgentPass(body['pass']);
    const startNs = readNumber(body['startNs'], 'its start');
    void load.agent
      .run(pass, startNs)
      .catch((error: unknown) => load.troubles.push(fatalTrouble(error)))
      .finally(() => {
        load.hasEnded = true;
      });
    return { lateNs: Math.max(0, lease.clock() + pass.shiftNs - startNs) };
  }

  async #results(load: Load, from: number): Promise<unknown> {
    load.results ??= load.agent.results();
    const { counts, latencies, busiest, machine } = await load.results;
    const rows = counts.map(({ job, cells }) => rowOf(job.slot, cells));
    const histograms = [latencies.response.cells, latencies.service.cells];
    return resultsPage({ rows, histograms, busiest, machine }, from);
  }

  async #end(lease: Lease, reason: string | undefined): Promise<void> {
    if (lease.isEnding) return;
    lease.isEnding = true;
    for (const { agent } of lease.loads.values()) agent.stop();
    await Promise.all([...lease.loads.values()].map(({ agent }) => agent.close()));
    // It is free when its load has ended.
    this.#lease = undefined;
    if (lease.isStarted) this.#options.onRun({ type: 'ended', run: lease.run, reason });
  }
}

async function ready(load: Load, pass: Pass): Promise<unknown> {
  load.pass = pass.number;
  load.hasEnded = false;
  load.results = undefined;
  await load.agent.ready(pass);
  return {};
}
