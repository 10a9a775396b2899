import { NatsxError } from '../../../core/errors.js';
import { quoted } from '../../../core/printable.js';
import { readStream } from '../api/jetstream-entities.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import { streamNames } from '../api/jetstream-names.js';

/** The default of a stream's duplicate window. */
const DEFAULT_WINDOW_MS = 120_000;
/** Share of the window that is reserved for the way to the server. */
const MARGIN = 0.1;

/** Why no stream accepted a message. */
export interface Unheard {
  readonly error: NatsxError;
  /** Whether waiting cannot help. */
  readonly isFinal: boolean;
}

/** Facts about the streams behind subjects, for when something went wrong. */
export interface Lookup {
  /** How long after the first attempt a duplicate is surely detected, in milliseconds; undefined until it was looked up. */
  knownWindowMs(subject: string): number | undefined;
  /** Looks up {@link knownWindowMs}; changes nothing if the stream is unavailable. */
  lookUp(subject: string): Promise<void>;
  whyUnheard(subject: string): Promise<Unheard>;
}

/** Asks JetStream about the streams behind subjects: only when something went wrong, because it takes a round trip or two. */
export class StreamLookup implements Lookup {
  readonly #api: JetStreamApi;
  readonly #bySubject = new Map<string, number>();
  readonly #byStream = new Map<string, number>();
  #denied = false;

  constructor(api: JetStreamApi) {
    this.#api = api;
  }

  /** This user has no permission to ask: the defaults are assumed. */
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
      // Looked up again with the next attempt.
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
  return new NatsxError('not-found', `no stream accepts ${quoted(subject)}`, {
    hint: `create one: natsx stream create NAME --subjects ${quoted(subject)}; natsx stream ls lists existing streams`,
    details: { subject },
  });
}

function unknown(subject: string, cause: unknown): NatsxError {
  return new NatsxError(
    'timeout',
    `no stream accepts ${quoted(subject)} now, and JetStream does not answer which one should`,
    { hint: 'a cluster without a leader does not answer', cause, details: { subject } },
  );
}

function silent(subject: string, stream: string): NatsxError {
  return new NatsxError(
    'timeout',
    `the stream "${stream}" accepts ${quoted(subject)}, but does not answer`,
    {
      hint: 'it may have no leader now: see natsx stream info; --retry-for waits longer',
      details: { subject, stream },
    },
  );
}
