/**
 * What a connected user can learn of the server, the account and its own permissions. Absent means that the server did
 * not say.
 */
export interface ConnectionReport {
  readonly server: ServerFacts;
  readonly user: UserFacts | undefined;
  /** What is known of the user where the server described none. */
  readonly unknownUser: UnknownUser;
  readonly jetStream: JetStreamFacts;
  readonly rttNs: number;
}

export interface ServerFacts {
  readonly name: string;
  readonly id: string;
  readonly version: string;
  readonly address: string;
  readonly cluster: string | undefined;
  readonly domain: string | undefined;
  readonly clientId: number;
  readonly clientIp: string | undefined;
  readonly maxPayloadBytes: number;
  readonly headers: boolean;
  readonly authRequired: boolean;
  readonly tls: boolean;
  /** Other servers of the cluster that clients may use. */
  readonly alternatives: readonly string[];
}

export interface UserFacts {
  readonly name: string | undefined;
  readonly account: string | undefined;
  readonly publish: SubjectRights;
  readonly subscribe: SubjectRights;
  /** When the credentials end, in milliseconds from now. */
  readonly expiresInMs: number | undefined;
}

/** A user whom the server has not described. */
export interface UnknownUser {
  /** The user name that was given to connect; undefined for a token, a key or none. */
  readonly name: string | undefined;
  /** Why there is nothing: the server was not asked, or did not answer. */
  readonly reason: string;
  /** What to do about it, if that is known. */
  readonly hint?: string | undefined;
}

/** No allow list means: everything that is not denied. */
export interface SubjectRights {
  readonly allow: readonly string[] | undefined;
  readonly deny: readonly string[];
}

export type JetStreamFacts =
  | { readonly state: 'on'; readonly account: JetStreamAccount }
  | { readonly state: 'off' }
  | { readonly state: 'unknown'; readonly reason: string };

/** Limits of −1 mean: no limit. */
export interface JetStreamAccount {
  readonly streams: number;
  readonly maxStreams: number;
  readonly consumers: number;
  readonly maxConsumers: number;
  readonly storeBytes: number;
  readonly maxStoreBytes: number;
  readonly memoryBytes: number;
  readonly maxMemoryBytes: number;
}
