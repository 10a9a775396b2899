/** Something that the server announced between two readings, or that was asked of it. */
export interface Announcement {
  /** By the server's clock. */
  readonly atMs: number;
  readonly kind: EventKind;
  readonly stream: string;
  readonly consumer?: string | undefined;
  /** How often, where many of the same are counted together. */
  readonly count: number;
  /** The new leader. */
  readonly leader?: string | undefined;
  /** A message that it was about; the first of those that are counted together. */
  readonly seq?: number | undefined;
}

export type EventKind =
  | 'stream_created'
  | 'stream_updated'
  | 'stream_deleted'
  | 'consumer_created'
  | 'consumer_updated'
  | 'consumer_deleted'
  | 'leader_elected'
  | 'leader_stepdown'
  | 'peer_removed'
  | 'quorum_lost'
  | 'max_deliveries'
  | 'message_refused'
  | 'message_terminated';

/** What the server announces: the end of the subject, and what it is called here. */
export const ANNOUNCEMENTS: readonly (readonly [subject: string, kind: EventKind])[] = [
  ['STREAM.CREATED.*', 'stream_created'],
  ['STREAM.UPDATED.*', 'stream_updated'],
  ['STREAM.DELETED.*', 'stream_deleted'],
  ['STREAM.LEADER_ELECTED.*', 'leader_elected'],
  ['STREAM.QUORUM_LOST.*', 'quorum_lost'],
  ['CONSUMER.CREATED.*.*', 'consumer_created'],
  ['CONSUMER.UPDATED.*.*', 'consumer_updated'],
  ['CONSUMER.DELETED.*.*', 'consumer_deleted'],
  ['CONSUMER.LEADER_ELECTED.*.*', 'leader_elected'],
  ['CONSUMER.QUORUM_LOST.*.*', 'quorum_lost'],
  ['CONSUMER.MAX_DELIVERIES.*.*', 'max_deliveries'],
  ['CONSUMER.MSG_NAKED.*.*', 'message_refused'],
  ['CONSUMER.MSG_TERMINATED.*.*', 'message_terminated'],
];

/**
 * Requests that move a leader by plan: the end of the subject, and what it is called here. The server does not announce
 * them, except in its audit of all requests, which has the answers as well and costs far more.
 */
export const PLANNED_MOVES: readonly (readonly [subject: string, kind: EventKind])[] = [
  ['STREAM.LEADER.STEPDOWN.*', 'leader_stepdown'],
  ['CONSUMER.LEADER.STEPDOWN.*.*', 'leader_stepdown'],
  ['STREAM.PEER.REMOVE.*', 'peer_removed'],
];

/** Those that the server may announce for every message. */
const FREQUENT: ReadonlySet<EventKind> = new Set([
  'max_deliveries',
  'message_refused',
  'message_terminated',
]);
/** A reading has no more events than this; what is dropped is counted. */
const MOST_EVENTS = 10_000;

/** Gathers events until they are taken, those of messages counted by consumer. */
export class EventGathering {
  #events: Announcement[] = [];
  readonly #places = new Map<string, number>();
  #dropped = 0;

  add(event: Omit<Announcement, 'count'>): void {
    const key = `${event.kind} ${event.stream} ${event.consumer ?? ''}`;
    const place = FREQUENT.has(event.kind) ? this.#places.get(key) : undefined;
    const known = place === undefined ? undefined : this.#events[place];
    if (place !== undefined && known !== undefined) {
      this.#events[place] = { ...known, count: known.count + 1 };
    } else if (this.#events.length >= MOST_EVENTS) this.#dropped += 1;
    else this.#places.set(key, this.#events.push({ ...event, count: 1 }) - 1);
  }

  take(): { readonly events: readonly Announcement[]; readonly dropped: number } {
    const taken = { events: this.#events, dropped: this.#dropped };
    this.#events = [];
    this.#places.clear();
    this.#dropped = 0;
    return taken;
  }
}
