import { NatsxError } from '../../core/errors.js';
import type { AccountInfo } from '../../streams/model/account-info.js';
import {
  API_CODE,
  apiFailure,
  noJetStream,
  type ApiError,
} from '../../streams/model/api-failure.js';
import type { StreamConfig } from '../../streams/model/stream-info.js';
import { openControlLine } from './control-line.js';
import type { ControlLine, ControlOptions } from './control-line.js';

export interface JetStreamApiOptions extends ControlOptions {
  /** `$JS.API`, or the prefix of another domain or account. */
  readonly jsApiPrefix: string;
}

/** Whatever the API answers; only what is read is named. */
export interface ApiReply extends AccountInfo {
  readonly error?: ApiError;
  readonly state?: {
    readonly messages: number;
    readonly first_seq: number;
    readonly last_seq: number;
  };
  readonly config?: StreamConfig;
  /** Messages that a consumer has yet to deliver. */
  readonly num_pending?: number;
}

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

/** @param what as for `apiFailure`: `creating the stream X` */
export function apiError(error: ApiError, what: string): NatsxError {
  const failure = apiFailure(error, what);
  if (error.err_code !== API_CODE.subjectsOverlap) return failure;
  return new NatsxError(failure.kind, failure.message, {
    hint: 'name the stream that stores the subject (--stream NAME --use-existing), or leave the subject out',
    details: failure.details,
  });
}
