import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { parseCount } from '../../core/values/count.js';
import type { AgentFacts } from './agent-facts.js';
import type { WorkerJob } from './client-job.js';
import { SCENARIOS } from './scenario.js';
import type { RoleName, Scenario } from './scenario.js';

export type Labels = Readonly<Record<string, string>>;

/** Which agents run a load: `4`, `all`, or those with labels (`zone=a,disk=ssd`). */
export type AgentChoice =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'labels'; readonly labels: Labels };

/** Clients of this role run only on agents with this label. */
export interface Placement {
  readonly role: string;
  readonly label: Labels;
}

/** Facts of an agent that its metadata has under these keys. */
const TAKEN_KEYS: readonly string[] = ['version', 'host', 'cores'];
const LABEL = /^([A-Za-z0-9][A-Za-z0-9_.-]*)=(.+)$/;

/**
 * Reads `zone=a`.
 * @throws {NatsxError} usage
 */
function parseLabel(text: string): Labels {
  const [, key = '', value = ''] = LABEL.exec(text) ?? [];
  if (key === '') {
    throw usageError(`${quoted(text)} is not a label`, 'write a label as key=value: zone=a');
  }
  if (TAKEN_KEYS.includes(key)) {
    throw usageError(
      `the label "${key}" cannot be set: every agent has its own`,
      `choose another key than ${TAKEN_KEYS.join(', ')}`,
    );
  }
  return { [key]: value };
}

/** @throws {NatsxError} usage — two values for one key */
export function parseLabels(texts: readonly string[]): Labels {
  const labels: Record<string, string> = {};
  for (const text of texts) {
    for (const [key, value] of Object.entries(parseLabel(text))) {
      if (labels[key] !== undefined && labels[key] !== value) {
        throw usageError(`the label "${key}" has two values: ${labels[key]} and ${value}`);
      }
      labels[key] = value;
    }
  }
  return labels;
}

/**
 * Reads the value of `--agents`.
 * @throws {NatsxError} usage
 */
export function parseAgentChoice(text: string): AgentChoice {
  if (text === 'all') return { kind: 'all' };
  if (text.includes('=')) return { kind: 'labels', labels: parseLabels(text.split(',')) };
  if (!/^\d/.test(text)) {
    throw usageError(
      `--agents takes a number, all, or labels, not ${quoted(text)}`,
      "write --agents 4, --agents all, or --agents 'zone=a'",
    );
  }
  const count = parseCount(text);
  if (count === 0) throw usageError('--agents 0 leaves no agent to run the load');
  return { kind: 'count', count };
}

/**
 * Reads the value of `--place`: `publisher:zone=a,subscriber:zone=b`.
 * @throws {NatsxError} usage
 */
export function parsePlacement(text: string): readonly Placement[] {
  return text.split(',').map((part) => {
    const colon = part.indexOf(':');
    if (colon <= 0) {
      throw usageError(
        `${quoted(part)} in --place is not a role with a label`,
        'write role:key=value: publisher:zone=a,subscriber:zone=b',
      );
    }
    return { role: part.slice(0, colon), label: parseLabel(part.slice(colon + 1)) };
  });
}

/** @throws {NatsxError} usage — a role that the scenarios do not have */
export function checkPlacement(
  placement: readonly Placement[],
  scenarios: readonly Scenario[],
): void {
  const roles = [
    ...new Set(
      scenarios.flatMap((scenario) =>
        Object.values(SCENARIOS[scenario].clients).map(({ role }): string => role),
      ),
    ),
  ];
  const unknown = placement.find(({ role }) => !roles.includes(role));
  if (unknown === undefined) return;
  const what = scenarios.length === 1 ? `bench ${scenarios[0] ?? ''}` : 'this load';
  throw usageError(
    `${what} has no clients with the role ${quoted(unknown.role)}`,
    `its roles: ${roles.join(', ')}`,
  );
}

export function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

export function hasLabels(agent: Pick<AgentFacts, 'labels'>, labels: Labels): boolean {
  return Object.entries(labels).every(([key, value]) => agent.labels[key] === value);
}

/** The agents that may run clients of a role. Several labels of one role must all match. */
export function agentsFor<Agent extends Pick<AgentFacts, 'labels'>>(
  role: RoleName,
  agents: readonly Agent[],
  placement: readonly Placement[],
): readonly Agent[] {
  const wanted = placement.filter((one) => one.role === role);
  return agents.filter((agent) => wanted.every(({ label }) => hasLabels(agent, label)));
}

/** The clients of each agent: in turn, so that neighbours run on different machines. */
export function spreadJobs(
  jobs: readonly WorkerJob[],
  agents: readonly Pick<AgentFacts, 'labels'>[],
  placement: readonly Placement[],
): readonly (readonly WorkerJob[])[] {
  const shares = agents.map((): WorkerJob[] => []);
  let turn = 0;
  for (const job of jobs) {
    const places = agentsFor(job.role, agents, placement);
    const agent = places[turn++ % places.length];
    if (agent !== undefined) shares[agents.indexOf(agent)]?.push(job);
  }
  return shares;
}
