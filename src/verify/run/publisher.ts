import { setImmediate as nextTurn } from 'node:timers/promises';

import { EnvelopeWriter } from '../model/envelope.js';
import type { SenderAccount } from '../model/sender-account.js';
import { dueAtMs, dueCount, type Pace } from '../../core/values/pace.js';
import type { Session } from '../../wire/session.js';
import { unlessAborted } from '../../connection/abortable.js';
import { pauseUntil } from '../../connection/pause-until.js';
import type { Confirmer, NumberedMessage } from './confirmer.js';
import type { Flow } from './flow.js';
import type { LedgerWriter } from './ledger-file.js';

/** Messages after which the subscribers get their turn. */
const BURST = 128;
const LONGEST_PAUSE_MS = 50;

/** When the messages of one publisher are sent. Times are on the clock of `performance.now()`. */
interface Schedule {
  /** Messages to send; Infinity when only the time limits them. */
  readonly share: number;
  readonly pace: Pace;
  readonly startMs: number;
  readonly endMs: number;
}

export interface PublisherOptions {
  readonly runId: string;
  readonly subject: string;
  readonly schedule: Schedule;
  /** The bytes after the envelope of each message. */
  readonly filler: Uint8Array;
  readonly account: SenderAccount;
  readonly ledger: LedgerWriter | undefined;
  /** Absent if nothing is acknowledged. */
  readonly acknowledger: Confirmer | undefined;
  readonly flow: Flow | undefined;
}

/** Sends the numbered messages of one publisher. */
export class Publisher {
  readonly #session: Session;
  readonly #options: PublisherOptions;
  readonly #envelope: EnvelopeWriter;
  #next = 1;

  constructor(session: Session, options: PublisherOptions) {
    const { runId, account, filler, acknowledger } = options;
    this.#session = session;
    this.#options = options;
    this.#envelope = new EnvelopeWriter(runId, account.publisher, filler);
    if (acknowledger !== undefined) acknowledger.payload = (message) => this.#payload(message);
  }

  /**
   * Sends until everything is sent, the time is up, or the signal aborts.
   *
   * @throws {NatsxError} connection — lost for good
   */
  async run(signal: AbortSignal): Promise<void> {
    const { schedule } = this.#options;
    while (!signal.aborted && this.#next <= schedule.share && performance.now() < schedule.endMs) {
      if (!this.#session.connected) {
        await unlessAborted(this.#session.whenConnected(signal), signal);
        continue;
      }
      const sent = this.#burst();
      if (sent === 'blocked') await unlessAborted(this.#drained(), signal);
      else if (sent > 0) await nextTurn();
      else await this.#pause(signal);
    }
  }

  async #drained(): Promise<void> {
    // If the connection is lost meanwhile, the loop detects it.
    await this.#session.drained().catch(() => undefined);
  }

  /** @returns how many were sent; `blocked` if the socket takes no more for now */
  #burst(): number | 'blocked' {
    const { schedule, acknowledger, flow } = this.#options;
    const nowMs = performance.now();
    const room = Math.min(acknowledger?.room ?? BURST, flow?.room(nowMs) ?? BURST, BURST);
    const due = Math.min(schedule.share, dueCount(schedule.pace, nowMs - schedule.startMs));
    const last = Math.min(due, this.#next + room - 1);
    const before = this.#next;
    while (this.#next <= last) {
      if (!this.#send(this.#next++)) return 'blocked';
    }
    return this.#next - before;
  }

  /** @returns whether there is room for more */
  #send(number: number): boolean {
    const { account, acknowledger, flow, ledger, subject } = this.#options;
    const nowMs = performance.now();
    // A late message gets the time when it was due, so that the delay is part of its latency.
    const message = { number, sentAtMs: this.#dueMs(number) ?? nowMs };
    const room =
      acknowledger === undefined
        ? this.#session.publish({ subject, payload: this.#payload(message) })
        : acknowledger.publish(message, nowMs);
    account.noteSent(number, performance.timeOrigin + nowMs);
    ledger?.sent(account.publisher, number);
    flow?.noteSent();
    return room;
  }

  /** When message `number` (from 1) is due; undefined for as soon as possible. */
  #dueMs(number: number): number | undefined {
    const { pace, startMs } = this.#options.schedule;
    return pace.type === 'unlimited' ? undefined : startMs + dueAtMs(pace, number - 1);
  }

  #payload({ number, sentAtMs }: NumberedMessage): Uint8Array {
    return this.#envelope.write(number, performance.timeOrigin + sentAtMs);
  }

  /** Pauses until the next message is due, or there may be room again. */
  async #pause(signal: AbortSignal): Promise<void> {
    const { acknowledger } = this.#options;
    if (acknowledger?.room === 0) {
      await unlessAborted(acknowledger.progress(LONGEST_PAUSE_MS), signal);
      return;
    }
    const laterMs = performance.now() + LONGEST_PAUSE_MS;
    const dueMs = this.#dueMs(this.#next) ?? 0;
    // If the next message is due but was not sent, the subscribers have to catch up.
    await (pauseUntil(Math.min(dueMs, laterMs), signal) ?? nextTurn());
  }
}
