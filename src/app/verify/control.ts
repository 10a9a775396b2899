import type { NatsConnection } from '@nats-io/transport-node';

import type { JetStreamScope } from '../../domain/jetstream/api-scope.js';
import type { JetStreamApi } from '../../nats/jetstream-api.js';
import { openJetStreamApi } from '../../nats/jetstream-api.js';
import { RequestMux } from '../../wire/request-mux.js';
import type { Session } from '../../wire/session.js';

type Port = Pick<NatsConnection, 'request' | 'info'>;

const WATCHING_TIMEOUT_MS = 1_000;

/** Requests beside the messages: JetStream's API, and single publishes that have to be confirmed. */
export interface Control {
  readonly api: JetStreamApi;
  /** For looking at what goes on, in which a late answer is worth nothing. */
  readonly watching: JetStreamApi;
  readonly mux: RequestMux;
}

/** JetStream's API over a session, which comes back after a fault as the messages' connections do. */
export function openControl(session: Session, scope: JetStreamScope, inboxPrefix: string): Control {
  const mux = new RequestMux(session, inboxPrefix);
  const port = {
    info: { version: session.info?.version ?? '' },
    request: async (subject: string, payload: string, options: { readonly timeout: number }) => {
      const request = { subject, payload: Buffer.from(payload) };
      const { message } = await mux.request(request, options.timeout);
      const text = Buffer.from(message.payload).toString();
      return { string: () => text };
    },
  };
  // Of the client's connection, the API uses no more than this.
  const narrow = port as unknown as Port;
  const watching = openJetStreamApi(narrow, { ...scope, timeoutMs: WATCHING_TIMEOUT_MS });
  return { mux, api: openJetStreamApi(narrow, scope), watching };
}
