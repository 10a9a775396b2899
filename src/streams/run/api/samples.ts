import type {
  AccountSample,
  AckPolicy,
  ClusterState,
  ConsumerSettings,
  ConsumerSample,
  Retention,
  StorageUsage,
  StreamSettings,
  StreamSample,
  UpstreamState,
} from '../../model/snapshot.js';
import type { AccountInfo, AccountUsage } from '../../model/account-info.js';
import type {
  ConsumerConfig,
  ConsumerInfo,
  ConsumerPosition,
  PriorityGroupInfo,
} from '../../model/consumer-info.js';
import type {
  ClusterInfo,
  StreamConfig,
  StreamInfo,
  UpstreamInfo,
} from '../../model/stream-info.js';
import { isSame, type SharedValues } from '../../../core/shared-values.js';
import { metadataOf, rawSettings } from './raw-settings.js';

/**
 * @param fallbackMs the server's time of the reading as near as it is known, for servers before 2.10
 * @param earlier the same stream's last sample: its configuration has hardly ever changed since
 */
export function streamSample(
  raw: StreamInfo,
  fallbackMs: number,
  earlier?: StreamSample,
): StreamSample {
  const { state } = raw;
  const config = streamConfig(raw.config);
  return {
    name: earlier?.name ?? raw.config.name,
    atMs: timeOf(raw.ts) ?? fallbackMs,
    createdMs: timeOf(raw.created),
    config: earlier !== undefined && isSame(earlier.config, config) ? earlier.config : config,
    messages: state.messages,
    bytes: state.bytes,
    firstSeq: state.first_seq,
    firstMs: state.messages === 0 ? undefined : timeOf(state.first_ts),
    lastSeq: state.last_seq,
    lastMs: timeOf(state.last_ts),
    deleted: state.num_deleted ?? 0,
    subjectCount: state.num_subjects,
    consumerCount: state.consumer_count,
    cluster: clusterState(raw.cluster),
    upstreams: upstreams(raw),
  };
}

/**
 * @param fallbackMs as for {@link streamSample}
 * @param shared configurations that are known already; without it, each sample has its own
 * @param stream the name, where it is known: one text for all of a stream's consumers
 */
export function consumerSample(
  raw: ConsumerInfo,
  fallbackMs: number,
  {
    shared,
    stream,
  }: {
    readonly shared?: SharedValues<ConsumerSettings> | undefined;
    readonly stream?: string;
  } = {},
): ConsumerSample {
  const config = consumerConfig(raw.config);
  return {
    stream: stream ?? raw.stream_name,
    name: raw.name,
    atMs: timeOf(raw.ts) ?? fallbackMs,
    createdMs: timeOf(raw.created),
    config: shared === undefined ? config : shared.share(config),
    delivered: position(raw.delivered),
    ackFloor: position(raw.ack_floor),
    ...countsOf(raw),
    pushBound: raw.push_bound === true,
    paused: raw.paused === true,
    pauseRemainingMs: msOf(raw.pause_remaining),
    cluster: clusterState(raw.cluster),
    priorityGroups: raw.priority_groups?.map(priorityGroup) ?? NOTHING,
  };
}

function countsOf(
  raw: ConsumerInfo,
): Pick<ConsumerSample, 'pending' | 'ackPending' | 'redelivered' | 'waiting'> {
  return {
    pending: raw.num_pending,
    ackPending: raw.num_ack_pending,
    redelivered: raw.num_redelivered,
    waiting: raw.num_waiting,
  };
}

export function accountSample(raw: AccountInfo, atMs: number): AccountSample {
  const tiers = Object.entries(raw.tiers ?? {});
  return {
    atMs,
    usages:
      tiers.length === 0
        ? usagesOf(raw, undefined)
        : tiers.flatMap(([tier, usage]) => usagesOf(usage ?? {}, tier)),
    streams: raw.streams ?? 0,
    consumers: raw.consumers ?? 0,
    apiErrors: raw.api?.errors ?? 0,
    domain: raw.domain,
  };
}

function usagesOf(raw: AccountUsage, tier: string | undefined): readonly StorageUsage[] {
  return [
    {
      tier,
      kind: 'file',
      usedBytes: raw.storage ?? 0,
      limitBytes: limitOf(raw.limits?.max_storage),
    },
    {
      tier,
      kind: 'memory',
      usedBytes: raw.memory ?? 0,
      limitBytes: limitOf(raw.limits?.max_memory),
    },
  ];
}

const NOTHING: readonly never[] = [];

/** Go's zero time means "never". */
export function timeOf(text: string | undefined): number | undefined {
  if (text === undefined || text.startsWith('0001-')) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms + finerMs(text);
}

/** JavaScript's dates end at milliseconds; the fraction beyond them is kept. */
function finerMs(text: string): number {
  const digits = /\.\d{3}(\d+)/.exec(text)?.[1];
  return digits === undefined ? 0 : Number(`0.${digits}`);
}

