import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';

import type { AdvisoryFacts, PullFacts, TapFacts } from '../../model/series.js';
import { timeOf } from '../../../streams/run/api/samples.js';

type Port = Pick<NatsConnection, 'subscribe'>;

/** Passive listening during a window; ends by itself when enough was heard. */
export interface Listener {
  /** By `stream/consumer`, and by `stream` for changes of its consumers. */
  readonly advisories: () => ReadonlyMap<string, AdvisoryFacts>;
  /** The facts for consumers without advisories; undefined if advisories may not be heard. */
  readonly quiet: () => AdvisoryFacts | undefined;
  readonly taps: () => ReadonlyMap<string, TapFacts>;
  /** Pull requests by `stream/consumer`, also if only pull requests are observed. */
  readonly pulls: () => ReadonlyMap<string, PullFacts>;
  readonly pullInboxes: () => ReadonlyMap<string, readonly string[]>;
  /** Subjects that this user may not subscribe to. */
  readonly denied: () => readonly string[];
  /** The same for pull requests that are observed only to name the clients. */
  readonly pullsDenied: () => string | undefined;
  readonly stop: () => void;
}

export interface ListenPlan {
  readonly stream: string;
  /** Absent: all consumers of the stream. */
  readonly consumer?: string | undefined;
  readonly apiPrefix: string;
  /** The prefix of the server's advisories. */
  readonly eventPrefix: string;
  /** Acknowledgements and pull requests as well as advisories. */
  readonly taps: boolean;
  /** A few pulls, enough to name the clients. */
  readonly pulls?: boolean | undefined;
}

/** Enough for every statistic, and limits how long natsx listens to a busy consumer. */
const MOST_MESSAGES = 5_000;
/** Enough to know which clients pull. */
const MOST_PULLS = 500;

/** Never subscribes to a deliver subject: that would bind an unbound push consumer and take its messages. */
export function listen(connection: Port, plan: ListenPlan): Listener {
  const startMs = performance.now();
  const advisories = new Map<string, MutableAdvisories>();
  const taps = new Map<string, MutableTap>();
  const subscriptions: Subscription[] = [];
  const denied: string[] = [];
  const pulls = new Map<string, MutableTap>();
  let pullsDenied: string | undefined;
  const follow = (subject: string, take: (message: Msg) => void): void => {
    const callback = (error: Error | null, message: Msg): void => {
      if (error === null) take(message);
      else denied.push(subject);
    };
    subscriptions.push(connection.subscribe(subject, { callback, max: MOST_MESSAGES }));
  };
  const consumer = plan.consumer ?? '*';
  for (const kind of ['MSG_NAKED', 'MAX_DELIVERIES', 'MSG_TERMINATED']) {
    follow(`${plan.eventPrefix}.ADVISORY.CONSUMER.${kind}.${plan.stream}.${consumer}`, (message) =>
      takeAdvisory(advisories, kind, message),
    );
  }
  if (plan.consumer === undefined) {
    for (const kind of ['CREATED', 'DELETED']) {
      follow(`${plan.eventPrefix}.ADVISORY.CONSUMER.${kind}.${plan.stream}.*`, (message) =>
        takeChange(advisories, message),
      );
    }
  }
  const next = `${plan.apiPrefix}.CONSUMER.MSG.NEXT.${plan.stream}.${consumer}`;
  if (plan.taps) {
    follow(`$JS.ACK.${plan.stream}.${consumer}.>`, (message) => takeAck(taps, 2, message));
    follow(`$JS.ACK.*.*.${plan.stream}.${consumer}.>`, (message) => takeAck(taps, 4, message));
    follow(next, (message) => takePull(taps, message));
  } else if (plan.pulls === true) {
    // The entry exists even if no client pulls.
    pulls.set(`${plan.stream}/${consumer}`, newTap());
    const callback = (error: Error | null, message: Msg): void => {
      if (error === null) takePull(pulls, message);
      else pullsDenied = next;
    };
    subscriptions.push(connection.subscribe(next, { callback, max: MOST_PULLS }));
  }
  const durationMs = (): number => performance.now() - startMs;
  return {
    advisories: () =>
      mapValues(advisories, (one) => ({ ...one, ...topSeqs(one), durationMs: durationMs() })),
    quiet: () => {
      if (denied.length > 0) return undefined;
      const nothing = newAdvisories();
      return { ...nothing, ...topSeqs(nothing), durationMs: durationMs() };
    },
    taps: () => mapValues(taps, (one) => tapFacts(one, durationMs())),
    pulls: () => mapValues(pullsDenied === undefined ? pulls : new Map(), pullFacts),
    pullInboxes: () => mapValues(plan.taps ? taps : pulls, ({ inboxes }) => [...new Set(inboxes)]),
    denied: () => denied,
    pullsDenied: () => pullsDenied,
    stop: () => subscriptions.forEach((subscription) => subscription.unsubscribe()),
  };
}

