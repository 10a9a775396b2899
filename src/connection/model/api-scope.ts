import { parseSubjectPrefix } from '../../core/subject/subject-prefix.js';

/** Where JetStream is asked, and how long an answer may take. */
export interface JetStreamScope {
  /** Subject prefix of the API without the closing dot: `$JS.API`, `$JS.hub.API`, or whatever an account imports. */
  readonly apiPrefix: string;
  readonly timeoutMs: number;
  /** Subject prefix of what the server announces; absent: `$JS.EVENT`. */
  readonly eventPrefix?: string | undefined;
}

/** What the connected server announces of its own JetStream. */
export const USUAL_EVENT_PREFIX = '$JS.EVENT';

/** Of the server or account that one is connected to. */
export const USUAL_API_PREFIX = '$JS.API';

/**
 * Whether the API under this prefix is that of the connected server's own domain. Anything else is another domain's, or
 * another account's that is imported: it answers requests, and it must not be listened to. A subscription to a subject of
 * another domain makes a hub close the connection of the whole leaf node.
 *
 * @param serverDomain as the connected server's INFO has it
 */
export function isOwnApi(prefix: string, serverDomain: string | undefined): boolean {
  if (prefix === USUAL_API_PREFIX) return true;
  return serverDomain !== undefined && prefix === `$JS.${serverDomain}.API`;
}

/**
 * The API's subject prefix: the one that was given, else the domain's, else the server's own.
 *
 * @throws usage — no subject can begin so
 */
export function jetStreamApiPrefix(prefix: string | undefined, domain: string | undefined): string {
  if (prefix !== undefined) return parseSubjectPrefix(prefix, 'prefix of the JetStream API');
  return domain === undefined
    ? USUAL_API_PREFIX
    : `$JS.${parseSubjectPrefix(domain, 'JetStream domain')}.API`;
}

/** `err_code`s of a JetStream that is off; a server that has it off everywhere does not answer at all. */
export const JETSTREAM_OFF = { server: 10076, account: 10039 } as const;

/** Whether an answer's `err_code` means that JetStream is off. */
export function isOffCode(errCode: number | undefined): boolean {
  return errCode === JETSTREAM_OFF.server || errCode === JETSTREAM_OFF.account;
}
