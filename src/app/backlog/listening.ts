import type { NatsConnection } from '@nats-io/transport-node';

import type { BacklogRequest } from '../../domain/backlog/request.js';
import { listen, type Listener } from '../../nats/backlog/listener.js';
import type { LookupPlan } from './lookups.js';

/** Listens to what is announced of a named stream; undefined where nothing is listened to. The caller stops it. */
export function startListening(
  port: Pick<NatsConnection, 'subscribe'>,
  request: BacklogRequest,
): Listener | undefined {
  const { stream, consumer, taps, scope, coreOnly } = request;
  if (coreOnly || (stream === undefined && !taps)) return undefined;
  const pulls = request.namesClients === true && consumer !== undefined;
  return listen(port, { stream: stream ?? '*', consumer, apiPrefix: scope.apiPrefix, taps, pulls });
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
