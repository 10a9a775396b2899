import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';

const TOKEN_BYTES = 18;

/** 24 characters that nobody can guess, for the address of a page. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Compares in a time that does not depend on where two tokens differ. */
export function isSameToken(given: string, token: string): boolean {
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether an IP address can only be reached from this machine. */
export function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

/** What a server listens on, as far as names matter. */
export interface ListeningPlace {
  /** As the user gave it. */
  readonly host: string;
  /** The IP address that it was bound to. */
  readonly address: string;
  /** The name of this machine. */
  readonly machine: string;
}

const HOST = /^(?:\[([\da-f:.]+)\]|([^\s:/@[\]]+))(?::\d{1,5})?$/i;

/**
 * Whether the `Host` header names this server. A page elsewhere that lets its own name point to 127.0.0.1 (DNS
 * rebinding) sends that name. The port may differ, as behind `ssh -L`.
 */
export function isOwnHost(header: string | undefined, place: ListeningPlace): boolean {
  const [, bracketed, plain = ''] = HOST.exec(header ?? '') ?? [];
  const name = (bracketed ?? plain).toLowerCase().replace(/\.$/, '');
  if (name === '') return false;
  if (name === 'localhost' || name === place.host.toLowerCase() || name === place.address) {
    return true;
  }
  const isAddress = isIP(name) !== 0;
  if (!isWildcard(place.address)) return isAddress && isLoopback(name) && isLoopback(place.address);
  return isAddress || name === place.machine.toLowerCase();
}

/** What a request asks for, and the token that it has. */
export interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly isAllowed: boolean;
}

/**
 * Reads the target of a request. The token may be the first part of the path (`/TOKEN/api`), in the query
 * (`/api?token=TOKEN`), or a bearer token.
 *
 * @returns undefined for a target that is not a path
 */
export function targetOf(
  url: string,
  authorization: string | undefined,
  token: string,
): Target | undefined {
  if (!url.startsWith('/')) return undefined;
  const end = url.indexOf('?');
  const path = end === -1 ? url : url.slice(0, end);
  const query = new URLSearchParams(end === -1 ? '' : url.slice(end + 1));
  const [, first = '', rest] = /^\/([^/]*)(\/.*)?$/s.exec(path) ?? [];
  if (isSameToken(first, token)) return { path: rest ?? '', query, isAllowed: true };
  const [, bearer] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  const given = query.get('token') ?? bearer ?? '';
  return { path, query, isAllowed: isSameToken(given, token) };
}
