import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';

import { timeOf } from '../../streams/run/api/samples.js';
import { ANNOUNCEMENTS, EventGathering, type EventKind } from '../model/history-event.js';

interface Announced {
  readonly stream?: string;
  readonly consumer?: string;
  readonly leader?: string;
  readonly stream_seq?: number;
  readonly timestamp?: string;
}

/** What the server announces of streams and consumers, while it is listened to. */
export class Announcements {
  readonly gathering = new EventGathering();
  /** Subjects that this user may not listen to. */
  readonly denied: string[] = [];
  readonly #subscriptions: Subscription[];

  constructor(port: Pick<NatsConnection, 'subscribe'>, eventPrefix: string) {
    this.#subscriptions = ANNOUNCEMENTS.map(([end, kind]) => {
      const subject = `${eventPrefix}.ADVISORY.${end}`;
      const callback = (error: Error | null, message: Msg): void => {
        if (error === null) this.#heard(kind, message);
        else this.denied.push(subject);
      };
      return port.subscribe(subject, { callback });
    });
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #heard(kind: EventKind, message: Msg): void {
    let announced: Announced;
    try {
      announced = message.json<Announced>();
    } catch {
      return;
    }
    this.gathering.add({
      atMs: timeOf(announced.timestamp) ?? Date.now(),
      kind,
      stream: announced.stream ?? '',
      consumer: announced.consumer,
      leader: announced.leader,
      seq: announced.stream_seq,
    });
  }
}