function streamConfig(raw: StreamConfig): StreamSettings {
  return {
    retention: (textOf(raw.retention) ?? 'limits') as Retention,
    discard: raw.discard === 'new' ? 'new' : 'old',
    maxMessages: limitOf(raw.max_msgs),
    maxBytes: limitOf(raw.max_bytes),
    maxAgeMs: msOf(limitOf(raw.max_age)),
    maxMessagesPerSubject: limitOf(raw.max_msgs_per_subject),
    subjects: textsOf(raw.subjects),
    replicas: limitOf(raw.num_replicas) ?? 1,
    allowDirect: raw.allow_direct === true,
    sealed: raw['sealed'] === true,
    storage: raw.storage === 'memory' ? 'memory' : 'file',
    duplicateWindowMs: msOf(limitOf(raw.duplicate_window)),
    asyncPersist: raw['persist_mode'] === 'async',
    allowMsgTtl: raw['allow_msg_ttl'] === true,
    allowSchedules: raw['allow_msg_schedules'] === true,
    noAck: raw.no_ack === true,
    maxConsumers: limitOf(raw['max_consumers']),
    mirror: raw['mirror'] !== undefined && raw['mirror'] !== null,
    metadata: metadataOf(raw.metadata),
    others: rawSettings(raw, 'stream'),
  };
}

function consumerConfig(raw: ConsumerConfig): ConsumerSettings {
  const filter = textOf(raw.filter_subject);
  const flags = {
    headersOnly: raw['headers_only'] === true,
    flowControl: raw['flow_control'] === true,
  };
  return {
    durable: textOf(raw.durable_name) !== undefined,
    ackPolicy: (textOf(raw.ack_policy) ?? 'none') as AckPolicy,
    ackWaitMs: msOf(limitOf(raw.ack_wait)) ?? 30_000,
    maxDeliver: limitOf(raw.max_deliver),
    backoffMs: numbersOf(raw.backoff).map((ns) => ns / 1e6),
    maxAckPending: limitOf(raw.max_ack_pending),
    maxWaiting: limitOf(raw.max_waiting) ?? 512,
    filters: filter === undefined ? textsOf(raw.filter_subjects) : [filter],
    deliverPolicy: textOf(raw.deliver_policy) ?? 'all',
    startSeq: limitOf(raw['opt_start_seq']),
    startMs: timeOf(textOf(raw['opt_start_time'])),
    replayOriginal: raw['replay_policy'] === 'original',
    rateLimitBitsPerS: limitOf(raw['rate_limit_bps']),
    ...flags,
    maxBatch: limitOf(raw['max_batch']),
    maxExpiresMs: msOf(limitOf(raw['max_expires'])),
    maxBytes: limitOf(raw['max_bytes']),
    deliverSubject: textOf(raw.deliver_subject),
    deliverGroup: textOf(raw['deliver_group']),
    inactiveThresholdMs: msOf(limitOf(raw['inactive_threshold'])),
    priorityPolicy: policyOf(textOf(raw['priority_policy'])),
    priorityTimeoutMs: msOf(limitOf(raw['priority_timeout'])),
    metadata: metadataOf(raw.metadata),
    replicas: limitOf(raw['num_replicas']),
    memoryStorage: raw['mem_storage'] === true,
    others: rawSettings(raw, 'consumer'),
  };
}

function policyOf(text: string | undefined): string | undefined {
  return text === 'none' ? undefined : text;
}

function position(raw: ConsumerPosition): ConsumerSample['delivered'] {
  return {
    consumerSeq: raw.consumer_seq,
    streamSeq: raw.stream_seq,
    lastActiveMs: timeOf(raw.last_active),
  };
}

function clusterState(raw: ClusterInfo | undefined): ClusterState | undefined {
  // A single server names no replicas; then there is no group that could lose its leader.
  if (raw === undefined) return undefined;
  return {
    leader: raw.leader,
    leaderSinceMs: timeOf(raw.leader_since),
    replicas: (raw.replicas ?? []).map((replica) => ({
      name: replica.name,
      current: replica.current ?? false,
      offline: replica.offline ?? false,
      activeMs: (replica.active ?? 0) / 1e6,
      lag: replica.lag ?? 0,
      pending: replica.pending === true ? true : undefined,
    })),
  };
}

function upstreams({ mirror, sources }: StreamInfo): readonly UpstreamState[] {
  const one = (raw: UpstreamInfo, kind: UpstreamState['kind']): UpstreamState => ({
    kind,
    name: raw.name,
    lag: raw.lag ?? 0,
    activeMs: raw.active === undefined || raw.active < 0 ? undefined : raw.active / 1e6,
    error: raw.error?.description,
    external: raw.external?.api,
  });
  const mirrored = mirror === undefined ? [] : [one(mirror, 'mirror')];
  return [...mirrored, ...(sources ?? []).map((source) => one(source, 'source'))];
}

function priorityGroup(raw: PriorityGroupInfo): ConsumerSample['priorityGroups'][number] {
  const pinned = raw.pinned_client_id;
  return {
    group: raw.group,
    pinnedClientId: pinned === '' ? undefined : pinned,
    pinnedMs: timeOf(raw.pinned_ts),
  };
}

/** Limits of 0 and -1 mean none. */
function limitOf(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}

function msOf(ns: number | undefined): number | undefined {
  return ns === undefined ? undefined : ns / 1e6;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value)
    ? value.filter((one): one is string => typeof one === 'string')
    : NOTHING;
}

function numbersOf(value: unknown): readonly number[] {
  return Array.isArray(value)
    ? value.filter((one): one is number => typeof one === 'number')
    : NOTHING;
}
