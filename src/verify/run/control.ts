import type { JetStreamScope } from '../../connection/model/api-scope.js';
import { RequestMux } from '../../wire/request-mux.js';
import type { Session } from '../../wire/session.js';
import { SessionJetStream } from '../../streams/run/manage/session-jetstream.js';

const WATCHING_TIMEOUT_MS = 1_000;

/** Requests besides the messages: JetStream's API, and single messages that have to be confirmed. */
export interface Control {
  readonly api: SessionJetStream;
  /** For observing, where a late answer is useless. */
  readonly watching: SessionJetStream;
  readonly mux: RequestMux;
}

/** All of it uses a session, which reconnects after a fault like the connections of the messages. */
export function openControl(session: Session, scope: JetStreamScope, inboxPrefix: string): Control {
  const watched = { ...scope, timeoutMs: WATCHING_TIMEOUT_MS };
  return {
    mux: new RequestMux(session, inboxPrefix),
    api: new SessionJetStream(session, scope, inboxPrefix),
    watching: new SessionJetStream(session, watched, inboxPrefix),
  };
}
