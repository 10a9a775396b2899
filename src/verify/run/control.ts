import type { JetStreamScope } from '../../connection/model/api-scope.js';
import { RequestMux } from '../../wire/request-mux.js';
import type { Session } from '../../wire/session.js';
import { SessionJetStream } from '../../streams/run/manage/session-jetstream.js';

const WATCHING_TIMEOUT_MS = 1_000;

/** Requests beside the messages: JetStream's API, and single publishes that have to be confirmed. */
export interface Control {
  readonly api: SessionJetStream;
  /** For looking at what goes on, in which a late answer is worth nothing. */
  readonly watching: SessionJetStream;
  readonly mux: RequestMux;
}

/** All of it over a session, which comes back after a fault as the messages' connections do. */
export function openControl(session: Session, scope: JetStreamScope, inboxPrefix: string): Control {
  const watched = { ...scope, timeoutMs: WATCHING_TIMEOUT_MS };
  return {
    mux: new RequestMux(session, inboxPrefix),
    api: new SessionJetStream(session, scope, inboxPrefix),
    watching: new SessionJetStream(session, watched, inboxPrefix),
  };
}
