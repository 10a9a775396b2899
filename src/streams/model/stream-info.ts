import type { JsonObject } from '../../core/message/exact-json.js';

/** A stream's configuration in the server's format: snake_case, durations in nanoseconds, -1 and 0 for "no limit". Keys of newer servers are kept. */
export interface StreamConfig extends JsonObject {
  readonly name: string;
  readonly subjects?: readonly string[];
  readonly storage?: string;
  readonly retention?: string;
  readonly discard?: string;
  readonly num_replicas?: number;
  readonly max_age?: number;
  readonly max_bytes?: number;
  readonly max_msgs?: number;
  readonly max_msgs_per_subject?: number;
  readonly max_msg_size?: number;
  readonly duplicate_window?: number;
  /** Publishers get no acknowledgement. */
  readonly no_ack?: boolean;
  readonly allow_direct?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What a stream holds now. */
export interface StreamState {
  readonly messages: number;
  readonly bytes: number;
  readonly first_seq: number;
  readonly first_ts: string;
  readonly last_seq: number;
  readonly last_ts: string;
  readonly consumer_count: number;
  readonly num_subjects?: number;
  readonly num_deleted?: number;
  /** Sequences that were deleted between the first and the last; only when asked for. */
  readonly deleted?: readonly number[] | null;
  /** Messages by subject; only when asked for, in pages. */
  readonly subjects?: Readonly<Record<string, number>>;
}

/** The servers of a stream or consumer. */
export interface ClusterInfo {
  readonly name?: string;
  /** Absent or empty while no leader is elected. */
  readonly leader?: string;
  /** 2.12 and newer. */
  readonly leader_since?: string;
  /** The other servers. */
  readonly replicas?: readonly ReplicaInfo[];
}

export interface ReplicaInfo {
  readonly name: string;
  readonly current?: boolean;
  readonly offline?: boolean;
  /** Nanoseconds since the leader heard from it. */
  readonly active?: number;
  /** Operations that it still has to catch up on. */
  readonly lag?: number;
  /** It joins the group in a migration; 2.15 and newer. */
  readonly pending?: boolean;
}

/** The stream that a mirror or a source copies from. */
export interface UpstreamInfo {
  readonly name: string;
  /** Messages that are still to be copied. */
  readonly lag?: number;
  /** Nanoseconds since the last contact; -1: none yet. */
  readonly active?: number;
  readonly error?: { readonly description?: string };
  readonly external?: { readonly api?: string };
}

/** The answer to `STREAM.INFO`. */
export interface StreamInfo {
  readonly config: StreamConfig;
  readonly state: StreamState;
  readonly created: string;
  /** Absent on a server that is not in a cluster. */
  readonly cluster?: ClusterInfo;
  readonly mirror?: UpstreamInfo;
  readonly sources?: readonly UpstreamInfo[];
  /** The server's clock when it answered; 2.10 and newer. */
  readonly ts?: string;
}

/** The server's clock when it answered, in milliseconds; of a server before 2.10, this machine's clock. */
export function serverNowMs({ ts }: { readonly ts?: string }, fallbackMs: number): number {
  return ts === undefined ? fallbackMs : Date.parse(ts);
}
