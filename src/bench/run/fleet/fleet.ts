import type { NatsConnection } from '@nats-io/transport-node';
import type { Client } from '../../../connection/connect.js';
import { gatherAnswers } from '../../../connection/micro-service.js';
import { NatsxError } from '../../../core/errors.js';
import { agree, plural } from '../../../core/wording.js';
import type { AgentFacts } from '../../model/agent-facts.js';
import { agentsFor, hasLabels, labelText, spreadJobs } from '../../model/agent-choice.js';
import type { AgentChoice, Placement } from '../../model/agent-choice.js';
import type { RoleName } from '../../model/scenario.js';
import { clockSince, epochSeconds } from '../clock.js';
import type { LoadAgent, LoadRequest } from '../load-agent.js';
import { AGENT_SERVICE, isRecord } from './agent-protocol.js';
import { AgentLine } from './agent-line.js';
import type { LineOptions } from './agent-line.js';
import { RemoteAgent } from './remote-agent.js';
import { wallTimeAtZero } from './wall-time.js';

export interface FleetRequest {
  readonly client: Client;
  readonly inboxPrefix: string;
  readonly timeoutMs: number;
  readonly choice: AgentChoice;
  readonly placement: readonly Placement[];
  readonly run: string;
  /** Of natsx; other versions of agents are refused unless `allowMixed`. */
  readonly version: string;
  readonly allowMixed: boolean;
  readonly signal: AbortSignal;
}

/** How long to wait for the answers of agents, of which the farthest may be half a second away. */
const GATHER_MS = 2_000;

/** The agents of a run, reserved for it until they are released. */
export class Fleet {
  readonly #lines: readonly AgentLine[];
  readonly #placement: readonly Placement[];
  readonly #epochS: number;
  #loads = 0;

  private constructor(
    lines: readonly AgentLine[],
    placement: readonly Placement[],
    epochS: number,
  ) {
    this.#lines = lines;
    this.#placement = placement;
    this.#epochS = epochS;
  }

