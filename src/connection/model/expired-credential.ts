import { NatsxError } from '../../core/errors.js';
import { formatDurationMs } from '../../core/values/duration.js';
import type { Credentials } from './dial.js';

/**
 * Why these credentials cannot be accepted any more, when their JWT says so itself: to a new connection the server says
 * only that it refuses them.
 *
 * @param server where they were refused, without secrets
 * @param nowMs milliseconds since 1970
 */
export function expiredCredential(
  { jwt, source }: Credentials,
  server: string,
  nowMs: number,
): NatsxError | undefined {
  const expiryMs = jwt === undefined ? undefined : jwtExpiryMs(jwt);
  if (expiryMs === undefined || expiryMs > nowMs) return undefined;
  const expiredAt = new Date(expiryMs).toISOString();
  const ago = formatDurationMs(nowMs - expiryMs);
  const from = source === undefined ? '' : `: ${source}`;
  const message = `the credentials for ${server} expired ${ago} ago (${expiredAt})${from}`;
  return new NatsxError('auth', message, {
    hint: 'get new credentials for this user',
    details: { server, expired_at: expiredAt },
  });
}

/** When a JWT ends, in milliseconds since 1970; undefined when it does not say so, or cannot be read. */
export function jwtExpiryMs(jwt: string): number | undefined {
  const claims = claimsOf(jwt);
  const seconds = (claims as { readonly exp?: unknown } | null | undefined)?.exp;
  // 0 is what some tools write for "never"; a date holds no more than this.
  return typeof seconds === 'number' && seconds > 0 && seconds <= 8.64e12
    ? seconds * 1_000
    : undefined;
}

/** Whom a JWT is for: the public key of its user, and whether it is enough for that user without a signature. */
export function jwtUser(jwt: string): {
  readonly sub: string | undefined;
  readonly isBearer: boolean;
} {
  const claims = claimsOf(jwt) as
    | { readonly sub?: unknown; readonly nats?: { readonly bearer_token?: unknown } | null }
    | null
    | undefined;
  const sub = claims?.sub;
  return {
    sub: typeof sub === 'string' ? sub : undefined,
    isBearer: claims?.nats?.bearer_token === true,
  };
}

function claimsOf(jwt: string): unknown {
  const [, claims = ''] = jwt.split('.');
  try {
    return JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    return undefined;
  }
}
