import { NatsxError } from '../../../core/errors.js';
import type { PublishFate } from '../../model/publish-fate.js';
import type { AckRing, Outstanding } from './ack-ring.js';
import { duplicateWindowOver, notAcknowledged } from './loss-errors.js';
import type { StreamPublisherOptions } from './publisher-options.js';
import type { Lookup, Unheard } from './stream-lookup.js';

const TICK_MS = 25;
/** When this many were stored together, the connection carries the rest. */
const LONGEST_STEP = 256;
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 2_000;
/** Long enough for a cluster to choose a leader. */
const PATIENCE_MS = 30_000;
/** No responders, and no known reason for it: that does not get better by itself. */
const UNHEARD_PATIENCE_MS = 1_000;
/** One answer could be from before a change that is in progress. */
const FINAL_ANSWERS = 2;

export interface RetryOptions<M> extends Pick<
  StreamPublisherOptions<M>,
  'timeoutMs' | 'retryForMs' | 'lookup' | 'inquire'
> {
  readonly isConnected: () => boolean;
}

/** What the publisher does for its retries. */
export interface RetryActions<M> {
  readonly send: (entry: Outstanding<M>) => void;
  /** Some messages were found in their streams. */
  readonly stored: () => void;
  /** The message will never be stored. */
  readonly refuse: (entry: Outstanding<M>, error: NatsxError) => void;
  /** Ends all attempts; `fate` is that of the oldest message. */
  readonly halt: (error: NatsxError, fate: PublishFate) => void;
  /** Publishing may go on. */
  readonly over: () => void;
}

/**
 * What happens after an answer was missing: the oldest message alone is sent again, with growing pauses. When it is
 * stored, the others follow in order: first two, then twice as many each time, since a connection that is lost again
 * under a full window would never get further.
 */
export class Retries<M> {
  readonly #ring: AckRing<M>;
  readonly #options: RetryOptions<M>;
  readonly #actions: RetryActions<M>;
  /** Present while retrying. */
  #timer: NodeJS.Timeout | undefined;
  #probe: Outstanding<M> | undefined;
  #trouble: NatsxError | undefined;
  #unheard: Unheard | undefined;
  #finalAnswers = 0;
  /** How many messages follow when those that were sent again are stored. */
  #step = 1;
  #backoffMs = FIRST_BACKOFF_MS;
  #dueMs = 0;
  #sinceMs = 0;
  #reconnectedMs = 0;
  #hasProgressed = false;
  #asking = false;

  constructor(ring: AckRing<M>, options: RetryOptions<M>, actions: RetryActions<M>) {
    this.#ring = ring;
    this.#options = options;
    this.#actions = actions;
  }

  /** Nothing new may be sent meanwhile. */
  get isActive(): boolean {
    return this.#timer !== undefined;
  }

  start(trouble?: NatsxError): void {
    if (trouble !== undefined) this.#trouble = trouble;
    if (this.isActive) return;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#probe = undefined;
    this.#finalAnswers = 0;
    this.#backoffMs = FIRST_BACKOFF_MS;
    this.#sinceMs = this.#dueMs = performance.now();
  }

  stop(): void {
    if (!this.isActive) return;
    this.#deactivate();
    this.#actions.over();
  }

  reconnected(): void {
    this.#reconnectedMs = this.#dueMs = performance.now();
    this.#backoffMs = FIRST_BACKOFF_MS;
  }

