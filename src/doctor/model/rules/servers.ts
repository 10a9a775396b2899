import { plural, someNames } from '../../../core/findings/wording.js';
import { worstSeverity } from '../../../core/findings/severity.js';
import type { DeploymentAudit, SeenServer } from '../facts.js';
import { knownBugs } from '../known-bugs.js';
import type { DeploymentRule } from './deployment-rule.js';

export const noMetaLeader: DeploymentRule = {
  id: 'NO_META_LEADER',
  area: 'availability',
  severity: 'critical',
  scope: 'server',
  meaning:
    'The JetStream cluster has no leader, most likely because half of its servers or more are gone: no stream or consumer can be made, changed or listed, and those whose replicas are gone stand still.',
  signs: 'The cluster answers that JetStream is temporarily unavailable (10008).',
  advice: 'Bring the missing servers back. Remove a peer only if it is gone for good.',
  test: ({ scan, connection, servers }) => {
    const missing = scan.missing.find(
      ({ what, why }) => what === 'streams' && (why === 'no-leader' || why === 'offline'),
    );
    if (missing === undefined) return undefined;
    const answering = servers.map(({ name }) => name);
    return {
      summary: `JetStream of the cluster ${connection.cluster ?? ''} has no leader; ${plural(answering.length, 'server')} still ${answering.length === 1 ? 'answers' : 'answer'}.`,
      evidence: { reason: missing.detail, cluster: connection.cluster, servers: answering },
    };
  },
  remedy: () => ['nats server list', 'nats server report jetstream'],
};

export const singleServer: DeploymentRule = {
  id: 'SINGLE_SERVER',
  area: 'availability',
  severity: 'warning',
  scope: 'server',
  meaning:
    'There is one server and no cluster. Its restart interrupts everybody, and its disk is the only copy of every stream.',
  signs: 'The server belongs to no cluster, or is the only known member of one.',
  advice: 'Run three servers as a cluster, and give streams three replicas.',
  test: (facts) => {
    const { connection } = facts;
    const size = clusterSize(facts);
    if (connection.cluster !== undefined && size > 1) return undefined;
    // A cluster whose other members nobody told of is not known to be alone.
    if (connection.cluster !== undefined && size === 0) return undefined;
    return {
      summary: `${connection.server} is the only server: while it is down nothing works.`,
      evidence: { server: connection.server, cluster: connection.cluster, servers: 1 },
    };
  },
  remedy: () => ['nats server list', 'natsx info'],
};

export const clusterSizeEven: DeploymentRule = {
  id: 'CLUSTER_SIZE_EVEN',
  area: 'availability',
  severity: 'warning',
  scope: 'server',
  meaning:
    'JetStream needs more than half of the servers. An even number bears no more failures than one server less, and two bear none at all.',
  signs:
    'The JetStream cluster has an even number of members: as its metadata group says with --system-context or --monitor, else as many as answered or hold a replica.',
  advice: 'Run three or five servers with JetStream.',
  test: (facts) => {
    const size = clusterSize(facts);
    if (size < 2 || size % 2 === 1) return undefined;
    const bears = size / 2 - 1;
    return {
      summary: `The cluster ${facts.connection.cluster ?? ''} has ${String(size)} servers with JetStream and bears ${bears === 0 ? 'no failure' : plural(bears, 'failure')}; ${String(size - 1)} would bear as many.`,
      evidence: { cluster: facts.connection.cluster, servers: size, failures_borne: bears },
    };
  },
  remedy: () => ['nats server report jetstream', 'nats server list'],
};

/** Members of the own JetStream cluster, with those that are down as far as anybody names them; 0 when unknown. */
function clusterSize({ connection, servers, settings, scan }: DeploymentAudit): number {
  const own = ({ cluster }: SeenServer): boolean => cluster === connection.cluster;
  // Replicas of a few streams name some members; only with all servers' answers is that all of them.
  if (servers.length === 0) return 0;
  const told = Math.max(0, ...(settings ?? []).filter(own).map((one) => one.clusterSize ?? 0));
  if (told > 0) return told;
  const names = new Set(servers.filter((one) => own(one) && one.jetstream).map(({ name }) => name));
  for (const { samples } of scan.streams) {
    const group = samples.at(-1)?.cluster;
    for (const { name } of group?.replicas ?? []) names.add(name);
    if (group?.leader !== undefined && group.leader !== '') names.add(group.leader);
  }
  return names.size;
}

export const versionsDiffer: DeploymentRule = {
  id: 'VERSIONS_DIFFER',
  area: 'availability',
  severity: 'warning',
  scope: 'server',
  meaning:
    'The servers run different versions. That is meant for the hours of an upgrade: what a newer one stores an older one may not read, and their faults add up.',
  signs: 'Servers that answered name different versions.',
  advice: 'Finish the upgrade.',
  test: ({ servers, thresholds }) => {
    const byVersion = new Map<string, string[]>();
    for (const { version, name } of servers) {
      byVersion.set(version, [...(byVersion.get(version) ?? []), name]);
    }
    if (byVersion.size < 2) return undefined;
    const parts = [...byVersion].map(
      ([version, names]) => `${version} on ${someNames(names, thresholds.namesShown)}`,
    );
    return {
      summary: `${plural(byVersion.size, 'version')} of the server run together: ${parts.join('; ')}.`,
      evidence: {
        versions: [...byVersion].map(([version, names]) => ({ version, servers: names })),
      },
    };
  },
  remedy: () => ['nats server list'],
};

export const knownBugsRule: DeploymentRule = {
  id: 'KNOWN_BUGS',
  area: 'availability',
  severity: 'warning',
  scope: 'server',
  meaning:
    'A server runs a version with a known fault that loses messages, lets strangers in, or ends the server. The list is short and dated; it does not replace the release notes.',
  signs: 'The version is in the table of this natsx version (docs/doctor.md).',
  advice: 'Upgrade to the newest patch release of a line that is still maintained.',
  test: ({ servers, connection, thresholds }) => {
    const versions = new Map<string, string[]>([[connection.version, []]]);
    for (const { version, name } of servers) {
      versions.set(version, [...(versions.get(version) ?? []), name]);
    }
    const affected = [...versions].flatMap(([version, names]) =>
      knownBugs(version).map((bug) => ({ bug, version, names })),
    );
    const bugs = [...new Set(affected.map(({ bug }) => bug))];
    const [first] = affected.toSorted(
      (a, b) => Number(b.bug.severity === 'critical') - Number(a.bug.severity === 'critical'),
    );
    if (first === undefined) return undefined;
    const more = bugs.length > 1 ? `, and ${String(bugs.length - 1)} more` : '';
    const who = someNames(
      first.names.length === 0 ? [connection.server] : first.names,
      thresholds.namesShown,
    );
    return {
      severity: worstSeverity(bugs.map(({ severity }) => severity)),
      summary: `Version ${first.version} (${who}): ${first.bug.what} (${first.bug.id}, mended in ${first.bug.fixedIn.join(', ')})${more}.`,
      evidence: {
        versions: [...new Set(affected.map(({ version }) => version))],
        bugs: bugs.map(({ id, what, fixedIn, dated, source }) => ({
          id,
          what,
          fixed_in: [...fixedIn],
          dated,
          source,
        })),
      },
    };
  },
  remedy: () => ['nats server list'],
};
