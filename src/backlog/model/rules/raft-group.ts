import type { Rule } from '../../../core/findings/rule.js';
import type { FindingId } from '../finding-id.js';
import type {
  ClusterState,
  ConsumerSample,
  Missing,
  ReplicaState,
  StreamSample,
} from '../../../streams/model/snapshot.js';
import type { Thresholds } from '../thresholds.js';
import { plural, span } from '../../../core/findings/wording.js';
import { shellWord } from '../../../core/shell-word.js';

/** The raft group of a stream or of a consumer, over the window. */
export interface GroupFacts {
  readonly kind: 'stream' | 'consumer';
  readonly stream: string;
  /** Empty for a stream. */
  readonly consumer: string;
  readonly states: readonly (ClusterState | undefined)[];
  /** A count that grows at least as fast as the group's operations, for each of the states. */
  readonly operations: readonly number[];
  readonly unavailable?: Missing | undefined;
  /** Others in the same account did answer, so that it is this one's fault. */
  readonly othersAnswered: boolean;
  readonly thresholds: Thresholds;
}

export type GroupRule = Rule<GroupFacts, FindingId>;

/** Operations of a stream's group: each stored message is one at most, as several can share one. */
export function streamOperations({ lastSeq }: StreamSample): number {
  return lastSeq;
}

/** Operations of a consumer's group: deliveries and acknowledgements. */
export function consumerOperations({ delivered, ackFloor }: ConsumerSample): number {
  return delivered.consumerSeq + ackFloor.consumerSeq;
}

function last(facts: GroupFacts): ClusterState | undefined {
  return facts.states.at(-1);
}

function what(facts: GroupFacts): string {
  return facts.kind === 'stream' ? `stream ${facts.stream}` : `consumer ${facts.consumer}`;
}

/** A killed peer says neither "offline" nor when it was heard: not current with an activity of 0 is gone, too. */
function isGone(replica: ReplicaState, thresholds: Thresholds): boolean {
  if (replica.current) return false;
  return replica.offline || replica.activeMs === 0 || replica.activeMs > thresholds.peerSilentMs;
}

/** A leader that was elected a moment ago has heard nobody yet; servers before 2.12 do not tell since when it leads. */
function isGoneThroughout({ states, thresholds }: GroupFacts, { name }: ReplicaState): boolean {
  return states.every(
    (state) =>
      state === undefined ||
      state.replicas.some((replica) => replica.name === name && isGone(replica, thresholds)),
  );
}

const LEADERLESS: ReadonlySet<Missing['why']> = new Set(['no-leader', 'offline']);

const noLeader: GroupRule = {
  id: 'NO_LEADER',
  severity: 'critical',
  scope: 'stream or consumer',
  meaning:
    'No server leads the stream or consumer: nothing can be published, delivered or acknowledged there.',
  signs:
    'The server says so (10008, 10118, 10119), names no leader, lists it as missing, or does not answer for it while it answers for others.',
  advice: 'Bring the servers back that hold its replicas.',
  test: (facts) => {
    const { unavailable } = facts;
    const cluster = last(facts);
    const silent = unavailable?.why === 'timeout' && facts.othersAnswered;
    const told = unavailable !== undefined && LEADERLESS.has(unavailable.why);
    const leaderless = cluster !== undefined && (cluster.leader ?? '') === '';
    if (!silent && !told && !leaderless) return undefined;
    const offline =
      cluster?.replicas.filter((replica) => replica.offline).map(({ name }) => name) ?? [];
    return {
      summary: silent
        ? `Nobody answers for the ${what(facts)}, although others answer: its leader is gone.`
        : `The ${what(facts)} has no leader.`,
      evidence: {
        reason: unavailable?.detail ?? 'the server names no leader',
        offline_replicas: offline,
      },
    };
  },
  remedy: ({ stream }) => [
    `natsx stream info ${shellWord(stream)}`,
    `nats server request healthz --stream ${shellWord(stream)}`,
    'nats server report jetstream',
  ],
};