  /** An attempt was answered with "not now". @param error absent when there were no responders */
  refused(error: NatsxError | undefined): void {
    this.start(error);
    // A whole window is refused at once, and that counts as one attempt.
    if (performance.now() >= this.#dueMs) this.#wait();
    if (error === undefined) this.#askWhy();
  }

  /** A message was stored or refused. */
  progressed(): void {
    this.#hasProgressed = true;
    if (!this.isActive) return;
    this.#sinceMs = performance.now();
    const { head } = this.#ring;
    if (head === undefined) this.stop();
    else if (this.#probe?.fate !== undefined) this.#sendDue();
  }

  #deactivate(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const { head } = this.#ring;
    if (head === undefined) this.stop();
    else if (this.#options.isConnected() && !this.#asking) this.#tickConnected(head);
  }

  #tickConnected(head: Outstanding<M>): void {
    const nowMs = performance.now();
    if (this.#allSent()) this.stop();
    else if (this.#patienceIsOver(head, nowMs)) this.#giveUp(head);
    else if (head.state === 'due' && nowMs >= this.#dueMs) this.#tryHead();
  }

  #tryHead(): void {
    const unknown = this.#subjectsToLookUp();
    if (unknown.length > 0) {
      this.#lookUp(unknown);
      return;
    }
    const unclear = this.#unclear();
    if (unclear.length > 0) {
      this.#clear(unclear);
      return;
    }
    for (let { head } = this.#ring; head?.state === 'due'; { head } = this.#ring) {
      this.#probe = head;
      this.#step = 2;
      if (!this.#sendAgain(head) || head.fate === undefined) return;
    }
  }

  /** What was sent again is stored, so others follow. */
  #sendDue(): void {
    this.#trouble = undefined;
    this.#unheard = undefined;
    if (!this.#options.isConnected()) return;
    let left = this.#step > LONGEST_STEP ? Infinity : this.#step;
    this.#step *= 2;
    for (const entry of this.#ring.open()) {
      if (entry.state !== 'due') continue;
      if (left === 0) return;
      left -= 1;
      if (!this.#sendAgain(entry)) {
        this.#deactivate();
        this.start();
        return;
      }
      this.#probe = entry;
    }
    this.#deactivate();
    this.#actions.over();
  }

  /** @returns whether it was sent or is settled; false when the duplicate window of its stream is not known */
  #sendAgain(entry: Outstanding<M>): boolean {
    const { subject } = entry;
    if (entry.doubtSinceMs > 0) {
      const windowMs = this.#options.lookup().knownWindowMs(subject);
      if (windowMs === undefined) return false;
      if (isPast(entry, windowMs)) {
        const error = duplicateWindowOver(subject, windowMs);
        this.#ring.settle(entry, { type: 'in-doubt', error });
        return true;
      }
    }
    this.#actions.send(entry);
    return true;
  }

  #allSent(): boolean {
    for (const { state } of this.#ring.open()) if (state === 'due') return false;
    return true;
  }

  #patienceIsOver(head: Outstanding<M>, nowMs: number): boolean {
    const { timeoutMs, retryForMs } = this.#options;
    const fromMs = this.#hasProgressed ? this.#sinceMs : head.firstSentMs;
    const elapsedMs = nowMs - Math.max(fromMs, this.#reconnectedMs);
    if (retryForMs !== undefined) return elapsedMs > retryForMs;
    if (this.#hasProgressed) return elapsedMs > Math.max(PATIENCE_MS, timeoutMs);
    const isHopeless = this.#unheard !== undefined && this.#unheard.error.kind === 'not-found';
    return elapsedMs > (isHopeless ? Math.min(UNHEARD_PATIENCE_MS, timeoutMs) : timeoutMs);
  }

  #giveUp(head: Outstanding<M>): void {
    const { subject } = head;
    const waitedMs = performance.now() - head.firstSentMs;
    const error = this.#unheard?.error ?? this.#trouble ?? notAcknowledged(subject, waitedMs);
    const isDoubtful = head.doubtSinceMs > 0 || head.state === 'waiting';
    this.#actions.halt(error, { type: isDoubtful ? 'in-doubt' : 'refused', error });
  }

  #subjectsToLookUp(): readonly string[] {
    const lookup = this.#options.lookup();
    const subjects = new Set<string>();
    for (const { doubtSinceMs, hasId, subject } of this.#ring.open()) {
      if (hasId && doubtSinceMs > 0 && lookup.knownWindowMs(subject) === undefined) {
        subjects.add(subject);
      }
    }
    return [...subjects];
  }

  #lookUp(subjects: readonly string[]): void {
    void this.#asked(async (lookup) => {
      for (const subject of subjects) {
        await lookup.lookUp(subject);
        // A window that cannot be read now is looked up again after a pause.
        if (lookup.knownWindowMs(subject) !== undefined) continue;
        this.#unheard = await lookup.whyUnheard(subject);
        this.#wait();
        return;
      }
    });
  }

  /** Messages in doubt that their stream would store twice if they were sent again. */
  #unclear(): readonly Outstanding<M>[] {
    if (this.#options.inquire === undefined) return [];
    return [...this.#ring.open()].filter((entry) => {
      if (entry.doubtSinceMs === 0 || entry.state !== 'due') return false;
      if (!entry.hasId) return true;
      const windowMs = this.#options.lookup().knownWindowMs(entry.subject);
      return windowMs !== undefined && isPast(entry, windowMs);
    });
  }

  #clear(unclear: readonly Outstanding<M>[]): void {
    void this.#asked(async () => {
      try {
        await this.#inquire(unclear);
      } catch (error) {
        if (!(error instanceof NatsxError)) throw error;
        if (!this.isActive) return;
        this.#trouble = error;
        if (error.kind === 'connection' || error.kind === 'timeout') this.#wait();
        else this.#actions.halt(error, { type: 'in-doubt', error });
      }
    });
  }

  /** Settles messages that are in a stream; the others count as not sent. */
  async #inquire(unclear: readonly Outstanding<M>[]): Promise<void> {
    const messages = unclear.map(({ message }) => message);
    const acks = await this.#options.inquire?.(messages, this.#ring.acksBehindHead());
    unclear.forEach((entry, index) => {
      const ack = acks?.[index];
      entry.doubtSinceMs = 0;
      if (ack !== undefined) this.#ring.settle(entry, { type: 'stored', ack });
    });
    this.#actions.stored();
  }

  #wait(): void {
    this.#dueMs = performance.now() + this.#backoffMs;
    this.#backoffMs = Math.min(2 * this.#backoffMs, LONGEST_BACKOFF_MS);
  }

  #askWhy(): void {
    const subject = this.#ring.head?.subject;
    if (this.#asking || subject === undefined) return;
    void this.#asked(async (lookup) => {
      const why = await lookup.whyUnheard(subject);
      if (!this.isActive) return;
      this.#unheard = why;
      this.#finalAnswers = why.isFinal ? this.#finalAnswers + 1 : 0;
      const { head } = this.#ring;
      if (this.#finalAnswers < FINAL_ANSWERS || head?.subject !== subject) return;
      this.#finalAnswers = 0;
      this.#actions.refuse(head, why.error);
    });
  }

  async #asked(question: (lookup: Lookup) => Promise<void>): Promise<void> {
    this.#asking = true;
    try {
      await question(this.#options.lookup());
    } finally {
      this.#asking = false;
    }
  }
}

/** Whether the stream may have forgotten the id of the first attempt. */
function isPast(entry: Outstanding, windowMs: number): boolean {
  return performance.now() - entry.doubtSinceMs >= windowMs;
}
