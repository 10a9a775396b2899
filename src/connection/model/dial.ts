/**
 * Everything that is needed to open a connection, with every file read and every default applied.
 * Both engines (the client in `connection/` and the wire) dial from this one value, so that settings and
 * authentication have one source.
 */
export interface DialOptions {
  /** `nats://host:port` or `tls://host:port`, without user info; at least one. Tried in random order. */
  readonly servers: readonly string[];
  /** The connection's name as the server's operators see it. */
  readonly name: string;
  /**
   * What is proved to the server at this place of `servers`; one that the cluster advertised gets what was proved to
   * the server that advertised it. Read for each connection attempt, so that a rotated credentials file takes effect on
   * reconnect.
   *
   * @param place the first one by default
   */
  readonly credentials: (place?: number) => Credentials;
  /** Present when the user asked for TLS or named TLS files; a server that requires TLS gets it in any case. */
  readonly tls: TlsMaterial | undefined;
  /** Start the TLS handshake before the server's INFO. */
  readonly tlsFirst: boolean;
  /** Prefix of reply subjects, without the closing dot; `_INBOX` by default. */
  readonly inboxPrefix: string;
  /** How long one connection attempt may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Servers that are reached by another way; if there are any, all other servers are left out. */
  readonly detours?: readonly Detour[] | undefined;
  /** The longest pause between two attempts to reconnect, in milliseconds; 5s by default. */
  readonly longestPauseMs?: number | undefined;
}

/** A server that is reached on a port of this machine; its name, its certificate and its login stay its own. */
export interface Detour {
  /** `host:port` of the server, as it would be dialled. */
  readonly server: string;
  /** On 127.0.0.1. */
  readonly port: number;
}

/** The detour to a server; undefined if there is none. */
export function detourTo(
  { detours }: Pick<DialOptions, 'detours'>,
  server: string,
): Detour | undefined {
  return detours?.find((detour) => detour.server.toLowerCase() === server.toLowerCase());
}

/** What is proved to the server. All parts are optional; an empty object connects without authentication. */
export interface Credentials {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  readonly jwt?: string | undefined;
  /** Seed of an NKEY (`SU…`), encoded as text bytes; signs the server's nonce. */
  readonly seed?: Uint8Array | undefined;
  /** Where the JWT comes from, for errors: `the credentials file "a.creds" of --creds`. */
  readonly source?: string | undefined;
}

/** PEM texts. */
export interface TlsMaterial {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}
