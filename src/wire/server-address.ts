import { usageError } from '../core/errors.js';

/** Where to connect to. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** The scheme asks for TLS. */
  readonly secure: boolean;
  /** `host:port`, safe to print. */
  readonly label: string;
  /** Which of the configured servers it is, or was advertised by: their logins differ. */
  readonly place: number;
  /** The name that the server's certificate must carry, where it is not the host. */
  readonly certificateName?: string | undefined;
}

const DEFAULT_PORT = 4222;

/**
 * Reads `nats://host:port`, `tls://host:port` or bare `host[:port]`; user info is ignored and never printed.
 *
 * @param place of the server among those that are configured
 * @throws {NatsxError} usage: another scheme, no host, or a port out of range.
 */
export function parseServerAddress(url: string, place = 0): ServerAddress {
  const match =
    /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:[^@/]*@)?(\[[^\]]+\]|[^:/?#[\]\s]*)(?::(\d+))?\/?$/i.exec(
      url.trim(),
    );
  const scheme = (match?.[1] ?? 'nats').toLowerCase();
  if (match === null || !['nats', 'tls'].includes(scheme)) {
    throw usageError(
      `invalid server address ${JSON.stringify(withoutUserInfo(url))}`,
      'write nats://host:port or tls://host:port',
    );
  }
  const host = (match[2] ?? '').replace(/^\[|\]$/g, '') || '127.0.0.1';
  const port = match[3] === undefined ? DEFAULT_PORT : Number(match[3]);
  if (port < 1 || port > 65_535) {
    throw usageError(`invalid port in server address ${JSON.stringify(withoutUserInfo(url))}`);
  }
  const label = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return { host, port, secure: scheme === 'tls', label, place };
}

function withoutUserInfo(url: string): string {
  return url.replace(/[^/]*@/, '');
}
