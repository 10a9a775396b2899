import type { ConnectionPolicy } from '../connection/model/connection-policy.js';
import type { DialOptions } from '../connection/model/dial.js';
import { Patience } from '../connection/patience.js';
import { NatsxError } from '../core/errors.js';
import { openSession, type Session, type SessionEvent } from './session.js';

/** Where to connect, and how long to keep trying. */
export interface SessionTarget {
  readonly dial: DialOptions;
  readonly policy: ConnectionPolicy;
  /** Version of natsx, for the server. */
  readonly version: string;
}

/**
 * Opens a wire session that follows the policy. The signal ends only the waiting; an open session is not closed when it
 * aborts.
 *
 * @param onEvent gets all events of the session, including errors that the server sends
 * @throws {NatsxError} connection — no server within the time of the policy; auth — refused
 * @throws the signal's reason when it aborts first
 */
export async function openPatientSession(
  target: SessionTarget,
  signal: AbortSignal,
  onEvent: (event: SessionEvent) => void = () => undefined,
): Promise<Session> {
  const patience = new Patience(target.policy);
  for (;;) {
    signal.throwIfAborted();
    try {
      return await orAborted(openOnce(target, onEvent), signal);
    } catch (error) {
      if (!(error instanceof NatsxError) || error.kind !== 'connection') throw error;
      if (!(await patience.pause(error.message, signal))) throw error;
    }
  }
}

function openOnce(
  { dial, policy, version }: SessionTarget,
  onEvent: (event: SessionEvent) => void,
): Promise<Session> {
  return openSession(dial, {
    version,
    giveUpAfterMs: policy.giveUpAfterMs,
    onEvent: (event) => {
      notifyPolicy(policy, event);
      onEvent(event);
    },
  });
}

function notifyPolicy(policy: ConnectionPolicy, event: SessionEvent): void {
  switch (event.type) {
    case 'disconnected':
      policy.onEvent({ type: 'disconnected', server: event.server });
      break;
    case 'reconnected':
      policy.onEvent({ type: 'reconnected', server: event.server, gapMs: event.gapMs });
      break;
    case 'lame-duck':
      policy.onEvent({ type: 'lame-duck', server: event.server });
      break;
    case 'async-error':
      policy.onEvent({ type: 'error', error: event.error });
      break;
    case 'reconnecting':
      break;
  }
}

/** A session that opens after the signal aborted is closed again. */
async function orAborted(opening: Promise<Session>, signal: AbortSignal): Promise<Session> {
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([opening, aborted]);
  } catch (error) {
    opening.then(
      (session) => session.close(),
      () => undefined,
    );
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
