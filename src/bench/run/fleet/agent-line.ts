import type { NatsConnection } from '@nats-io/transport-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceErrorIn } from '../../../connection/micro-service.js';
import { translateError } from '../../../connection/translate-error.js';
import { NatsxError } from '../../../core/errors.js';
import type { AgentFacts } from '../../model/agent-facts.js';
import { clockOffsetOf, roundTripNs } from '../../model/clock-offset.js';
import type { ClockProbe, Offset } from '../../model/clock-offset.js';
import type { Clock } from '../clock.js';
import {
  agentSubject,
  decodeMessage,
  encodeMessage,
  failureIn,
  isRecord,
  readNumber,
} from './agent-protocol.js';
import type { AgentVerb, LoadState, Reservation, WallTime } from './agent-protocol.js';
import { wallDifferenceNs } from './wall-time.js';

/** Connecting ten thousand clients takes a while; a lost agent is noticed by its beats. */
const CALL_MS = 120_000;
const BEAT_MS = 100;
/** An agent that has not answered for this long is lost. */
const SILENCE_NS = 5e9;
/** A service that restarts its connection has no responders for a moment. */
const ABSENCE_NS = 700e6;
const PROBES = 25;
const PROBE_GAP_MS = 2;
const PROBE_MS = 10_000;

export interface LineOptions {
  readonly connection: Pick<NatsConnection, 'request'>;
  readonly facts: AgentFacts;
  /** The coordinator's clock, and its time of day at 0. */
  readonly clock: Clock;
  readonly wall: WallTime;
}

