import type { StreamInfo } from '../../streams/model/stream-info.js';
import type { FaultLog } from '../model/fault-log.js';
import type { Reader } from '../model/reader.js';
import type { Session } from '../../wire/session.js';
import { makeReader } from '../../streams/run/read/make-reader.js';
import type { SessionJetStream } from '../../streams/run/manage/session-jetstream.js';
import type { StreamReader } from '../../streams/run/read/stream-reader.js';
import { TurnClock } from '../../messaging/run/turn-clock.js';
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

/** Reads the messages of a subject in a stream from its start, in order and without gaps; leaves nothing behind. */
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

  /** Whether the server has reported that nothing is left. */
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

  /** The connection is back: reading continues after the last message. */
  reconnected(): void {
    this.#stream.reconnected();
  }

  /** Number of messages left, as the server counts them; undefined if it does not answer. */
  pending(): Promise<number | undefined> {
    return this.#stream.pending().catch(() => undefined);
  }

  close(): Promise<void> {
    return this.#stream.close();
  }
}
