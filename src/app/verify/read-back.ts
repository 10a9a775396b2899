import type { StreamInfo } from '../../domain/jetstream/stream-info.js';
import type { FaultLog } from '../../domain/verify/fault-log.js';
import type { Reader } from '../../domain/verify/reader.js';
import type { Session } from '../../wire/session.js';
import { makeReader } from '../stream/make-reader.js';
import type { SessionJetStream } from '../jetstream/session-jetstream.js';
import type { StreamReader } from '../stream/stream-reader.js';
import { TurnClock } from '../messaging/turn-clock.js';
import { wallNowMs } from './wall-clock.js';

export interface ReadBackOptions {
  readonly api: SessionJetStream;
  readonly session: Session;
  readonly info: StreamInfo;
  readonly subject: string;
  readonly inboxPrefix: string;
  readonly reader: Reader;
  readonly faults: FaultLog;
}

/** Reads what a stream holds of a subject, from its start, in order and without a hole; leaves nothing behind. */
export class ReadBack {
  readonly #stream: StreamReader;
  #atEnd = false;
  #failure: unknown;

  constructor({ api, session, info, subject, inboxPrefix, reader, faults }: ReadBackOptions) {
    const clock = new TurnClock();
    this.#stream = makeReader(session, api, {
      info,
      filters: [subject],
      range: { start: { from: 'first' }, end: { atEnd: false } },
      inboxPrefix,
      handlers: {
        created: (pending) => {
          this.#atEnd = pending === 0;
        },
        message: (message, { pending }) => {
          reader.take(message, performance.timeOrigin + clock.nowMs());
          this.#atEnd = pending === 0;
          return true;
        },
        idle: () => undefined,
        healing: (reason) => faults.note('pull-ended', info.config.name, reason, wallNowMs()),
      },
    });
    this.#stream.failed.catch((error: unknown) => (this.#failure = error));
  }

  /** Whether the server has said that there is nothing more. */
  get atEnd(): boolean {
    return this.#atEnd;
  }

  /** Why reading cannot go on. */
  get failure(): unknown {
    return this.#failure;
  }

  /** @throws {NatsxError} not-found, rejected, auth, timeout */
  start(): Promise<void> {
    return this.#stream.start();
  }

  /** The connection came back: reading goes on behind the last message. */
  reconnected(): void {
    this.#stream.reconnected();
  }

  /** Messages that the server still has for us, by its own count; undefined when it does not answer. */
  pending(): Promise<number | undefined> {
    return this.#stream.pending().catch(() => undefined);
  }

  close(): Promise<void> {
    return this.#stream.close();
  }
}
