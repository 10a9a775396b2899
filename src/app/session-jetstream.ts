import { NatsxError } from '../domain/errors.js';
import { parseExactJson, stringifyExactJson } from '../domain/exact-json.js';
import { apiFailure, noJetStream, type ApiError } from '../domain/jetstream/api-failure.js';
import type { JetStreamScope } from '../domain/jetstream/api-scope.js';
import type { JetStreamApi } from '../nats/jetstream-api.js';
import { RequestMux } from '../wire/request-mux.js';
import type { Session } from '../wire/session.js';

/** JetStream's API over a wire session, for commands that read or write frames and need no second connection. */
export class SessionJetStream implements JetStreamApi {
  readonly apiPrefix: string;
  readonly #session: Session;
  readonly #scope: JetStreamScope;
  readonly #requests: RequestMux;

  constructor(session: Session, scope: JetStreamScope, inboxPrefix: string) {
    this.apiPrefix = scope.apiPrefix;
    this.#session = session;
    this.#scope = scope;
    this.#requests = new RequestMux(session, inboxPrefix);
  }

  get serverVersion(): string {
    return this.#session.info?.version ?? '';
  }

  /** @throws {NatsxError} not-found, rejected, connection, timeout; whatever {@link fail} was called with */
  async request<T>(action: string, what: string, body?: unknown): Promise<T> {
    const text = body === undefined ? '' : stringifyExactJson(body);
    const subject = `${this.apiPrefix}.${action}`;
    try {
      const request = { subject, payload: Buffer.from(text) };
      const { message } = await this.#requests.request(request, this.#scope.timeoutMs);
      const answer = parseExactJson(Buffer.from(message.payload).toString()) as {
        readonly error?: ApiError;
      };
      if (answer.error !== undefined) throw apiFailure(answer.error, what);
      return answer as T;
    } catch (error) {
      throw this.#translate(error, what);
    }
  }

  /** Ends the requests that wait, such as when the server has refused one of them. */
  fail(error: NatsxError): void {
    this.#requests.close(error);
  }

  #translate(error: unknown, what: string): unknown {
    if (!(error instanceof NatsxError)) return error;
    if (error.kind === 'no-responders') return noJetStream(this.apiPrefix);
    if (error.kind !== 'timeout') return error;
    return new NatsxError('timeout', `${what}: JetStream did not answer in time`, {
      hint: 'give it longer with --timeout; a cluster without a leader does not answer',
      cause: error,
    });
  }
}
