import { NatsxError } from '../../../core/errors.js';
import { quoted } from '../../../core/printable.js';
import { readStream } from '../api/jetstream-entities.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import { streamNames } from '../api/jetstream-names.js';

/** What a stream that says nothing else has. */
const DEFAULT_WINDOW_MS = 120_000;
/** Of the window, kept in hand for the way to the server. */
const MARGIN = 0.1;

/** Why nobody took a message. */
export interface Unheard {
  readonly error: NatsxError;
  /** Whether waiting cannot help. */
  readonly isFinal: boolean;
}

/** What is to be known about the streams behind subjects when something went wrong. */
export interface Lookup {
  /** How long after the first attempt a repeat is surely recognized, in milliseconds; undefined until it was looked up. */
  knownWindowMs(subject: string): number | undefined;
  /** Makes {@link knownWindowMs} know; a stream that is not there for now leaves it as it is. */
  lookUp(subject: string): Promise<void>;
  whyUnheard(subject: string): Promise<Unheard>;
}

/** Asks JetStream about the streams behind subjects; only when something went wrong, for it costs a round trip or two. */
export class StreamLookup implements Lookup {
  readonly #api: JetStreamApi;
  readonly #bySubject = new Map<string, number>();
  readonly #byStream = new Map<string, number>();
  #denied = false;

  constructor(api: JetStreamApi) {
    this.#api = api;
  }

  /** This user may not ask; what is usual is taken to hold. */
  deny(): void {
    this.#denied = true;
  }

  knownWindowMs(subject: string): number | undefined {
    return this.#denied ? DEFAULT_WINDOW_MS * (1 - MARGIN) : this.#bySubject.get(subject);
  }

  async lookUp(subject: string): Promise<void> {
    try {
      const windows: number[] = [];
      for (const name of await streamNames(this.#api, subject)) windows.push(await this.#of(name));
      if (windows.length > 0) this.#bySubject.set(subject, Math.min(...windows) * (1 - MARGIN));
    } catch {
      // Asked again with the next attempt.
    }
  }

  async whyUnheard(subject: string): Promise<Unheard> {
    try {
      const [name] = this.#denied ? [] : await streamNames(this.#api, subject);
      if (name !== undefined) return { error: silent(subject, name), isFinal: false };
      return { error: noStream(subject), isFinal: !this.#denied };
    } catch (error) {
      const isAbsence = error instanceof NatsxError && error.kind === 'not-found';
      return { error: isAbsence ? error : unknown(subject, error), isFinal: false };
    }
  }

  async #of(stream: string): Promise<number> {
    const known = this.#byStream.get(stream);
    if (known !== undefined) return known;
    const { config } = await readStream(this.#api, stream);
    const windowNs = config.duplicate_window ?? 0;
    const windowMs = windowNs > 0 ? windowNs / 1e6 : DEFAULT_WINDOW_MS;
    this.#byStream.set(stream, windowMs);
    return windowMs;
  }
}

function noStream(subject: string): NatsxError {
  return new NatsxError('not-found', `no stream takes ${quoted(subject)}`, {
    hint: `make one: natsx stream create NAME --subjects ${quoted(subject)}; natsx stream ls lists those that are there`,
    details: { subject },
  });
}

function unknown(subject: string, cause: unknown): NatsxError {
  return new NatsxError(
    'timeout',
    `nobody takes ${quoted(subject)} now, and JetStream does not say which stream should`,
    { hint: 'a cluster without a leader does not answer', cause, details: { subject } },
  );
}

function silent(subject: string, stream: string): NatsxError {
  return new NatsxError(
    'timeout',
    `the stream "${stream}" takes ${quoted(subject)}, but nobody answers for it`,
    {
      hint: 'it may have no leader now: natsx stream info shows it; --retry-for waits longer',
      details: { subject, stream },
    },
  );
}
