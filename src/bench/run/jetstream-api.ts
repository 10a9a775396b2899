import { NatsxError } from '../../core/errors.js';
import { apiFailure, noJetStream } from '../../streams/model/api-failure.js';
import type { ApiError } from '../../streams/model/api-failure.js';
import type { JetStreamApi } from '../../streams/run/api/jetstream-api.js';
import { openControlLine } from './control-line.js';
import type { ControlLine, ControlOptions } from './control-line.js';

export interface BenchJetStreamOptions extends ControlOptions {
  /** `$JS.API`, or the prefix of another domain or account. */
  readonly jsApiPrefix: string;
}

/** JetStream's API over the control connection of a run, reconnecting if that was lost. */
export class BenchJetStream implements Pick<JetStreamApi, 'request'> {
  readonly #options: BenchJetStreamOptions;
  #control: ControlLine;
  #reopened: ControlLine | undefined;

  constructor(options: BenchJetStreamOptions, control: ControlLine) {
    this.#options = options;
    this.#control = control;
  }

  /** Reconnects if the connection is lost, so that everything that the run created can be removed. */
  async revive(): Promise<void> {
    if (!this.#control.lane.isClosed) return;
    this.#reopened = await openControlLine(this.#options);
    this.#control = this.#reopened;
  }

  async close(): Promise<void> {
    await this.#reopened?.lane.close();
  }

  /** @throws {NatsxError} not-found, rejected, auth, connection, timeout */
  readonly request = async <T>(action: string, what: string, body: unknown = {}): Promise<T> => {
    const { jsApiPrefix, dial } = this.#options;
    const subject = `${jsApiPrefix}.${action}`;
    const payload = Buffer.from(JSON.stringify(body));
    const reply = this.#control.requests.request({ subject, payload }, dial.timeoutMs);
    const { message } = await this.#orFailure(reply).catch((cause: unknown) => {
      const isOff = cause instanceof NatsxError && cause.kind === 'no-responders';
      throw isOff ? noJetStream(jsApiPrefix) : cause;
    });
    const answer = JSON.parse(Buffer.from(message.payload).toString()) as { error?: ApiError };
    if (answer.error !== undefined) throw apiFailure(answer.error, what);
    return answer as T;
  };

  /** A denied request or a lost connection ends the wait immediately. */
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
}

/** The code of an error answer of JetStream, as in HTTP; `undefined` if the failure was another one. */
export function apiStatusOf(error: unknown): number | undefined {
  const code = error instanceof NatsxError ? error.details?.['code'] : undefined;
  return typeof code === 'number' ? code : undefined;
}