  /**
   * Finds and reserves agents.
   * @throws {NatsxError} timeout — fewer than wanted; rejected — another version; auth, connection — of the control
   *   server
   */
  static async open(request: FleetRequest): Promise<Fleet> {
    const epochS = epochSeconds();
    const clock = clockSince(epochS);
    const wall = wallTimeAtZero(clock);
    const search = new AgentSearch(request, (facts) => ({
      connection: request.client.connection,
      facts,
      clock,
      wall,
    }));
    const lines = await search.reserve();
    const fleet = new Fleet(lines, request.placement, epochS);
    const unplaced = request.placement.find(({ label }) => !fleet.#has(label));
    if (unplaced === undefined) return fleet;
    await fleet.release();
    const label = labelText(unplaced.label);
    throw new NatsxError('timeout', `no agent of this run has the label ${label} of --place`, {
      hint: `start one with natsx bench agent --label ${label}, or choose more agents`,
    });
  }

  get agents(): readonly AgentFacts[] {
    return this.#lines.map(({ facts }) => facts);
  }

  /** How many agents may run clients of a role. */
  hostsFor(role: RoleName): number {
    return agentsFor(role, this.agents, this.#placement).length;
  }

  /** Spreads the clients of a run over the agents. */
  readonly openAgents = (request: LoadRequest): Promise<readonly LoadAgent[]> => {
    const load = ++this.#loads;
    const shares = spreadJobs(request.jobs, this.agents, this.#placement);
    const epochShiftNs = (this.#epochS - request.setup.epochS) * 1e9;
    const roundTripNs = (): number => Math.max(...this.#lines.map((line) => line.roundTripNs));
    const agents = this.#lines.map(
      (line, at) =>
        new RemoteAgent({ line, load, jobs: shares[at] ?? [], request, epochShiftNs, roundTripNs }),
    );
    for (const { lost } of this.#lines) {
      const fail = (): void => request.onFailure(lost.reason);
      if (lost.aborted) fail();
      else lost.addEventListener('abort', fail, { once: true });
    }
    return Promise.resolve(agents);
  };

  async release(): Promise<void> {
    await Promise.all(this.#lines.map((line) => line.release()));
  }

  #has(labels: AgentFacts['labels']): boolean {
    return this.agents.some((agent) => hasLabels(agent, labels));
  }
}

/** Finds agents, and reserves as many as were asked for. */
class AgentSearch {
  readonly #request: FleetRequest;
  readonly #optionsOf: (facts: AgentFacts) => LineOptions;
  readonly #found = new Map<string, AgentFacts>();
  readonly #lines: AgentLine[] = [];
  readonly #tried = new Set<string>();
  readonly #busy: NatsxError[] = [];

  constructor(request: FleetRequest, optionsOf: (facts: AgentFacts) => LineOptions) {
    this.#request = request;
    this.#optionsOf = optionsOf;
  }

  async reserve(): Promise<readonly AgentLine[]> {
    const { choice } = this.#request;
    const most = choice.kind === 'count' ? choice.count : Infinity;
    try {
      await this.#gather(most);
      await this.#reserveUpTo(most);
      if (choice.kind === 'count' && this.#lines.length < most) {
        await this.#gather(Infinity);
        await this.#reserveUpTo(most);
      }
      if (this.#busy.length > 0) await confirmRights(this.#request.client);
      this.#check();
    } catch (error) {
      await Promise.all(this.#lines.map((line) => line.release()));
      throw error;
    }
    return this.#lines.toSorted((a, b) => orderOf(a).localeCompare(orderOf(b)));
  }

  async #gather(most: number): Promise<void> {
    const { client, inboxPrefix, signal } = this.#request;
    await gatherAnswers(client.connection, {
      subject: `$SRV.INFO.${AGENT_SERVICE}`,
      inboxPrefix,
      maxWaitMs: GATHER_MS,
      signal,
      onAnswer: (data) => {
        const facts = factsIn(data);
        if (facts !== undefined) this.#found.set(facts.id, facts);
        return this.#found.size >= most;
      },
    });
    signal.throwIfAborted();
    await confirmRights(client);
  }

  async #reserveUpTo(most: number): Promise<void> {
    const { choice, version } = this.#request;
    const fitting = [...this.#found.values()]
      .filter((facts) => choice.kind !== 'labels' || hasLabels(facts, choice.labels))
      .filter(({ id }) => !this.#tried.has(id))
      .toSorted((a, b) => Number(a.version !== version) - Number(b.version !== version));
    for (let next = 0; next < fitting.length && this.#lines.length < most;) {
      const batch = fitting.slice(next, next + most - this.#lines.length);
      next += batch.length;
      this.#checkVersions(batch);
      await Promise.all(batch.map((facts) => this.#reserveOne(facts)));
    }
  }

  async #reserveOne(facts: AgentFacts): Promise<void> {
    const { run, timeoutMs } = this.#request;
    this.#tried.add(facts.id);
    try {
      this.#lines.push(await AgentLine.open(this.#optionsOf(facts), run, timeoutMs));
    } catch (error) {
      if (!(error instanceof NatsxError) || error.kind === 'auth') throw error;
      this.#busy.push(error);
    }
  }

  #checkVersions(agents: readonly AgentFacts[]): void {
    const { version, allowMixed } = this.#request;
    const other = agents.find((facts) => facts.version !== version);
    if (allowMixed || other === undefined) return;
    throw new NatsxError(
      'rejected',
      `the agent ${other.id} on ${other.host} is natsx ${other.version}, and this is natsx ${version}`,
      {
        hint: 'install one version everywhere, or accept the difference with --allow-mixed-versions',
        details: { agent: other.id, agent_version: other.version, version },
      },
    );
  }

  /** @throws {NatsxError} timeout — fewer agents than asked for */
  #check(): void {
    const { choice } = this.#request;
    const count = this.#lines.length;
    const isEnough = choice.kind === 'count' ? count >= choice.count : count > 0;
    const [busy] = this.#busy;
    if (isEnough && (choice.kind === 'count' || busy === undefined)) return;
    const wanted =
      choice.kind === 'labels' ? ` with the label ${labelText(choice.labels)}` : ' of a load';
    const refused = busy === undefined ? '' : `: ${busy.message}`;
    const found =
      choice.kind === 'count'
        ? `${count} of ${plural(choice.count, 'agent')} ${agree(count, 'is', 'are')} available`
        : count === 0 && busy === undefined
          ? `no agent${wanted} answered`
          : `${count} of ${count + this.#busy.length} agents${choice.kind === 'labels' ? wanted : ''} ${agree(count, 'is', 'are')} available`;
    throw new NatsxError('timeout', `${found}${refused}`, {
      hint: 'start agents with natsx bench agent, on the same control server',
      details: { available: count },
    });
  }
}

function orderOf({ facts }: AgentLine): string {
  return `${facts.host} ${facts.id}`;
}

/** A denied publish or subscription is reported after the fact: a round trip makes sure that it has been. */
async function confirmRights(client: Client): Promise<void> {
  if (client.lost.aborted) throw client.lost.reason;
  await flushed(client.connection);
  const denied = client.complaints.find(({ kind }) => kind === 'auth');
  if (denied === undefined) return;
  throw new NatsxError('auth', `the control server: ${denied.message}`, { hint: denied.hint });
}

async function flushed(connection: NatsConnection): Promise<void> {
  await connection.flush();
}

/** What an answer to `$SRV.INFO` says about an agent; `undefined` if it is not the answer of an agent. */
function factsIn(data: Uint8Array): AgentFacts | undefined {
  try {
    const info: unknown = JSON.parse(Buffer.from(data).toString());
    if (!isRecord(info) || info['name'] !== AGENT_SERVICE) return undefined;
    const { id, metadata } = info;
    if (typeof id !== 'string' || !/^\w{1,64}$/.test(id) || !isRecord(metadata)) return undefined;
    const texts = Object.entries(metadata).map(([key, value]) => [key, String(value)] as const);
    const { version = '', host = '', cores = '', ...labels } = Object.fromEntries(texts);
    return { id, host, version, cores: Number(cores) || 1, labels };
  } catch {
    return undefined;
  }
}
