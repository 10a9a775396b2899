import { NatsxError } from '../../core/errors.js';
import { noJetStream } from '../../streams/model/api-failure.js';
import type { StreamConfig } from '../../streams/model/stream-info.js';
import { openControlLine } from './control-line.js';
import type { ControlLine, ControlOptions } from './control-line.js';

export interface JetStreamApiOptions extends ControlOptions {
  /** `$JS.API`, or the prefix of another domain or account. */
  readonly jsApiPrefix: string;
}

export interface AccountLimits {
  readonly max_storage?: number;
  readonly max_memory?: number;
  readonly storage_max_stream_bytes?: number;
  readonly memory_max_stream_bytes?: number;
}

/** What an account stores, in bytes; limits below zero are none. */
export interface AccountUse {
  readonly limits?: AccountLimits;
  readonly storage?: number;
  readonly memory?: number;
  /** Promised to streams that have a limit of their own. */
  readonly reserved_storage?: number;
  readonly reserved_memory?: number;
}

/** Whatever the API answers; only what is read is named. */
export interface ApiReply extends AccountUse {
  readonly error?: {
    readonly code: number;
    readonly err_code?: number;
    readonly description?: string;
  };
  readonly state?: {
    readonly messages: number;
    readonly first_seq: number;
    readonly last_seq: number;
  };
  readonly config?: StreamConfig;
  /** Of an account whose limits differ by the number of replicas: `R1`, `R3`. */
  readonly tiers?: Readonly<Partial<Record<string, AccountUse>>>;
  /** Messages that a consumer has yet to deliver. */
  readonly num_pending?: number;
}

/** The server's code for a stream whose subjects another one stores already. */
const SUBJECTS_OVERLAP = 10_065;

/** JetStream's JSON API, as far as a run needs it; connects anew when its connection was lost. */
export class BenchJetStream {
  readonly #options: JetStreamApiOptions;
  #control: ControlLine;
  #own: ControlLine | undefined;

  constructor(options: JetStreamApiOptions, control: ControlLine) {
    this.#options = options;
    this.#control = control;
  }

  /** Connects anew if the connection is gone, so that what was created can be removed. */
  async revive(): Promise<void> {
    if (!this.#control.lane.isClosed) return;
    this.#own = await openControlLine(this.#options);
    this.#control = this.#own;
  }

  async close(): Promise<void> {
    await this.#own?.lane.close();
  }

  async ask(path: string, body: unknown = {}): Promise<ApiReply> {
    const { jsApiPrefix, dial } = this.#options;
    const subject = `${jsApiPrefix}.${path}`;
    const payload = Buffer.from(JSON.stringify(body));
    try {
      const { message } = await this.#orFailure(
        this.#control.requests.request({ subject, payload }, dial.timeoutMs),
      );
      return JSON.parse(Buffer.from(message.payload).toString()) as ApiReply;
    } catch (cause) {
      if (cause instanceof NatsxError && cause.kind === 'no-responders') {
        throw noJetStream(jsApiPrefix);
      }
      throw cause;
    }
  }

  /** A denied request or a broken connection ends the wait at once. */
  async #orFailure<R>(reply: Promise<R>): Promise<R> {
    const { failures } = this.#control;
    let fail: (error: NatsxError) => void = () => undefined;
    const failed = new Promise<never>((_, reject) => (fail = reject));
    failures.add(fail);
    try {
      return await Promise.race([reply, failed]);
    } finally {
      failures.delete(fail);
    }
  }

  /** Whether there is a connection to ask over. */
  get isConnected(): boolean {
    return !this.#control.lane.isClosed;
  }

  /** @throws {NatsxError} not-found, rejected */
  async demand(path: string, body: unknown, what: string): Promise<ApiReply> {
    const reply = await this.ask(path, body);
    if (reply.error === undefined) return reply;
    throw apiError(reply.error, what);
  }
}

/** @param what the thing that failed: `creating the stream X` */
export function apiError(error: NonNullable<ApiReply['error']>, what: string): NatsxError {
  const kind = error.code === 404 || error.code === 503 ? 'not-found' : 'rejected';
  return new NatsxError(kind, `${what} failed: ${error.description ?? `code ${error.code}`}`, {
    hint:
      error.err_code === SUBJECTS_OVERLAP
        ? 'name the stream that stores the subject (--stream NAME --use-existing), or leave the subject out'
        : undefined,
    details: { code: error.code, err_code: error.err_code ?? 0 },
  });
}
