import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';

import { USUAL_API_PREFIX, USUAL_EVENT_PREFIX } from '../../connection/model/api-scope.js';
import { timeOf } from '../../streams/run/api/samples.js';
import {
  ANNOUNCEMENTS,
  EventGathering,
  PLANNED_MOVES,
  type EventKind,
} from '../model/memory/announced.js';
import type { BacklogRequest } from '../model/request.js';
import { prefixElsewhere } from './listening.js';

interface Announced {
  readonly stream?: string;
  readonly consumer?: string;
  readonly leader?: string;
  readonly stream_seq?: number;
  readonly timestamp?: string;
}

type Port = Pick<NatsConnection, 'subscribe' | 'info'>;

/** If clocks differ by more than this, one of them was changed. */
const CLOCK_STEP_MS = 5_000;

/** What the server announces of streams and consumers, and the requests that move leaders, while they are listened to. */
export class Announcements {
  readonly gathering = new EventGathering();
  /** JetStream belongs to another domain or account, which must not be listened to. */
  readonly isElsewhere: boolean;
  readonly #denied = new Set<string>();
  readonly #subscriptions: Subscription[] = [];
  /** The server's clock minus this machine's. */
  #offsetMs: number | undefined;

  constructor(port: Port, request: BacklogRequest) {
    this.isElsewhere = prefixElsewhere(port, request) !== undefined;
    if (this.isElsewhere || request.coreOnly) return;
    const { stream = '*', scope } = request;
    const events = scope.eventPrefix ?? USUAL_EVENT_PREFIX;
    const named = (end: string): string => end.replace('*', () => stream);
    for (const [end, kind] of ANNOUNCEMENTS) {
      this.#listen(port, `${events}.ADVISORY.${named(end)}`, (message) =>
        this.#heard(kind, message),
      );
    }
    for (const [end, kind] of PLANNED_MOVES) {
      // Requests under the domain's own prefix arrive under the usual one: the server maps them.
      this.#listen(port, `${USUAL_API_PREFIX}.${named(end)}`, ({ subject }) => {
        const [of, name] = subject.split('.').slice(USUAL_API_PREFIX.split('.').length + 3);
        const atMs = Date.now() + (this.#offsetMs ?? 0);
        this.gathering.add({ atMs, kind, stream: of ?? '', consumer: name });
      });
    }
  }

  /** Subjects that this user may not listen to. */
  get denied(): readonly string[] {
    return [...this.#denied];
  }

  /** A reading of now has this time of the server. */
  readAt(serverMs: number): void {
    const offsetMs = serverMs - Date.now();
    const known = this.#offsetMs ?? -Infinity;
    // Answers take their time, so that the largest is the nearest.
    if (offsetMs > known || known - offsetMs > CLOCK_STEP_MS) this.#offsetMs = offsetMs;
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #listen(port: Port, subject: string, take: (message: Msg) => void): void {
    const callback = (error: Error | null, message: Msg): void => {
      if (error === null) take(message);
      else this.#denied.add(subject);
    };
    this.#subscriptions.push(port.subscribe(subject, { callback }));
  }

  #heard(kind: EventKind, message: Msg): void {
    let announced: Announced;
    try {
      announced = message.json<Announced>();
    } catch {
      return;
    }
    const atMs = timeOf(announced.timestamp);
    if (atMs !== undefined) this.readAt(atMs);
    this.gathering.add({
      atMs: atMs ?? Date.now(),
      kind,
      stream: announced.stream ?? '',
      consumer: announced.consumer,
      leader: announced.leader,
      seq: announced.stream_seq,
    });
  }
}
