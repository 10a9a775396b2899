import type { DialOptions } from '../../connection/model/dial.js';
import type { NatsxError } from '../../core/errors.js';
import type { FaultLog } from '../model/fault-log.js';
import type { Session, SessionEvent } from '../../wire/session.js';
import { unlessAborted } from '../../connection/abortable.js';
import type { SessionTarget } from '../../wire/open-session.js';
import { openPatientSession } from '../../wire/open-session.js';
import { wallNowMs } from './wall-clock.js';

/** A connection, and the id of the server process it was last connected to. */
interface Line {
  session: Session | undefined;
  serverId: string | undefined;
}

/** The connections of a run. Their events go into the fault log; a connection that is lost for good ends the run. */
export class Connections {
  #target: SessionTarget;
  readonly #faults: FaultLog;
  readonly #sessions: Session[] = [];
  readonly #lost = new AbortController();
  #lastChangeMs = 0;

  constructor(target: SessionTarget, faults: FaultLog) {
    this.#target = target;
    this.#faults = faults;
  }

  /** Aborts when a connection has ended for good, with its error as the reason. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  get failure(): NatsxError | undefined {
    return this.#lost.signal.reason as NatsxError | undefined;
  }

  /** Ends the run for another reason. */
  fail(error: NatsxError): void {
    this.#lost.abort(error);
  }

  /** Connects from now on in another way. */
  dialBy(dial: DialOptions): void {
    this.#target = { ...this.#target, dial };
  }

  get allConnected(): boolean {
    return this.#sessions.every((session) => session.connected);
  }

  /** When a connection was last lost or restored, in milliseconds since the epoch; 0 for never. */
  get lastChangeMs(): number {
    return this.#lastChangeMs;
  }

  /**
   * Opens another connection. Only the events of the first one are shown on stderr.
   *
   * @throws {NatsxError} connection, auth
   */
  async open(signal: AbortSignal, onEvent?: (event: SessionEvent) => void): Promise<Session> {
    const { policy } = this.#target;
    const spoken = this.#sessions.length === 0;
    const target = spoken
      ? this.#target
      : { ...this.#target, policy: { ...policy, onEvent: () => undefined } };
    const line: Line = { session: undefined, serverId: undefined };
    const session = await openPatientSession(target, signal, (event) => {
      this.#note(event, line);
      onEvent?.(event);
    });
    line.session = session;
    line.serverId = session.info?.server_id;
    this.#sessions.push(session);
    void session.closed.then((error) => {
      if (error !== undefined) this.#lost.abort(error);
    });
    return session;
  }

  /**
   * Waits for `work` as long as the connections last and the signal does not abort.
   *
   * @throws what ended the wait, or what `work` throws
   */
  async whileThere<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    const either = AbortSignal.any([signal, this.lost]);
    const done = work.then((result) => ({ result }));
    const value = await unlessAborted(done, either);
    if (value === undefined || either.aborted) throw either.reason;
    return value.result;
  }

  async close(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.close()));
  }

  #note(event: SessionEvent, line: Line): void {
    const nowMs = wallNowMs();
    switch (event.type) {
      case 'disconnected':
        this.#lastChangeMs = nowMs;
        this.#faults.note('disconnected', event.server, event.error.message, nowMs);
        break;
      case 'reconnected':
        this.#lastChangeMs = nowMs;
        this.#faults.note('reconnected', event.server, circumstance(line), nowMs);
        break;
      case 'lame-duck':
        this.#faults.note('lame-duck', event.server, '', nowMs);
        break;
      case 'async-error':
        this.#faults.note('server-error', '', event.error.message, nowMs);
        // Without permission to publish or subscribe, the run proves nothing.
        if (event.error.kind === 'auth') this.#lost.abort(event.error);
        break;
      case 'reconnecting':
        break;
    }
  }
}

/** A server disconnects a slow reader without an error; but its id shows that it was not restarted. */
function circumstance(line: Line): string {
  const serverId = line.session?.info?.server_id;
  const sameRun = serverId !== undefined && serverId === line.serverId;
  line.serverId = serverId;
  return sameRun
    ? 'the server was not restarted: it disconnects slow readers, or the network failed'
    : '';
}
