import { NatsxError } from '../../../core/errors.js';
import { filtersOf } from '../../model/interest.js';
import { idleReason, needsMatching } from '../../model/idle-reason.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import { findConsumer, findStream, readSubjects } from '../api/jetstream-entities.js';

export interface IdleWatchOptions {
  readonly api: JetStreamApi;
  readonly stream: string;
  readonly consumer: string;
  /** Whether the worker waits for messages and can send a request. */
  readonly isIdle: () => boolean;
  /** Gets each reason once, until messages arrive or the reason changes. */
  readonly found: (reason: string) => void;
}

const FIRST_LOOK_MS = 1_000;
const NEXT_LOOK_MS = 15_000;

/** Finds out why a consumer delivers nothing. */
export class IdleWatch {
  readonly #options: IdleWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #lastArrivalMs = performance.now();
  #reason: string | undefined;
  #stopped = false;

  constructor(options: IdleWatchOptions) {
    this.#options = options;
    this.#look(FIRST_LOOK_MS);
  }

  /** The last reason, if no message has arrived since. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** To be called when a message has arrived. */
  arrived(nowMs: number): void {
    this.#lastArrivalMs = nowMs;
    this.#reason = undefined;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Looks now. Never rejects because an answer is missing. */
  async look(): Promise<void> {
    const { api, stream, consumer, found } = this.#options;
    const reason = await whyIdle(api, stream, consumer).catch((error: unknown) => {
      if (error instanceof NatsxError) return this.#reason;
      throw error;
    });
    if (this.#stopped || reason === this.#reason) return;
    this.#reason = reason;
    if (reason !== undefined) found(reason);
  }

  #look(delayMs: number): void {
    this.#timer = setTimeout(() => void this.#due(), delayMs);
  }

  async #due(): Promise<void> {
    const quietMs = performance.now() - this.#lastArrivalMs;
    const isDue = quietMs >= FIRST_LOOK_MS && this.#options.isIdle();
    if (isDue) await this.look();
    if (!this.#stopped) this.#look(isDue ? NEXT_LOOK_MS : FIRST_LOOK_MS);
  }
}

async function whyIdle(
  api: JetStreamApi,
  streamName: string,
  name: string,
): Promise<string | undefined> {
  const consumer = await findConsumer(api, streamName, name);
  const stream = await findStream(api, streamName);
  if (consumer === undefined || stream === undefined) return undefined;
  const facts = { consumer, stream };
  if (!needsMatching(facts)) return idleReason(facts);
  let matching = 0;
  for (const filter of filtersOf(consumer.config)) {
    matching += (await readSubjects(api, streamName, filter)).size;
  }
  return idleReason({ ...facts, matching });
}
