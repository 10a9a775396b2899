import { parseSubjectPrefix } from '../subject/subject-prefix.js';

/** Where JetStream is asked, and how long an answer may take. */
export interface JetStreamScope {
  /** Subject prefix of the API without the closing dot: `$JS.API`, `$JS.hub.API`, or whatever an account imports. */
  readonly apiPrefix: string;
  readonly timeoutMs: number;
}

/** Of the server or account that one is connected to. */
export const USUAL_API_PREFIX = '$JS.API';

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
