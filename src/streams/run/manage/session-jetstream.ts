import { NatsxError } from '../../../core/errors.js';
import { stringifyExactJson } from '../../../core/message/exact-json.js';
import { apiTimeout, noJetStream, readApiAnswer } from '../../model/api-failure.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import type { PublishFrame } from '../../../wire/frame-buffer.js';
import { RequestMux, type TimedReply } from '../../../wire/request-mux.js';
import type { Session } from '../../../wire/session.js';

/** Requests that change nothing may be sent twice. */
const QUESTION = /^(?:INFO|(?:STREAM|CONSUMER)\.(?:INFO|NAMES|LIST))(?:\.|$)/;
const ASK_AGAIN_MS = 1_000;

/** JetStream's API over a wire session, for commands that read or write frames and need no second connection. */
export class SessionJetStream implements JetStreamApi {
  readonly apiPrefix: string;
  readonly #session: Session;
  readonly #scope: JetStreamScope;
  readonly #inboxPrefix: string;
  readonly #requests: RequestMux;
  readonly #questions = new Set<RequestMux>();

  constructor(session: Session, scope: JetStreamScope, inboxPrefix: string) {
    this.apiPrefix = scope.apiPrefix;
    this.#session = session;
    this.#scope = scope;
    this.#inboxPrefix = inboxPrefix;
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
      const { message } = await (QUESTION.test(action)
        ? this.#askUntilAnswered(request)
        : this.#requests.request(request, this.#scope.timeoutMs));
      return readApiAnswer(Buffer.from(message.payload).toString(), what) as T;
    } catch (error) {
      throw this.#translate(error, what);
    }
  }

  /** Ends all waiting requests, for example when the server has refused one of them. */
  fail(error: NatsxError): void {
    this.#requests.close(error);
    for (const questions of this.#questions) questions.close(error);
  }

  /** A request that arrives while a leader is elected is never answered, so the question is asked again beside it. */
  async #askUntilAnswered(request: Omit<PublishFrame, 'reply'>): Promise<TimedReply> {
    const endMs = performance.now() + this.#scope.timeoutMs;
    const questions = new RequestMux(this.#session, this.#inboxPrefix);
    this.#questions.add(questions);
    const ask = (): Promise<TimedReply> => questions.request(request, endMs - performance.now());
    let timer: NodeJS.Timeout | undefined;
    const repeated = new Promise<TimedReply>((resolve) => {
      timer = setInterval(() => {
        if (this.#session.connected) ask().then(resolve, () => undefined);
      }, ASK_AGAIN_MS);
    });
    try {
      return await Promise.race([ask(), repeated]);
    } finally {
      clearInterval(timer);
      this.#questions.delete(questions);
      questions.close();
    }
  }

  #translate(error: unknown, what: string): unknown {
    if (!(error instanceof NatsxError)) return error;
    if (error.kind === 'no-responders') return noJetStream(this.apiPrefix);
    if (error.kind !== 'timeout') return error;
    return apiTimeout(what, error);
  }
}
