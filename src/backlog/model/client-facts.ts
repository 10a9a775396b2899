import { lowerMedian } from '../../core/statistics/statistics.js';
import {
  lastSignsOf,
  stoppedEarlier,
  heldBy,
  wasListening,
  type LastSigns,
} from './client-holder.js';
import { silentMembersOf, pullerOf, receiverOf, type ConnectionTraffic } from './client-traffic.js';
import { clientName, type ClientFacts, type ServingClient } from './consumer-facts.js';
import type { ConsumerSeries, CoreSeries } from './series.js';
import type { ClosedConnection, ConnectionSample } from '../../streams/model/snapshot.js';

const OWN_NAMES = ['natsx backlog', 'natsx history', 'natsx bundle'];

/** Connections of this command, which are not workers. */
export function isOwnConnection(name: string): boolean {
  return OWN_NAMES.some((own) => name.startsWith(own));
}

/** What all consumers share: computed once, because it goes through every connection. */
export interface ClientIndex {
  readonly open: readonly ConnectionSample[] | undefined;
  readonly closed: readonly ClosedConnection[];
  /** The server reports closed connections, so one that is not among them is open. */
  readonly seesClosed: boolean;
  readonly medianRttMs: number | undefined;
  readonly serverUpMs: number | undefined;
  /** Connections that were there at both ends of the window. */
  readonly traffic: readonly ConnectionTraffic[];
  /** Those of them with nothing in or out. */
  readonly silent: readonly ConnectionSample[];
}

export function clientIndex(core: CoreSeries): ClientIndex {
  const first = core.open?.[0] ?? [];
  const open = core.open?.at(-1)?.filter(({ name }) => !isOwnConnection(name));
  const before = new Map(first.map((sample) => [keyOf(sample), sample]));
  const traffic = (open ?? []).flatMap((last) => {
    const earlier = before.get(keyOf(last));
    return earlier === undefined ? [] : [trafficOf(earlier, last)];
  });
  const closed = (core.closed ?? []).filter(({ name }) => !isOwnConnection(name));
  return {
    open,
    seesClosed: (core.closed ?? []).length > 0,
    closed: closed.toSorted((a, b) => b.stopMs - a.stopMs),
    medianRttMs: lowerMedian(
      (open ?? []).flatMap(({ rttMs }) => (rttMs === undefined ? [] : [rttMs])),
    ),
    serverUpMs: longestUpMs(open ?? []),
    traffic,
    silent: traffic.filter(({ got, sent }) => got === 0 && sent === 0).map(({ last }) => last),
  };
}

function trafficOf(before: ConnectionSample, last: ConnectionSample): ConnectionTraffic {
  return {
    last,
    seconds: (last.atMs - before.atMs) / 1000,
    got: last.outMessages - before.outMessages,
    sent: last.inMessages - before.inMessages,
  };
}

function longestUpMs(open: readonly ConnectionSample[]): number | undefined {
  const times = open.flatMap(({ atMs, startMs }) =>
    startMs === undefined ? [] : [atMs - startMs],
  );
  return times.length === 0 ? undefined : Math.max(...times);
}

/**
 * The server does not report which client works on a pull consumer. Traffic shows it: a connection that fell silent at
 * the consumer's last delivery, or one whose counts match the consumer's. A push consumer's clients are those that
 * subscribe to its deliver subject. If two match, none is named.
 *
 * @param subjects of the stream
 */
export function clientFactsFor(
  series: ConsumerSeries,
  index: ClientIndex,
  subjects: readonly string[],
): ClientFacts {
  const last = series.samples.at(-1);
  const deliver = last?.config.deliverSubject;
  const signs = deliver === undefined ? lastSignsOf(last, subjects) : undefined;
  return {
    open: index.open?.length,
    medianRttMs: index.medianRttMs,
    serverUpMs: index.serverUpMs,
    ...pullersOf(series, index),
    ...(signs === undefined ? {} : holdersFor(signs, index)),
    ...(deliver === undefined ? trafficFacts(series, index) : subscribersOf(deliver, index)),
  };
}

function holdersFor(
  signs: LastSigns,
  { open, closed, silent, seesClosed }: ClientIndex,
): ClientFacts {
  const closedSince = closed.filter(({ stopMs }) => stopMs >= signs.deliveredMs);
  // Judged together: a closed connection that owes messages is likelier than a silent one that does not.
  const stopped = new Set(heldBy([...silent, ...closedSince], signs));
  const holders = silent.filter((connection) => stopped.has(connection));
  const gone = closedSince.filter((connection) => stopped.has(connection));
  const [holder] = holders;
  const alone = holder !== undefined && holders.length === 1;
  return {
    stoppedHolders: holders.map(clientName),
    ...(alone && {
      holderReceived: holder.outMessages,
      earlierHolders: stoppedEarlier(silent, holder, signs).map(clientName),
    }),
    holderIsOpen: open?.some((connection) => wasListening(connection, signs)),
    noneLeft: seesClosed && closedSince.every(({ startMs = 0 }) => startMs > signs.deliveredMs),
    lastClosed: gone.length === 1 ? closedFact(gone[0]) : undefined,
  };
}

function subscribersOf(deliver: string, { open, closed, traffic }: ClientIndex): ClientFacts {
  const own = open?.filter(({ subscriptions }) => subscriptions.includes(deliver));
  return {
    serving: own?.map(servingClient),
    subscriberPendingBytes: own?.[0]?.pendingBytes,
    silentMembers: silentMembersOf(traffic, deliver),
    lastClosed: closedFact(closed.find(({ subscriptions }) => subscriptions.includes(deliver))),
  };
}

function trafficFacts(
  { samples }: ConsumerSeries,
  { traffic }: ClientIndex,
): Pick<ClientFacts, 'puller' | 'receiver'> {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return {};
  return {
    puller: pullerOf(traffic, first, last),
    receiver: receiverOf(traffic, first, last),
  };
}

/** A pull request names its reply subject; the client that subscribes there has sent it. */
function pullersOf(
  { lookups }: ConsumerSeries,
  { open = [] }: ClientIndex,
): Pick<ClientFacts, 'serving' | 'pullerRttMs'> {
  const inboxes = lookups?.pullInboxes ?? [];
  if (inboxes.length === 0) return {};
  const own = open.filter(({ subscriptions }) =>
    subscriptions.some((subject) => inboxes.some((inbox) => subject.startsWith(inbox))),
  );
  const rtts = own.flatMap(({ rttMs }) => (rttMs === undefined ? [] : [rttMs]));
  return { serving: own.map(servingClient), pullerRttMs: lowerMedian(rtts) };
}

function closedFact(found: ClosedConnection | undefined): ClientFacts['lastClosed'] {
  return found && { name: found.name || found.address, reason: found.reason, stopMs: found.stopMs };
}

function servingClient({ name, address, rttMs }: ConnectionSample): ServingClient {
  return { name, address, rttMs };
}

export function keyOf({ server, cid }: { readonly server: string; readonly cid: number }): string {
  return `${server}/${String(cid)}`;
}