interface MutableAdvisories {
  naked: number;
  readonly deletedUnackedMs: number[];
  changes: number;
  readonly nakedBySeq: Map<number, number>;
  readonly exhaustedSeqs: number[];
}

/** The reason in the advisory MSG_TERMINATED by which servers announce such a message; there is no other field for it. */
const DELETED_UNACKED = 'Unacknowledged message was deleted';

interface Advisory {
  readonly stream: string;
  readonly consumer: string;
  readonly stream_seq?: number;
  readonly reason?: string;
  readonly timestamp?: string;
}

function takeAdvisory(found: Map<string, MutableAdvisories>, kind: string, message: Msg): void {
  const advisory = parsed(message) as Advisory | undefined;
  if (advisory === undefined) return;
  const one = entry(found, `${advisory.stream}/${advisory.consumer}`, newAdvisories);
  const seq = advisory.stream_seq ?? 0;
  if (kind === 'MSG_NAKED') {
    one.naked += 1;
    one.nakedBySeq.set(seq, (one.nakedBySeq.get(seq) ?? 0) + 1);
  } else if (kind === 'MAX_DELIVERIES') one.exhaustedSeqs.push(seq);
  else if (advisory.reason === DELETED_UNACKED) {
    one.deletedUnackedMs.push(timeOf(advisory.timestamp) ?? Date.now());
  }
}

function takeChange(found: Map<string, MutableAdvisories>, message: Msg): void {
  const advisory = parsed(message) as Advisory | undefined;
  if (advisory !== undefined) entry(found, advisory.stream, newAdvisories).changes += 1;
}

function newAdvisories(): MutableAdvisories {
  return {
    naked: 0,
    deletedUnackedMs: [],
    changes: 0,
    nakedBySeq: new Map(),
    exhaustedSeqs: [],
  };
}

function topSeqs({ nakedBySeq }: MutableAdvisories): { readonly nakedSeqs: readonly number[] } {
  const sorted = [...nakedBySeq].toSorted(([, a], [, b]) => b - a);
  return { nakedSeqs: sorted.slice(0, 5).map(([seq]) => seq) };
}

interface MutableTap {
  acks: number;
  naks: number;
  delayedNaks: number;
  maxNakDelayMs: number | undefined;
  inProgress: number;
  /** Sequences of messages with an "in progress" that were not settled since. */
  readonly working: Set<number>;
  terms: number;
  lateAcks: number;
  readonly batches: number[];
  maxExpiresMs: number | undefined;
  minMaxBytes: number | undefined;
  /** Parts of inboxes that identify the clients, and the latest inboxes in full. */
  readonly clientParts: Set<string>;
  readonly inboxes: string[];
}

function newTap(): MutableTap {
  return {
    acks: 0,
    naks: 0,
    delayedNaks: 0,
    maxNakDelayMs: undefined,
    inProgress: 0,
    working: new Set(),
    terms: 0,
    lateAcks: 0,
    batches: [],
    maxExpiresMs: undefined,
    minMaxBytes: undefined,
    clientParts: new Set(),
    inboxes: [],
  };
}

