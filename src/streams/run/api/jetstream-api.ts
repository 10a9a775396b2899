import type { NatsConnection } from '@nats-io/transport-node';

import type { NatsxError } from '../../../core/errors.js';
import { stringifyExactJson } from '../../../core/message/exact-json.js';
import { apiTimeout, noJetStream, readApiAnswer } from '../../model/api-failure.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import { translateError } from '../../../connection/translate-error.js';

type Port = Pick<NatsConnection, 'request' | 'info'>;

/** JetStream's API as it is on the wire: whatever a newer server knows passes through unchanged. */
export interface JetStreamApi {
  readonly apiPrefix: string;
  /** Version of the server that the client is connected to, such as `2.11.4`. */
  readonly serverVersion: string;
  /**
   * Asks once and returns the answer; the caller says what shape it has.
   *
   * @param action what follows the prefix, such as `STREAM.INFO.ORDERS`
   * @param what for the error message: what is being done and on what
   * @throws {NatsxError} not-found, rejected, auth, connection, timeout
   */
  readonly request: <T>(action: string, what: string, body?: unknown) => Promise<T>;
}

/** Nothing is asked before the first request. */
export function openJetStreamApi(connection: Port, scope: JetStreamScope): JetStreamApi {
  const { apiPrefix, timeoutMs } = scope;
  return {
    apiPrefix,
    serverVersion: connection.info?.version ?? '',
    request: async <T>(action: string, what: string, body?: unknown) => {
      const payload = body === undefined ? '' : stringifyExactJson(body);
      const question = { subject: `${apiPrefix}.${action}`, payload, timeoutMs };
      const text = await ask(connection, question).catch((error: unknown) => {
        throw translate(error, what, apiPrefix);
      });
      return readApiAnswer(text, what) as T;
    },
  };
}

interface Question {
  readonly subject: string;
  readonly payload: string;
  readonly timeoutMs: number;
}

async function ask(connection: Port, question: Question): Promise<string> {
  const { subject, payload, timeoutMs } = question;
  const reply = await connection.request(subject, payload, { timeout: timeoutMs });
  return reply.string();
}

function translate(error: unknown, what: string, apiPrefix: string): NatsxError {
  const translated = translateError(error, what);
  if (translated.kind === 'no-responders') return noJetStream(apiPrefix);
  if (translated.kind !== 'timeout') return translated;
  return apiTimeout(what, error);
}
