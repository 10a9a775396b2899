import { NatsxError } from '../errors.js';
import { formatDurationMs } from '../values/duration.js';
import type { Credentials } from './dial.js';

/**
 * Why these credentials cannot be accepted any more, when their JWT says so itself: to a new connection the server says
 * only that it refuses them.
 *
 * @param server where they were refused, without secrets
 * @param nowMs milliseconds since 1970
 */
export function expiredCredential(
  { jwt }: Credentials,
  server: string,
  nowMs: number,
): NatsxError | undefined {
  const expiryMs = jwt === undefined ? undefined : jwtExpiryMs(jwt);
  if (expiryMs === undefined || expiryMs > nowMs) return undefined;
  const expiredAt = new Date(expiryMs).toISOString();
  const ago = formatDurationMs(nowMs - expiryMs);
  return new NatsxError('auth', `the credentials for ${server} expired ${ago} ago (${expiredAt})`, {
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

function claimsOf(jwt: string): unknown {
  const [, claims = ''] = jwt.split('.');
  try {
    return JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    return undefined;
  }
}