/** @param at the index of the token with the stream's name: the newer form has domain and account before it */
function takeAck(found: Map<string, MutableTap>, at: number, message: Msg): void {
  const tokens = message.subject.split('.');
  const tap = entry(found, `${tokens[at] ?? ''}/${tokens[at + 1] ?? ''}`, newTap);
  const deliveries = Number(tokens[at + 2]);
  const seq = Number(tokens[at + 3]);
  const body = message.string();
  if (!body.startsWith('+WPI')) tap.working.delete(seq);
  if (body === '' || body.startsWith('+ACK') || body.startsWith('+NXT')) {
    tap.acks += 1;
    if (deliveries > 1) tap.lateAcks += 1;
  } else if (body.startsWith('-NAK')) {
    tap.naks += 1;
    const delayMs = nakDelayMs(body);
    if (delayMs > 0) {
      tap.delayedNaks += 1;
      tap.maxNakDelayMs = Math.max(tap.maxNakDelayMs ?? 0, delayMs);
    }
  } else if (body.startsWith('+WPI')) {
    tap.inProgress += 1;
    tap.working.add(seq);
  } else if (body.startsWith('+TERM')) tap.terms += 1;
}

function nakDelayMs(body: string): number {
  const delay = /"delay"\s*:\s*(\d+)/.exec(body)?.[1];
  return delay === undefined ? 0 : Number(delay) / 1e6;
}

interface Pull {
  readonly batch?: number;
  readonly expires?: number;
  readonly max_bytes?: number;
}

function takePull(found: Map<string, MutableTap>, message: Msg): void {
  const tokens = message.subject.split('.');
  const tap = entry(found, tokens.slice(-2).join('/'), newTap);
  const pull = (parsed(message) ?? {}) as Pull;
  tap.batches.push(pull.batch ?? 1);
  if (pull.expires !== undefined) {
    tap.maxExpiresMs = Math.max(tap.maxExpiresMs ?? 0, pull.expires / 1e6);
  }
  if (pull.max_bytes !== undefined && pull.max_bytes > 0) {
    tap.minMaxBytes = Math.min(tap.minMaxBytes ?? Infinity, pull.max_bytes);
  }
  const [prefix = '', id = ''] = (message.reply ?? '').split('.');
  tap.clientParts.add(`${prefix}.${UNIQUE_ID.test(id) ? id.slice(0, OWN_ID_PART) : id}`);
  if (tap.inboxes.push(`${prefix}.${id}`) > MOST_INBOXES) tap.inboxes.shift();
}

/** Some clients create an inbox for each pull request, with an increasing id; this part of it stays the same in a process. */
const OWN_ID_PART = 12;
const UNIQUE_ID = /^\w{22}$/;
/** Enough to name the clients of a consumer. */
const MOST_INBOXES = 64;

function tapFacts(tap: MutableTap, durationMs: number): TapFacts {
  const { acks, naks, delayedNaks, maxNakDelayMs, inProgress, terms, lateAcks } = tap;
  const { batches, clientParts } = tap;
  const sorted = batches.toSorted((a, b) => a - b);
  return {
    ...{ acks, naks, delayedNaks, maxNakDelayMs, inProgress, terms, lateAcks },
    ...pullFacts(tap),
    working: tap.working.size,
    durationMs,
    medianBatch: sorted[Math.floor((sorted.length - 1) / 2)],
    pullers: clientParts.size,
  };
}

function pullFacts({ batches, maxExpiresMs, minMaxBytes }: MutableTap): PullFacts {
  const maxBatch = batches.length === 0 ? undefined : Math.max(...batches);
  return { pulls: batches.length, maxBatch, maxExpiresMs, minMaxBytes };
}

function parsed(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}

function entry<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function mapValues<A, B>(
  map: ReadonlyMap<string, A>,
  change: (value: A) => B,
): ReadonlyMap<string, B> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
