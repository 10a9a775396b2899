import { NatsxError } from '../../core/errors.js';
import type { PublishAck } from '../../streams/model/publish-ack.js';
import type { OutgoingMessage } from '../../core/message/message.js';
import type { Arrivals } from '../../streams/run/publish/arrivals.js';

/**
 * Finds the messages of a recording that an earlier replay has stored after its mark. They follow the mark, and at most
 * as many are missing among them as could wait for their acknowledgement.
 */
export class ReplaySieve {
  readonly #arrivals: Arrivals;
  readonly #window: number;
  readonly #isRecognized: (subject: string) => Promise<boolean>;
  #missing = 0;
  #found = 0;

  /**
   * @param window how many messages could wait for their acknowledgement
   * @param isRecognized whether the stream of a subject detects duplicates by their id, so that an unknown state does no
   *   harm
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

  /** Whether none of the following messages can be stored already. */
  get isDone(): boolean {
    return this.#missing >= this.#window;
  }

  /**
   * Must be called for each message in order.
   *
   * @param hasOwnId the stream may have discarded it as a duplicate, so it counts neither as stored nor as missing
   * @returns where it is stored; undefined if it is not
   * @throws {NatsxError} as JetStream's API; it is unknown whether it is stored
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
      if (!(await this.#isRecognized(message.subject))) throw unknownState(error);
      this.#missing = Infinity;
      return undefined;
    }
  }
}

function isPassing({ kind }: NatsxError): boolean {
  return kind === 'connection' || kind === 'timeout' || kind === 'interrupted';
}

function unknownState(error: NatsxError): NatsxError {
  return new NatsxError(error.kind, error.message, {
    hint: 'compare the stream with the recording; --accept-duplicates continues anyway',
    cause: error.cause,
    details: error.details,
  });
}
