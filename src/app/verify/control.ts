import type { NatsConnection } from '@nats-io/transport-node';

import type { JetStreamScope } from '../../domain/jetstream/api-scope.js';
import type { JetStreamApi } from '../../nats/jetstream-api.js';
import { openJetStreamApi } from '../../nats/jetstream-api.js';
import { RequestMux } from '../../wire/request-mux.js';
import type { Session } from '../../wire/session.js';

type Port = Pick<NatsConnection, 'request' | 'info'>;

/** Requests beside the messages: JetStream's API, and single publishes that have to be confirmed. */
export interface Control {
  readonly api: JetStreamApi;
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
  return { mux, api: openJetStreamApi(port as unknown as Port, scope) };
}