/** The coordinator's line to one reserved agent: calls, beats, and the offset of its clock. */
export class AgentLine {
  readonly facts: AgentFacts;
  readonly #options: LineOptions;
  readonly #reservation: Reservation;
  readonly #lost = new AbortController();
  readonly #whenLost: Promise<never>;
  readonly #onState = new Map<number, (state: LoadState) => void>();
  readonly #troublesSeen: Record<string, number> = {};
  #offset: Offset = { offsetNs: 0, boundNs: Infinity };
  #roundTripNs = 0;
  #heardNs: number;
  #absentNs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: LineOptions, reservation: Reservation) {
    this.facts = options.facts;
    this.#options = options;
    this.#reservation = reservation;
    this.#heardNs = options.clock();
    const { signal } = this.#lost;
    this.#whenLost = new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    this.#whenLost.catch(() => undefined);
  }

  /**
   * Reserves an agent for a run, and measures the offset of its clock.
   * @throws {NatsxError} rejected — it works for another run; timeout, no-responders, auth, connection
   */
  static async open(options: LineOptions, run: string, timeoutMs: number): Promise<AgentLine> {
    const answer = await ask(options, 'reserve', { run }, timeoutMs).catch((error: unknown) => {
      throw error instanceof Unreachable ? error.failure : error;
    });
    if (!isReservation(answer)) throw unreadable(options.facts);
    const line = new AgentLine(options, answer);
    await line.synchronize();
    line.#beat();
    line.#timer = setInterval(() => line.#beat(), BEAT_MS);
    return line;
  }

  /** Aborts when the agent is lost, with the error as its reason. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** The coordinator's time. */
  now(): number {
    return this.#options.clock();
  }

  get roundTripNs(): number {
    return this.#roundTripNs;
  }

  /** Its clock minus the coordinator's. */
  get offset(): Offset {
    return this.#offset;
  }

  /** Its time of day minus the coordinator's, where the clocks differ by `offset`. */
  timeOfDayOffsetNs(offset: Offset): number {
    const difference = wallDifferenceNs(this.#reservation.wall, this.#options.wall);
    return Math.round(offset.offsetNs + difference);
  }

  /**
   * Calls an endpoint.
   * @throws {NatsxError} what the agent answered, or that it is lost
   */
  async call(
    verb: AgentVerb,
    body: Record<string, unknown> = {},
    timeoutMs: number = CALL_MS,
  ): Promise<unknown> {
    this.lost.throwIfAborted();
    const { lease } = this.#reservation;
    const answer = ask(this.#options, verb, { ...body, lease }, timeoutMs);
    return this.unlessLost(
      answer.catch((error: unknown) => {
        if (!(error instanceof Unreachable)) throw error;
        this.#lose(error.failure.kind === 'no-responders' ? 'is gone' : 'does not respond');
        throw this.lost.reason;
      }),
    );
  }

  /** Rejects as soon as the agent is lost. */
  unlessLost<Result>(work: Promise<Result>): Promise<Result> {
    return Promise.race([work, this.#whenLost]);
  }

  /** Measures the offset of the agent's clock. */
  async synchronize(): Promise<Offset> {
    this.#offset = await this.measureOffset();
    return this.#offset;
  }

  async measureOffset(): Promise<Offset> {
    const { clock } = this.#options;
    const probes: ClockProbe[] = [];
    const probe = async (): Promise<void> => {
      const sentNs = clock();
      const answer = await this.call('clock', {}, PROBE_MS);
      const receivedNs = clock();
      if (!isRecord(answer)) throw unreadable(this.facts);
      probes.push({ sentNs, receivedNs, otherNs: readNumber(answer['ns'], 'the time') });
    };
    const pending: Promise<void>[] = [];
    for (let count = 0; count < PROBES; count++) {
      pending.push(probe());
      await sleep(PROBE_GAP_MS);
    }
    await Promise.all(pending);
    this.#roundTripNs = Math.max(...probes.map((one) => roundTripNs(one)));
    return clockOffsetOf(probes);
  }

  /** Passes the state of a load to `onState` at each beat, until `unwatch`. */
  watch(load: number, onState: (state: LoadState) => void): void {
    this.#onState.set(load, onState);
  }

  unwatch(load: number): void {
    this.#onState.delete(load);
  }

  /** Frees the agent, if it is still there. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    if (!this.lost.aborted) await this.call('release', {}, PROBE_MS).catch(() => undefined);
  }

  #beat(): void {
    const { clock } = this.#options;
    if (this.lost.aborted) return;
    const nowNs = clock();
    if (nowNs - this.#heardNs > SILENCE_NS) {
      this.#lose('does not respond');
      return;
    }
    const { lease } = this.#reservation;
    const body = {
      lease,
      at: nowNs,
      shiftNs: -this.#offset.offsetNs,
      troubles: this.#troublesSeen,
    };
    ask(this.#options, 'beat', body, SILENCE_NS / 1e6).then(
      (answer) => this.#hear(answer),
      (error: unknown) => this.#miss(error),
    );
  }

  #hear(answer: unknown): void {
    this.#heardNs = this.#options.clock();
    this.#absentNs = undefined;
    const loads = isRecord(answer) && Array.isArray(answer['loads']) ? answer['loads'] : [];
    for (const state of loads as LoadState[]) {
      const key = String(state.load);
      // Answers to beats that were sent at the same time have the same troubles.
      const known = this.#troublesSeen[key] ?? 0;
      const troubles = state.troubles.slice(Math.max(0, known - state.troublesFrom));
      this.#onState.get(state.load)?.({ ...state, troubles });
      this.#troublesSeen[key] = known + troubles.length;
    }
  }

  #miss(error: unknown): void {
    if (error instanceof NatsxError && error.kind === 'rejected')
      this.#lose('has given up the run');
    if (!(error instanceof Unreachable) || error.failure.kind !== 'no-responders') return;
    const nowNs = this.#options.clock();
    this.#absentNs ??= nowNs;
    if (nowNs - this.#absentNs > ABSENCE_NS) this.#lose('is gone');
  }

  #lose(what: string): void {
    if (this.lost.aborted) return;
    clearInterval(this.#timer);
    this.#lost.abort(lostError(this.facts, what));
  }
}

function lostError({ id, host }: AgentFacts, what: string): NatsxError {
  return new NatsxError('connection', `the agent ${id} on ${host} ${what}`, {
    hint: 'look at the agent, and at its connection to the control server',
    details: { agent: id, host },
  });
}

function unreadable({ id }: AgentFacts): NatsxError {
  return new NatsxError('internal', `the answer of the agent ${id} cannot be read`);
}

function isReservation(value: unknown): value is Reservation {
  if (!isRecord(value) || typeof value['lease'] !== 'string') return false;
  const { wall } = value;
  return isRecord(wall) && [wall['seconds'], wall['nanoseconds']].every(Number.isFinite);
}

/** There was no answer: the failure is of the control server, or the agent is not there. */
class Unreachable extends Error {
  readonly failure: NatsxError;

  constructor(failure: NatsxError) {
    super(failure.message, { cause: failure });
    this.failure = failure;
  }
}

/**
 * @throws {NatsxError} the error that the agent answered with
 * @throws {Unreachable} without an answer
 */
async function ask(
  { connection, facts }: LineOptions,
  verb: AgentVerb,
  body: Record<string, unknown>,
  timeoutMs: number,
): Promise<unknown> {
  const subject = agentSubject(facts.id, verb);
  const message = await connection
    .request(subject, encodeMessage(body), { timeout: timeoutMs })
    .catch((cause: unknown) => {
      const what = `asking the agent ${facts.id} on ${facts.host}`;
      throw new Unreachable(translateError(cause, what));
    });
  const error = serviceErrorIn(message);
  if (error !== undefined) throw namedFailure(failureIn(message.data, error.text), facts);
  return decodeMessage(message.data);
}

function namedFailure({ kind, message, hint }: NatsxError, facts: AgentFacts): NatsxError {
  return new NatsxError(kind, `agent ${facts.id} on ${facts.host}: ${message}`, {
    hint,
    details: { agent: facts.id },
  });
}
