import { usageError } from '../../core/errors.js';

/** Who one is to one server: a user with a password, or a token. As typed, escapes read. */
export interface UrlLogin {
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}

export interface ServerUrl {
  /** `nats://host:port` or `tls://host:port`. */
  readonly url: string;
  readonly login?: UrlLogin;
}

/**
 * Reads a comma-separated list of servers. The scheme may be missing (`demo.nats.io`), the port is 4222 by default.
 *
 * @throws {NatsxError} usage — an empty entry, an unknown scheme, a port that is not a number, a login that cannot be
 * read
 */
export function parseServers(text: string): readonly ServerUrl[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length === 0) {
    throw usageError('the server list is empty', 'give a URL such as nats://127.0.0.1:4222');
  }
  return entries.map((entry, at) => {
    try {
      return parseServer(entry);
    } catch (error) {
      // What precedes a comma may be the first half of a password.
      if (entry.includes('@') || !entries.slice(at + 1).some(isSecondHalf)) throw error;
      throw usageError(
        'the server list cannot be read: commas separate servers',
        'in a user name or a password write %2C for a comma',
      );
    }
  });
}

function isSecondHalf(entry: string): boolean {
  return entry.includes('@') && !entry.includes('://');
}

/** `host:port` of a server URL of {@link parseServers}, by which two servers are compared. */
export function hostAndPort(url: string): string {
  return url.replace(/^[a-z]+:\/\//i, '').toLowerCase();
}

function parseServer(entry: string): ServerUrl {
  const [scheme, rest] = entry.includes('://') ? splitScheme(entry) : ['nats', entry];
  if (scheme !== 'nats' && scheme !== 'tls') {
    throw usageError(
      `the server scheme "${scheme}" is not supported`,
      'use nats://host:port or tls://host:port',
    );
  }
  // Read by hand: the URL class changes what it finds in a user name or a password.
  const at = rest.lastIndexOf('@');
  const [userInfo, place] = [rest.slice(0, Math.max(0, at)), rest.slice(at + 1)];
  const url = /[/?#]/.test(userInfo) ? undefined : parseHttpLike(place);
  if (url === undefined || url.hostname === '' || hasMoreThanAnOrigin(url)) {
    throw notAServer(scheme, rest);
  }
  const port = url.port === '' ? (/:80\/?$/.test(place) ? '80' : '4222') : url.port;
  const login = loginOf(userInfo, `${scheme}://…@${place}`);
  return { url: `${scheme}://${url.hostname}:${port}`, ...(login === undefined ? {} : { login }) };
}

function notAServer(scheme: string, rest: string): Error {
  if (rest.includes('@')) {
    return usageError(
      `the server URL "${scheme}://…@${rest.replace(/^.*@/s, '')}" cannot be read`,
      'in its user name and password write %2F for /, %3F for ?, %23 for #, %40 for @ and %3A for :',
    );
  }
  const isBareIpv6 = /^[\da-f]*:[\da-f]*:[\da-f:.]*$/i.test(rest);
  return usageError(
    `"${scheme}://${rest}" is not a server URL`,
    isBareIpv6
      ? `write an IPv6 address in brackets: ${scheme}://[${rest}]:4222`
      : 'give a URL such as nats://127.0.0.1:4222',
  );
}

function splitScheme(entry: string): [string, string] {
  const at = entry.indexOf('://');
  return [entry.slice(0, at).toLowerCase(), entry.slice(at + 3)];
}

/** The URL class knows ports and IPv6, but only for schemes that it calls special. */
function parseHttpLike(place: string): URL | undefined {
  try {
    return new URL(`http://${place}`);
  } catch {
    return undefined;
  }
}

/** A path, a query or a fragment; most often a password with a `/`, `?` or `#` that was not escaped. */
function hasMoreThanAnOrigin(url: URL): boolean {
  const hasPath = url.pathname !== '/' && url.pathname !== '';
  return hasPath || url.search !== '' || url.hash !== '' || url.username !== '';
}

/** A user name alone is a token, as every NATS client reads it; an empty password is one. */
function loginOf(userInfo: string, shown: string): UrlLogin | undefined {
  if (userInfo === '') return undefined;
  const colon = userInfo.indexOf(':');
  if (colon === 0) {
    throw usageError(
      `the server URL "${shown}" has a password and no user name`,
      'a login in a URL is a user name, a colon and a password, or a token alone',
    );
  }
  if (colon < 0) return { token: unescaped(userInfo, shown) };
  return {
    user: unescaped(userInfo.slice(0, colon), shown),
    password: unescaped(userInfo.slice(colon + 1), shown),
  };
}

const ESCAPE = /%[\da-f]{2}/i;

/** Percent signs that escape nothing are literal; next to escapes they are ambiguous. */
function unescaped(text: string, shown: string): string {
  if (!ESCAPE.test(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw usageError(
      `the user name or password of the server URL "${shown}" cannot be read: one of its percent signs escapes nothing`,
      'write %25 for a percent sign',
    );
  }
}