const quorumAtRisk: GroupRule = {
  id: 'QUORUM_AT_RISK',
  severity: 'critical',
  scope: 'stream or consumer',
  meaning: 'So many replicas are gone that one more stops everything.',
  signs:
    'In every sample at least half of the group’s replicas, rounded down, are not current and offline, never heard, or silent for over 10s.',
  advice:
    'Bring the replicas back before anything else. Remove a peer only if it is gone for good.',
  test: (facts) => {
    const cluster = last(facts);
    if (cluster === undefined || (cluster.leader ?? '') === '') return undefined;
    // Who only joins in a migration has no vote, and nothing that could be missed.
    const members = cluster.replicas.filter(({ pending }) => pending !== true);
    const size = members.length + 1;
    const gone = members.filter((replica) => isGoneThroughout(facts, replica));
    if (size < 2 || gone.length < Math.floor(size / 2)) return undefined;
    return {
      summary: `${plural(gone.length, 'replica')} of ${String(size)} of the ${what(facts)} ${gone.length === 1 ? 'is' : 'are'} gone (${gone.map(({ name }) => name).join(', ')}); one more and it stops.`,
      evidence: {
        group_size: size,
        gone: gone.map(({ name }) => name),
        last_seen_ms: gone.map(({ activeMs }) => activeMs),
        leader: cluster.leader,
      },
    };
  },
  remedy: ({ stream }) => [
    `natsx stream info ${shellWord(stream)}`,
    'nats server report jetstream',
  ],
};

const replicaLag: GroupRule = {
  id: 'REPLICA_LAG',
  severity: 'warning',
  scope: 'stream or consumer',
  meaning: 'A replica does not keep up with its leader.',
  signs:
    'The same replica is not current and behind in every sample, and in the end it still lacks what its group had at the beginning, or was not heard at all meanwhile. A few operations behind while much is published are as it should be.',
  advice:
    'Look at that server’s disk and network; if it is the leader that is slow, let it step down.',
  test: (facts) => {
    const lagging = (last(facts)?.replicas ?? []).filter(
      (replica) => replica.pending !== true && isLagging(facts, replica),
    );
    const worst = lagging.reduce<ReplicaState | undefined>(
      (best, replica) => (best === undefined || replica.lag > best.lag ? replica : best),
      undefined,
    );
    if (worst === undefined) return undefined;
    return {
      summary: `Replica ${worst.name} of the ${what(facts)} is ${plural(worst.lag, 'operation')} behind and ${lastHeard(worst)}.`,
      evidence: {
        replicas: lagging.map(({ name, lag, activeMs }) => ({ name, lag, active_ms: activeMs })),
        leader: last(facts)?.leader,
      },
    };
  },
  remedy: ({ stream, consumer, kind }) => [
    'nats server report jetstream',
    kind === 'stream'
      ? `nats stream cluster step-down ${shellWord(stream)}`
      : `nats consumer cluster step-down ${shellWord(stream)} ${shellWord(consumer)}`,
  ],
};

/** A killed replica is not heard "0ms ago"; the server has forgotten when it was. */
function lastHeard({ activeMs }: ReplicaState): string {
  return activeMs === 0 ? 'is not heard any more' : `was last heard ${span(activeMs)} ago`;
}

/** A busy group is always a little ahead of its replicas; one that lags has not got what was there a window ago. */
function isLagging(facts: GroupFacts, replica: ReplicaState): boolean {
  const { states, operations } = facts;
  const known = states.flatMap((state, place) =>
    state === undefined ? [] : [{ state, operations: operations[place] ?? 0 }],
  );
  const [first] = known;
  const end = known.at(-1);
  if (first === undefined || end === undefined || known.length < 2) return false;
  const behind = known.every(({ state }) =>
    state.replicas.some(({ name, lag, current }) => name === replica.name && lag > 0 && !current),
  );
  if (!behind) return false;
  return replica.lag > end.operations - first.operations || isUnheard(facts, replica);
}

/** Leaders send heartbeats every second; so old is no answer of a replica that keeps up. */
const UNHEARD_MS = 2000;

/** It has not been heard between any two samples: what is in flight to it cannot be the reason. */
function isUnheard({ states }: GroupFacts, { name }: ReplicaState): boolean {
  const ages = states.flatMap(
    (state) => state?.replicas.flatMap((one) => (one.name === name ? [one.activeMs] : [])) ?? [],
  );
  const older = ages.every((age, place) => place === 0 || age > (ages[place - 1] ?? 0));
  return ages.length > 1 && older && (ages.at(-1) ?? 0) >= UNHEARD_MS;
}

/** In the order in which they matter. */
export const GROUP_RULES: readonly GroupRule[] = [noLeader, quorumAtRisk, replicaLag];
