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
import { agree, formatCount, plural } from '../../../core/wording.js';
import { formatDurationMs } from '../../../core/values/duration.js';
import { shellWord } from '../../../core/printable.js';

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
  /** Others in the same account did answer, so this one is at fault. */
  readonly othersAnswered: boolean;
  readonly thresholds: Thresholds;
}

/** Findings on raft groups; the doctor reports them, too. */
export type GroupId = Extract<FindingId, 'NO_LEADER' | 'QUORUM_AT_RISK' | 'REPLICA_LAG'>;

export type GroupRule = Rule<GroupFacts, GroupId>;

/** Operations of a stream's group: at most one per stored message, because several can share one. */
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

/** For a killed peer the server reports neither "offline" nor when it was heard from: not current with an activity of 0 means gone, too. */
function isGone(replica: ReplicaState, thresholds: Thresholds): boolean {
  if (replica.current) return false;
  return replica.offline || replica.activeMs === 0 || replica.activeMs > thresholds.peerSilentMs;
}

/** A newly elected leader has not heard from its replicas yet; servers before 2.12 do not report since when it leads. */
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
    'The stream or consumer has no leader: nothing can be published, delivered or acknowledged.',
  signs:
    'The server reports it (10008, 10118, 10119), names no leader, lists the stream or consumer as missing, or does not answer for it while it answers for others.',
  advice: 'Bring back the servers that hold its replicas.',
  test: (facts) => {
    const { unavailable } = facts;
    const cluster = last(facts);
    const silent = unavailable?.why === 'timeout' && facts.othersAnswered;
    const isReported = unavailable !== undefined && LEADERLESS.has(unavailable.why);
    const leaderless = cluster !== undefined && (cluster.leader ?? '') === '';
    if (!silent && !isReported && !leaderless) return undefined;
    const offline =
      cluster?.replicas.filter((replica) => replica.offline).map(({ name }) => name) ?? [];
    return {
      summary: silent
        ? `No server answers for the ${what(facts)}, although others are answered for: its leader is gone.`
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
  meaning: 'If one more replica goes down, the group loses its quorum and stops.',
  signs:
    'In every sample, at least half of the group’s replicas (rounded down) are not current and are offline, were never heard from, or have been silent for more than 10s.',
  advice:
    'Bring the replicas back before doing anything else. Remove a peer only if it is gone for good.',
  test: (facts) => {
    const cluster = last(facts);
    if (cluster === undefined || (cluster.leader ?? '') === '') return undefined;
    // A peer that only joins in a migration has no vote and no data to lose.
    const members = cluster.replicas.filter(({ pending }) => pending !== true);
    const size = members.length + 1;
    const gone = members.filter((replica) => isGoneThroughout(facts, replica));
    if (size < 2 || gone.length < Math.floor(size / 2)) return undefined;
    return {
      summary: `${formatCount(gone.length)} of ${plural(size, 'replica')} of the ${what(facts)} ${agree(gone.length, 'is', 'are')} gone (${gone.map(({ name }) => name).join(', ')}); if one more goes, it stops.`,
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
    'The same replica is behind and not current in every sample, and at the end it still lacks operations from before the first sample, or was not heard from during the window. Being a few operations behind under load is normal.',
  advice: 'Check that server’s disk and network. If the leader is the slow one, let it step down.',
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

/** A killed replica was not heard from "0ms ago": the server does not remember when it was. */
function lastHeard({ activeMs }: ReplicaState): string {
  return activeMs === 0
    ? 'is no longer heard from'
    : `was last heard from ${formatDurationMs(activeMs)} ago`;
}

/** A busy group is always a little ahead of its replicas; a lagging one still lacks operations from before the window. */
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

/** Leaders send heartbeats every second; a replica that keeps up answers sooner than this. */
const UNHEARD_MS = 2000;

/** It was not heard from between any two samples: operations in flight cannot be the reason. */
function isUnheard({ states }: GroupFacts, { name }: ReplicaState): boolean {
  const ages = states.flatMap(
    (state) => state?.replicas.flatMap((one) => (one.name === name ? [one.activeMs] : [])) ?? [],
  );
  const older = ages.every((age, place) => place === 0 || age > (ages[place - 1] ?? 0));
  return ages.length > 1 && older && (ages.at(-1) ?? 0) >= UNHEARD_MS;
}

/** The most important first. */
export const GROUP_RULES: readonly GroupRule[] = [noLeader, quorumAtRisk, replicaLag];
