import { NatsxError } from '../../core/errors.js';
import type { PublishAck } from '../../streams/model/publish-ack.js';
import type { OutgoingMessage } from '../../core/message/message.js';
import type { Arrivals } from '../../streams/run/publish/arrivals.js';

/**
 * Tells which messages of a recording an earlier replay has stored behind its mark. Those follow the mark, and among
 * them are no more missing ones than could wait for their acknowledgement.
 */
export class ReplaySieve {
  readonly #arrivals: Arrivals;
  readonly #window: number;
  readonly #isRecognized: (subject: string) => Promise<boolean>;
  #missing = 0;
  #found = 0;

  /**
   * @param window how many messages may have waited for their acknowledgement
   * @param isRecognized whether the stream of a subject knows repeats by their id, so that it does no harm when it cannot
   *   be told
   */
  constructor(
    arrivals: Arrivals,
    window: number,
    isRecognized: (subject: string) => Promise<boolean>,
  ) {
    this.#arrivals = arrivals;
    this.#window = window;
    this.#isRecognized = isRecognized;
  }

  /** Messages that were found. */
  get found(): number {
    return this.#found;
  }

  /** Whether no message from now on can be stored. */
  get isDone(): boolean {
    return this.#missing >= this.#window;
  }

  /**
   * To be asked for each message in order.
   *
   * @param hasOwnId its stream may have recognized it as one that it had before, so that it is missing for no reason
   * @returns where it is stored
   * @throws {NatsxError} as JetStream's API; it cannot be told
   */
  async find(message: OutgoingMessage, hasOwnId: boolean): Promise<PublishAck | undefined> {
    const place = await this.#place(message);
    if (place !== undefined) {
      this.#missing = 0;
      this.#found += 1;
    } else if (!hasOwnId) {
      this.#missing += 1;
    }
    return place;
  }

  async #place(message: OutgoingMessage): Promise<PublishAck | undefined> {
    try {
      return await this.#arrivals.take(message);
    } catch (error) {
      if (!(error instanceof NatsxError) || isPassing(error)) throw error;
      if (!(await this.#isRecognized(message.subject))) throw untold(error);
      this.#missing = Infinity;
      return undefined;
    }
  }
}

function isPassing({ kind }: NatsxError): boolean {
  return kind === 'connection' || kind === 'timeout' || kind === 'interrupted';
}

function untold(error: NatsxError): NatsxError {
  return new NatsxError(error.kind, error.message, {
    hint: 'compare the stream with the recording; --accept-duplicates goes on all the same',
    cause: error.cause,
    details: error.details,
  });
}
