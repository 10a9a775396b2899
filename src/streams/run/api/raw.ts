/** The wire's spelling, as far as a diagnosis reads it. Everything may be absent: servers of many ages answer. */
export interface RawCluster {
  readonly leader?: string;
  readonly leader_since?: string;
  readonly replicas?: readonly {
    readonly name: string;
    readonly current?: boolean;
    readonly offline?: boolean;
    readonly active?: number;
    readonly lag?: number;
    /** Joins in a migration; since 2.15. */
    readonly pending?: boolean;
  }[];
}

export interface RawUpstream {
  readonly name: string;
  readonly lag?: number;
  readonly active?: number;
  readonly error?: { readonly description?: string };
  readonly external?: { readonly api?: string } | null;
}

export interface RawStream {
  readonly config: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly created?: string;
  readonly state: {
    readonly messages: number;
    readonly bytes: number;
    readonly first_seq: number;
    readonly first_ts?: string;
    readonly last_seq: number;
    readonly last_ts?: string;
    readonly num_deleted?: number;
    readonly num_subjects?: number;
    readonly consumer_count?: number;
    readonly subjects?: Readonly<Record<string, number>> | null;
  };
  readonly cluster?: RawCluster | null;
  readonly mirror?: RawUpstream | null;
  readonly sources?: readonly RawUpstream[] | null;
  readonly ts?: string;
}

export interface RawPosition {
  readonly consumer_seq: number;
  readonly stream_seq: number;
  readonly last_active?: string;
}

export interface RawConsumer {
  readonly stream_name?: string;
  readonly name?: string;
  readonly created?: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly delivered?: RawPosition;
  readonly ack_floor?: RawPosition;
  readonly num_ack_pending?: number;
  readonly num_redelivered?: number;
  readonly num_waiting?: number;
  readonly num_pending?: number;
  readonly push_bound?: boolean;
  readonly paused?: boolean;
  readonly pause_remaining?: number;
  readonly cluster?: RawCluster | null;
  readonly priority_groups?:
    | readonly {
        readonly group: string;
        readonly pinned_client_id?: string;
        readonly pinned_ts?: string;
      }[]
    | null;
  readonly ts?: string;
}

export interface RawAccount {
  readonly streams?: number;
  readonly consumers?: number;
  readonly storage?: number;
  readonly memory?: number;
  readonly limits?: RawLimits;
  readonly domain?: string;
  readonly api?: { readonly errors?: number };
  readonly tiers?: Readonly<
    Record<
      string,
      { readonly storage?: number; readonly memory?: number; readonly limits?: RawLimits }
    >
  > | null;
}

export interface RawLimits {
  readonly max_storage?: number;
  readonly max_memory?: number;
}
