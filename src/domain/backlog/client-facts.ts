import type { ClientFacts } from './consumer-facts.js';
import type { ConsumerSeries, CoreSeries } from './series.js';
import type { ClosedConnection, ConnectionSample } from './snapshot.js';

/**
 * The server notes the traffic of a connection right after the delivery, a millisecond or two later. Others that
 * happened to be busy then, such as the publisher, were so a little before, or are still.
 */
const BEFORE_DELIVERY_MS = 1;
const AFTER_DELIVERY_MS = 10;
/** The same for a connection that got more than it sent by about what is in flight: that is hardly a coincidence. */
const AFTER_DELIVERY_OWING_MS = 100;

/** Connections of this command; they are nobody's worker. */
export function isOwnConnection(name: string): boolean {
  return name.startsWith('natsx backlog');
}

/** What all consumers share: made once, because it walks over every connection. */
export interface ClientIndex {
  readonly open: readonly ConnectionSample[] | undefined;
  readonly closed: readonly ClosedConnection[];
  readonly medianRttMs: number | undefined;
  /** By server and cid: nothing went in or out during the window. */
  readonly silent: ReadonlySet<string>;
}

export function clientIndex(core: CoreSeries): ClientIndex {
  const first = core.open?.[0] ?? [];
  const open = core.open?.at(-1)?.filter(({ name }) => !isOwnConnection(name));
  const before = new Map(first.map((sample) => [keyOf(sample), sample]));
  const silent = new Set<string>();
  for (const sample of open ?? []) {
    const earlier = before.get(keyOf(sample));
    if (earlier?.inMessages === sample.inMessages && earlier.outMessages === sample.outMessages) {
      silent.add(keyOf(sample));
    }
  }
  const closed = (core.closed ?? []).filter(({ name }) => !isOwnConnection(name));
  return {
    open,
    closed: closed.toSorted((a, b) => b.stopMs - a.stopMs),
    medianRttMs: median((open ?? []).flatMap(({ rttMs }) => (rttMs === undefined ? [] : [rttMs]))),
    silent,
  };
}

/**
 * The server does not say which client works on a pull consumer. Two things give it away: a connection whose last
 * traffic was the consumer's last delivery, and for a push consumer the subscription to its deliver subject.
 */
export function clientFactsFor(series: ConsumerSeries, index: ClientIndex): ClientFacts {
  const last = series.samples.at(-1);
  const deliver = last?.config.deliverSubject;
  const lastDelivery = last?.delivered.lastActiveMs;
  const lastAck = last?.ackFloor.lastActiveMs;
  const subscriber =
    deliver === undefined
      ? undefined
      : index.open?.find(({ subscriptions }) => subscriptions.includes(deliver));
  const holder =
    deliver === undefined && lastDelivery !== undefined
      ? holderOf(
          { deliveredMs: lastDelivery, ackedMs: lastAck, inFlight: last?.ackPending ?? 0 },
          index,
        )
      : undefined;
  return {
    open: index.open?.length,
    stoppedHolder: holder === undefined ? undefined : describe(holder),
    lastClosed: lastClosedFor(deliver, lastDelivery, index.closed),
    medianRttMs: index.medianRttMs,
    ...pullersOf(series, index),
    subscriberPendingBytes: subscriber?.pendingBytes,
  };
}

/** A pull says where its answer goes; whoever listens there has sent it. */
function pullersOf(
  { extras }: ConsumerSeries,
  { open = [] }: ClientIndex,
): Pick<ClientFacts, 'pullers' | 'pullerRttMs'> {
  const inboxes = extras?.tap?.pullInboxes ?? [];
  if (inboxes.length === 0) return {};
  const own = open.filter(({ subscriptions }) =>
    subscriptions.some((subject) => inboxes.some((inbox) => subject.startsWith(inbox))),
  );
  const rtts = own.flatMap(({ rttMs }) => (rttMs === undefined ? [] : [rttMs]));
  return { pullers: own.map(describe), pullerRttMs: median(rtts) };
}

interface LastSigns {
  readonly deliveredMs: number;
  readonly ackedMs: number | undefined;
  readonly inFlight: number;
}

/** A silent connection that stopped right at the last delivery or acknowledgement: one that owes messages, the nearest. */
function holderOf(
  signs: LastSigns,
  { open = [], silent }: ClientIndex,
): ConnectionSample | undefined {
  const distance = ({ lastActivityMs = 0 }: ConnectionSample): number =>
    Math.min(
      Math.abs(lastActivityMs - signs.deliveredMs),
      Math.abs(lastActivityMs - (signs.ackedMs ?? signs.deliveredMs)),
    );
  return open
    .filter(
      (sample) =>
        silent.has(keyOf(sample)) &&
        sample.subscriptionCount > 0 &&
        (sample.startMs ?? 0) <= signs.deliveredMs &&
        stoppedAt(sample, signs),
    )
    .toSorted(
      (a, b) => Number(owes(b, signs)) - Number(owes(a, signs)) || distance(a) - distance(b),
    )[0];
}

function stoppedAt(sample: ConnectionSample, signs: LastSigns): boolean {
  const mostMs = owes(sample, signs) ? AFTER_DELIVERY_OWING_MS : AFTER_DELIVERY_MS;
  const { deliveredMs, ackedMs } = signs;
  if (isWithin(sample, deliveredMs, mostMs)) return true;
  // Some of the batch was done before it stopped: then its last word is its last acknowledgement.
  return ackedMs !== undefined && ackedMs > deliveredMs && isWithin(sample, ackedMs, mostMs);
}

function owes({ outMessages, inMessages }: ConnectionSample, { inFlight }: LastSigns): boolean {
  return outMessages - inMessages >= Math.max(1, inFlight / 2);
}

function isWithin({ lastActivityMs }: ConnectionSample, fromMs: number, mostMs: number): boolean {
  if (lastActivityMs === undefined) return false;
  const afterMs = lastActivityMs - fromMs;
  return afterMs >= -BEFORE_DELIVERY_MS && afterMs <= mostMs;
}

function lastClosedFor(
  deliver: string | undefined,
  lastDelivery: number | undefined,
  closed: readonly ClosedConnection[],
): ClientFacts['lastClosed'] {
  const found = closed.find(({ subscriptions, startMs, stopMs, subscriptionCount }) =>
    deliver === undefined
      ? lastDelivery !== undefined &&
        stopMs >= lastDelivery &&
        (startMs ?? 0) <= lastDelivery &&
        subscriptionCount + subscriptions.length > 0
      : subscriptions.includes(deliver),
  );
  return found && { name: found.name || found.address, reason: found.reason, stopMs: found.stopMs };
}

function describe({ name, address }: ConnectionSample): string {
  return name === '' ? address : `${name} (${address})`;
}

export function keyOf({ server, cid }: { readonly server: string; readonly cid: number }): string {
  return `${server}/${String(cid)}`;
}

/** Undefined for none. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
