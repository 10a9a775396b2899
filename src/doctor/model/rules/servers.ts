import { worstSeverity } from '../../../core/findings/severity.js';
import type { DeploymentAudit, SeenServer } from '../facts.js';
import { knownBugs } from '../known-bugs.js';
import type { DeploymentRule } from './deployment-rule.js';
import { agree, plural, someNames } from '../../../core/wording.js';

export const noMetaLeader: DeploymentRule = {
  id: 'NO_META_LEADER',
  area: 'availability',
  severity: 'critical',
  scope: 'server',
  meaning:
    'The JetStream cluster has no leader, most likely because half of its servers or more are down: no stream or consumer can be created, changed or listed, and those that have lost their quorum stop.',
  signs: 'The cluster answers that JetStream is temporarily unavailable (10008).',
  advice: 'Bring the missing servers back. Remove a peer only if it is gone for good.',
  test: ({ scan, connection, servers }) => {
    const missing = scan.missing.find(
      ({ kind, why }) => kind === 'streams' && (why === 'no-leader' || why === 'offline'),
    );
    if (missing === undefined) return undefined;
    const answering = servers.map(({ name }) => name);
    return {
      summary: `JetStream in the cluster ${connection.cluster ?? ''} has no leader; ${plural(answering.length, 'server')} still ${agree(answering.length, 'answers', 'answer')}.`,
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
    'There is one server and no cluster. A restart interrupts all clients, and its disk is the only copy of every stream.',
  signs: 'The server belongs to no cluster, or is the only known member of one.',
  advice: 'Run three servers as a cluster, and give streams three replicas.',
  test: (facts) => {
    const { connection } = facts;
    const size = clusterSize(facts);
    if (connection.cluster !== undefined && size > 1) return undefined;
    // A server of a cluster whose other members are unknown is not known to be alone.
    if (connection.cluster !== undefined && size === 0) return undefined;
    return {
      summary: `${connection.server} is the only server: while it is down, nothing works.`,
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
    'JetStream needs more than half of the servers. An even number tolerates no more failures than one server fewer, and two servers tolerate none.',
  signs:
    'The JetStream cluster has an even number of members: as reported by its meta group with --system-context or --monitor, otherwise counted from the servers that answered or hold a replica.',
  advice: 'Run three or five servers with JetStream.',
  test: (facts) => {
    const size = clusterSize(facts);
    if (size < 2 || size % 2 === 1) return undefined;
    const tolerated = size / 2 - 1;
    return {
      summary: `The cluster ${facts.connection.cluster ?? ''} has ${String(size)} servers with JetStream and tolerates ${tolerated === 0 ? 'no failure' : plural(tolerated, 'failure')}; ${String(size - 1)} would tolerate as many.`,
      evidence: { cluster: facts.connection.cluster, servers: size, failures_borne: tolerated },
    };
  },
  remedy: () => ['nats server report jetstream', 'nats server list'],
};

/** Members of the connected server's JetStream cluster, including those known to be down; 0 if unknown. */
function clusterSize({ connection, servers, settings, scan }: DeploymentAudit): number {
  const own = ({ cluster }: SeenServer): boolean => cluster === connection.cluster;
  // Replicas of a few streams name only some members; the answers of all servers complete the list.
  if (servers.length === 0) return 0;
  const reported = Math.max(0, ...(settings ?? []).filter(own).map((one) => one.clusterSize ?? 0));
  if (reported > 0) return reported;
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
    'The servers run different versions. This is meant for the duration of an upgrade: an older server may be unable to read what a newer one stores, and the cluster has the bugs of both.',
  signs: 'The servers that answered report different versions.',
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
      summary: `The servers run ${plural(byVersion.size, 'version')}: ${parts.join('; ')}.`,
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
    'A server runs a version with a known bug that loses messages, lets others in, or crashes the server. The list is short and dated; it does not replace the release notes.',
  signs: 'The version is in the table of this natsx version (docs/doctor.md).',
  advice: 'Upgrade to the latest patch release of a maintained version.',
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
      summary: `Version ${first.version} (${who}): ${first.bug.what} (${first.bug.id}, fixed in ${first.bug.fixedIn.join(', ')})${more}.`,
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
