/** Where JetStream is asked, and how long an answer may take. */
export interface JetStreamScope {
  /** Subject prefix of the API without the closing dot: `$JS.API`, `$JS.hub.API`, or whatever an account imports. */
  readonly apiPrefix: string;
  readonly timeoutMs: number;
}

/** The API's subject prefix: the one that was given, else the domain's, else the server's own. */
export function jetStreamApiPrefix(prefix: string | undefined, domain: string | undefined): string {
  if (prefix !== undefined) return prefix.replace(/\.$/, '');
  return domain === undefined ? '$JS.API' : `$JS.${domain}.API`;
}
