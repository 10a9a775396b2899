import { formatDurationMs } from '../core/values/duration.js';
import { setTimeout as sleep } from 'node:timers/promises';

import type {
  Authenticator,
  ConnectionOptions,
  NatsConnection,
  TlsOptions,
} from '@nats-io/transport-node';
import {
  jwtAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from '@nats-io/transport-node';

import type { ConnectionPolicy } from './model/connection-policy.js';
import type { Credentials, DialOptions } from './model/dial.js';
import { NatsxError } from '../core/errors.js';
import { connectByTransport } from './client-protocol.js';
import { Patience } from './patience.js';
import { ServerLogins } from './server-logins.js';
import { translateConnectError, translateError } from './translate-error.js';

const MAX_BACKOFF_MS = 5_000;

/** An open client connection, watched. */
export interface Client {
  readonly connection: NatsConnection;
  /** What was proved to the server. */
  readonly credentials: () => Credentials;
  /** Aborts, with the reason, when the connection is lost for good. */
  readonly lost: AbortSignal;
  /** Errors that the server has reported on this connection, such as permission violations; grows. */
  readonly complaints: readonly NatsxError[];
  /** How often the connection was lost and found again. */
  readonly gaps: () => number;
  /** Sends what is left and closes, within a bounded time. */
  readonly close: () => Promise<void>;
}

/**
 * Connects the `@nats-io` client.
 *
 * @throws {NatsxError} connection — no server within the policy's patience; auth — refused
 * @throws the signal's reason when it aborts first
 */
export async function connectClient(
  dial: DialOptions,
  policy: ConnectionPolicy,
  signal: AbortSignal,
): Promise<Client> {
  const logins = new ServerLogins(dial);
  const connection = await connectPatiently(dial, logins, policy, signal);
  return watch(connection, policy, () => logins.credentials());
}

async function connectPatiently(
  dial: DialOptions,
  logins: ServerLogins,
  policy: ConnectionPolicy,
  signal: AbortSignal,
): Promise<NatsConnection> {
  const patience = new Patience(policy);
  for (;;) {
    signal.throwIfAborted();
    try {
      const opening = connectByTransport(clientOptions(dial, logins), logins, dial);
      return await unlessStopped(opening, signal);
    } catch (cause) {
      signal.throwIfAborted();
      const error = translateConnectError(cause, dial.servers.join(', '));
      if (error.kind !== 'connection' || !(await patience.pause(error.message, signal)))
        throw error;
    }
  }
}

/** A connection that opens after all is closed again. */
async function unlessStopped(
  opening: Promise<NatsConnection>,
  signal: AbortSignal,
): Promise<NatsConnection> {
  const settled = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true, signal: settled.signal });
  });
  try {
    return await Promise.race([opening, stopped]);
  } catch (error) {
    void opening.then(
      (connection) => connection.close(),
      () => undefined,
    );
    throw error;
  } finally {
    settled.abort();
  }
}

/** The client's options for a dial; a pure mapping but for the credentials, which are read at each attempt. */
export function clientOptions(dial: DialOptions, logins: ServerLogins): ConnectionOptions {
  let failures = 0;
  return {
    servers: [...dial.servers],
    name: dial.name,
    timeout: dial.timeoutMs,
    inboxPrefix: dial.inboxPrefix,
    maxReconnectAttempts: -1,
    // What the cluster advertises later has no detour.
    ...(dial.detours !== undefined && { ignoreClusterUpdates: true }),
    // The clients of a restarted server should not all reconnect at once.
    reconnectDelayHandler: () => {
      failures = Math.min(failures + 1, 8);
      const longestMs = dial.longestPauseMs ?? MAX_BACKOFF_MS;
      return Math.min(longestMs, 50 * 2 ** failures) * (0.5 + Math.random() / 2);
    },
    authenticator: authenticator(logins),
    tls: tlsOptions(dial),
  };
}

