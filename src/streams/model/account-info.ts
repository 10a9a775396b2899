/** The answer to `INFO`: what an account has in JetStream, and its limits. */
export interface AccountInfo extends AccountUsage {
  readonly streams?: number;
  readonly consumers?: number;
  readonly domain?: string;
  readonly api?: { readonly errors?: number };
  /** Of an account whose limits differ by the number of replicas: `R1`, `R3`. */
  readonly tiers?: Readonly<Partial<Record<string, AccountUsage>>> | null;
}

/** What is stored, in bytes. */
export interface AccountUsage {
  readonly storage?: number;
  readonly memory?: number;
  /** Promised to streams that have a limit of their own. */
  readonly reserved_storage?: number;
  readonly reserved_memory?: number;
  readonly limits?: AccountLimits;
}

/** In bytes; limits below zero are none. */
export interface AccountLimits {
  readonly max_storage?: number;
  readonly max_memory?: number;
  readonly storage_max_stream_bytes?: number;
  readonly memory_max_stream_bytes?: number;
}
