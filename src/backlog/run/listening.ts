import type { NatsConnection } from '@nats-io/transport-node';

import type { BacklogRequest } from '../model/request.js';
import {
  isOwnApi,
  USUAL_API_PREFIX,
  USUAL_EVENT_PREFIX,
} from '../../connection/model/api-scope.js';
import { listen, type Listener } from './reader/listener.js';
import type { LookupPlan } from './lookups.js';

type Port = Pick<NatsConnection, 'subscribe' | 'info'>;

/**
 * Listens to the advisories of a stream given by name; undefined if natsx does not listen, which is always so for another
 * domain or account. The caller stops it.
 */
export function startListening(port: Port, request: BacklogRequest): Listener | undefined {
  if (!wantsToListen(request) || prefixElsewhere(port, request) !== undefined) return undefined;
  const { stream, consumer, taps } = request;
  const pulls = request.namesClients === true && consumer !== undefined;
  // Requests under the domain's own prefix arrive under the usual one: the server maps them.
  return listen(port, {
    stream: stream ?? '*',
    consumer,
    apiPrefix: USUAL_API_PREFIX,
    eventPrefix: request.scope.eventPrefix ?? USUAL_EVENT_PREFIX,
    taps,
    pulls,
  });
}

export function wantsToListen({ stream, taps, coreOnly }: BacklogRequest): boolean {
  return !coreOnly && (stream !== undefined || taps);
}

/** The prefix of a JetStream that belongs to another domain or account than the connection; undefined for its own. */
export function prefixElsewhere(
  { info }: Pick<Port, 'info'>,
  { scope }: BacklogRequest,
): string | undefined {
  const { domain } = (info ?? {}) as { readonly domain?: string };
  const { apiPrefix, eventPrefix = USUAL_EVENT_PREFIX } = scope;
  if (!isOwnApi(apiPrefix, domain)) return apiPrefix;
  // $JS.hub.EVENT is another domain's, as $JS.hub.API is.
  const isOwnEvents = eventPrefix === USUAL_EVENT_PREFIX || !eventPrefix.startsWith('$JS.');
  return isOwnEvents ? undefined : eventPrefix;
}

/** What was heard so far. */
export function heardBy(
  listener: Listener | undefined,
): Pick<LookupPlan, 'advisories' | 'quiet' | 'taps' | 'pulls' | 'pullInboxes'> {
  if (listener === undefined) return { advisories: new Map(), taps: new Map() };
  return {
    advisories: listener.advisories(),
    quiet: listener.quiet(),
    taps: listener.taps(),
    pulls: listener.pulls(),
    pullInboxes: listener.pullInboxes(),
  };
}