function authenticator(logins: ServerLogins): Authenticator {
  return (nonce) => {
    const { user, password, token, jwt, seed } = logins.credentials();
    const parts: Authenticator[] = [];
    if (user !== undefined) parts.push(usernamePasswordAuthenticator(user, password ?? ''));
    if (token !== undefined) parts.push(tokenAuthenticator(token));
    if (jwt !== undefined) parts.push(jwtAuthenticator(jwt, seed));
    else if (seed !== undefined) parts.push(nkeyAuthenticator(seed));
    return Object.assign(
      {},
      ...parts.map((part) => part(nonce) ?? {}),
    ) as ReturnType<Authenticator>;
  };
}

/** Null keeps the client from upgrading a connection that merely could be TLS; required TLS is upgraded anyway. */
function tlsOptions({ tls, tlsFirst }: DialOptions): TlsOptions | null {
  return tls === undefined
    ? null
    : ({ ...tls, ...(tlsFirst && { handshakeFirst: true }) } as TlsOptions);
}

function watch(
  connection: NatsConnection,
  policy: ConnectionPolicy,
  credentials: () => Credentials,
): Client {
  const lost = new AbortController();
  const complaints: NatsxError[] = [];
  const gap = new GapClock(policy, (error) => {
    lost.abort(error);
    void connection.close();
  });
  let closing = false;
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') gap.start(connection.getServer());
      else if (status.type === 'reconnect') gap.end(connection.getServer());
      else if (status.type === 'ldm') policy.onEvent({ type: 'lame-duck', server: status.server });
      else if (status.type === 'error') {
        const error = translateError(
          status.error,
          'the server reported an error',
          connection.getServer(),
        );
        complaints.push(error);
        policy.onEvent({ type: 'error', error });
      }
    }
  })();
  void connection.closed().then((reason) => {
    gap.stop();
    if (closing || lost.signal.aborted) return;
    const cause = reason ?? new NatsxError('connection', 'the connection was closed');
    lost.abort(translateConnectError(cause, connection.getServer()));
  });
  return {
    connection,
    credentials,
    lost: lost.signal,
    complaints,
    gaps: () => gap.count,
    close: async () => {
      closing = true;
      gap.stop();
      await closeWithin(connection, 1_000);
    },
  };
}

/** Measures how long the connection is away, and gives up when the policy's patience ends. */
class GapClock {
  count = 0;
  readonly #policy: ConnectionPolicy;
  readonly #giveUp: (error: NatsxError) => void;
  #sinceMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(policy: ConnectionPolicy, giveUp: (error: NatsxError) => void) {
    this.#policy = policy;
    this.#giveUp = giveUp;
  }

  start(server: string): void {
    if (this.#sinceMs !== undefined) return;
    this.count += 1;
    this.#sinceMs = performance.now();
    this.#policy.onEvent({ type: 'disconnected', server });
    const { giveUpAfterMs } = this.#policy;
    if (giveUpAfterMs === undefined) return;
    const wait =
      giveUpAfterMs > 0 ? ` and was not restored within ${formatDurationMs(giveUpAfterMs)}` : '';
    const error = new NatsxError('connection', `the connection to ${server} was lost${wait}`, {
      hint: 'look at the server; --timeout or --give-up-after sets how long to wait',
    });
    this.#timer = setTimeout(() => this.#giveUp(error), giveUpAfterMs);
  }

  end(server: string): void {
    if (this.#sinceMs === undefined) return;
    const gapMs = performance.now() - this.#sinceMs;
    this.stop();
    this.#policy.onEvent({ type: 'reconnected', server, gapMs });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#sinceMs = undefined;
  }
}

/** Draining waits for the server, which may be gone. */
async function closeWithin(connection: NatsConnection, limitMs: number): Promise<void> {
  if (connection.isClosed()) return;
  const limit = new AbortController();
  const timer = sleep(limitMs, undefined, { signal: limit.signal }).catch(() => undefined);
  await Promise.race([connection.drain().catch(() => undefined), timer]);
  limit.abort();
  if (!connection.isClosed()) await connection.close();
}
