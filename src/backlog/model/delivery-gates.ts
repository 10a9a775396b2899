import { clientName, type ConsumerFacts } from './consumer-facts.js';
import { agree, formatCount, plural, howOften } from '../../core/wording.js';
import { heardPulls, sinceDeliveryMs } from './rules/consumer-reading.js';
import { formatDurationMs } from '../../core/values/duration.js';

/** One thing that delivery needs. `unknown`: the server's data does not decide it. */
export interface DeliveryGate {
  readonly id:
    | 'not_paused'
    | 'client_asks'
    | 'client_subscribes'
    | 'places_in_flight'
    | 'something_to_deliver'
    | 'no_pin'
    | 'no_rate_limit'
    | 'replay_at_once';
  readonly label: string;
  readonly state: 'yes' | 'no' | 'unknown';
  /** May be empty. */
  readonly detail: string;
}

/** The server's own order: the first closed gate is what holds delivery back. */
export function deliveryGates(facts: ConsumerFacts): readonly DeliveryGate[] {
  const { last } = facts;
  const { config } = last;
  const pinned = last.priorityGroups.some(({ pinnedClientId }) => pinnedClientId !== undefined);
  return [
    gate('not_paused', 'not paused', !last.paused),
    config.deliverSubject === undefined ? clientAsks(facts) : clientSubscribes(facts),
    placesInFlight(facts),
    somethingToDeliver(facts),
    gate('no_pin', 'no client is pinned', !pinned, config.priorityPolicy),
    gate('no_rate_limit', 'no rate limit', config.rateLimitBitsPerS === undefined),
    gate('replay_at_once', 'replay at once', !config.replayOriginal),
  ];
}

function gate(id: DeliveryGate['id'], label: string, open: boolean, detail = ''): DeliveryGate {
  return { id, label, state: open ? 'yes' : 'no', detail };
}

/** A busy worker has no waiting pull request, so none waiting is `no` only if nothing else moves either. */
function clientAsks(facts: ConsumerFacts): DeliveryGate {
  const { last, motion } = facts;
  const base = { id: 'client_asks', label: 'pull request open' } as const;
  const { maxWaiting } = last.config;
  if (last.waiting > 0) {
    const verb = agree(last.waiting, 'is', 'are');
    const detail = `${plural(last.waiting, 'pull request')} of ${formatCount(maxWaiting)} ${verb} waiting`;
    return { ...base, state: 'yes', detail };
  }
  const none = 'no pull request is waiting';
  const works = last.ackPending > 0 || (motion?.deliveries ?? 0) > 0;
  const heard = heardPulls(facts)?.pulls ?? 0;
  const noneAsks = last.pending > 0 && !works && heard === 0 && motion !== undefined;
  return {
    ...base,
    state: noneAsks ? 'no' : 'unknown',
    detail: `${none}${lastSign(facts, heard)}`,
  };
}

function lastSign(facts: ConsumerFacts, heard: number): string {
  const { serving = [], puller } = facts.clients;
  const [client] = serving;
  const who = client === undefined ? puller?.name : clientName(client);
  if (heard > 0) return `; ${who ?? 'a client'} pulled ${howOften(heard)} in this window`;
  const since = sinceDeliveryMs(facts);
  if (since === undefined) {
    const isNew = facts.last.delivered.consumerSeq === 0;
    return isNew ? '; nothing was ever delivered' : '; the server does not remember a delivery';
  }
  return `; the last delivery was ${formatDurationMs(since)} ago`;
}

function clientSubscribes({ last }: ConsumerFacts): DeliveryGate {
  return gate(
    'client_subscribes',
    'a client subscribes',
    last.pushBound,
    last.config.deliverSubject,
  );
}

function placesInFlight({ last }: ConsumerFacts): DeliveryGate {
  const ceiling = last.config.maxAckPending ?? Infinity;
  const most = Number.isFinite(ceiling) ? formatCount(ceiling) : 'unlimited';
  const detail = `${formatCount(last.ackPending)} of ${most}`;
  return gate('places_in_flight', 'places in flight', last.ackPending < ceiling, detail);
}

/** Without pending messages there is nothing to deliver, or all of it is with the workers. */
function somethingToDeliver({ last }: ConsumerFacts): DeliveryGate {
  const base = { id: 'something_to_deliver', label: 'something to deliver' } as const;
  if (last.pending > 0)
    return { ...base, state: 'yes', detail: `${formatCount(last.pending)} pending` };
  const rest = last.ackPending > 0 ? `, ${formatCount(last.ackPending)} in flight` : '';
  return { ...base, state: 'unknown', detail: `nothing is pending${rest}` };
}
