import { NatsxError } from '../../../core/errors.js';
import type { PublishFate } from '../../model/publish-fate.js';
import type { AckRing, Outstanding } from './ack-ring.js';
import { notAcknowledged } from './loss-errors.js';
import type { Lookup, Unheard } from './stream-lookup.js';

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 2_000;
/** Long enough for a cluster to choose a leader. */
const PATIENCE_MS = 30_000;
/** Nobody listens, and nobody can say why: that does not get better by itself. */
const UNHEARD_PATIENCE_MS = 1_000;
/** One answer could be from before a change that is on its way. */
const FINAL_ANSWERS = 2;

export interface RetrialOptions {
  readonly timeoutMs: number;
  readonly retryForMs: number | undefined;
  readonly lookup: () => Lookup;
  readonly isConnected: () => boolean;
}

export interface RetrialActions<M> {
  /** @returns whether it was sent or is settled; false when the duplicate window of its stream is not known */
  readonly send: (one: Outstanding<M>) => boolean;
  /** It will never be taken. */
  readonly refuse: (one: Outstanding<M>, error: NatsxError) => void;
  /** Messages that may be sent again only when it is known that they are not stored. */
  readonly unclear: () => readonly Outstanding<M>[];
  /** Finds that out. @throws {NatsxError} connection, timeout — not now; others — it cannot be known */
  readonly clear: (unclear: readonly Outstanding<M>[]) => Promise<void>;
  /** Ends all attempts; `fate` is that of the oldest message. */
  readonly halt: (error: NatsxError, fate: PublishFate) => void;
  /** Normal life goes on. */
  readonly over: () => void;
}

/**
 * What happens after an answer was missing: the oldest message alone is tried again, with growing pauses, and when it
 * has been taken all others follow in order.
 */
export class Retrial<M> {
  readonly #ring: AckRing<M>;
  readonly #options: RetrialOptions;
  readonly #actions: RetrialActions<M>;
  #active = false;
  #probe: Outstanding<M> | undefined;
  #trouble: NatsxError | undefined;
  #unheard: Unheard | undefined;
  #finalAnswers = 0;
  #backoffMs = FIRST_BACKOFF_MS;
  #dueMs = 0;
  #sinceMs = 0;
  #reconnectedMs = 0;
  #hasProgressed = false;
  #asking = false;

  constructor(ring: AckRing<M>, options: RetrialOptions, actions: RetrialActions<M>) {
    this.#ring = ring;
    this.#options = options;
    this.#actions = actions;
  }

  /** Nothing new is to be sent meanwhile. */
  get isActive(): boolean {
    return this.#active;
  }

  start(trouble?: NatsxError): void {
    if (trouble !== undefined) this.#trouble = trouble;
    if (this.#active) return;
    this.#active = true;
    this.#probe = undefined;
    this.#finalAnswers = 0;
    this.#backoffMs = FIRST_BACKOFF_MS;
    this.#sinceMs = this.#dueMs = performance.now();
  }

  stop(): void {
    if (!this.#active) return;
    this.#active = false;
    this.#actions.over();
  }

  reconnected(): void {
    this.#reconnectedMs = this.#dueMs = performance.now();
    this.#backoffMs = FIRST_BACKOFF_MS;
  }

  /** An attempt was answered with "not now". @param error absent where nobody listened */
  refused(error: NatsxError | undefined): void {
    this.start(error);
    const nowMs = performance.now();
    // A whole window is refused at once, and that counts as one attempt.
    if (nowMs >= this.#dueMs) {
      this.#dueMs = nowMs + this.#backoffMs;
      this.#backoffMs = Math.min(2 * this.#backoffMs, LONGEST_BACKOFF_MS);
    }
    if (error === undefined) this.#askWhy();
  }

  /** A message was answered for good. */
  progressed(): void {
    this.#hasProgressed = true;
    if (!this.#active) return;
    this.#sinceMs = performance.now();
    const { head } = this.#ring;
    if (head === undefined) this.stop();
    else if (this.#probe?.fate !== undefined) this.#sendDue();
  }

  /** To be called often while there is a connection. */
  tick(): void {
    const { head } = this.#ring;
    if (!this.#active || this.#asking) return;
    if (head === undefined || this.#allSent()) {
      this.stop();
      return;
    }
    const nowMs = performance.now();
    if (this.#patienceIsOver(head, nowMs)) this.#giveUp(head);
    else if (head.state === 'due' && nowMs >= this.#dueMs) this.#tryHead();
  }

  #tryHead(): void {
    const unknown = this.#subjectsToLookUp();
    if (unknown.length > 0) {
      this.#lookUp(unknown);
      return;
    }
    const unclear = this.#actions.unclear();
    if (unclear.length > 0) {
      this.#clear(unclear);
      return;
    }
    for (let { head } = this.#ring; head?.state === 'due'; { head } = this.#ring) {
      this.#probe = head;
      if (!this.#actions.send(head) || head.fate === undefined) return;
    }
  }

  /** The oldest was taken, so the others follow. */
  #sendDue(): void {
    this.#trouble = undefined;
    this.#unheard = undefined;
    if (!this.#options.isConnected()) return;
    this.#active = false;
    for (const one of this.#ring.open()) {
      if (one.state === 'due' && !this.#actions.send(one)) {
        this.start();
        return;
      }
    }
    this.#actions.over();
  }

  #allSent(): boolean {
    for (const one of this.#ring.open()) if (one.state === 'due') return false;
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
        // One that is not to be had now is asked for again after a while.
        if (lookup.knownWindowMs(subject) !== undefined) continue;
        this.#unheard = await lookup.whyUnheard(subject);
        this.#wait();
        return;
      }
    });
  }

  #clear(unclear: readonly Outstanding<M>[]): void {
    void this.#asked(async () => {
      try {
        await this.#actions.clear(unclear);
      } catch (error) {
        if (!(error instanceof NatsxError)) throw error;
        if (!this.#active) return;
        this.#trouble = error;
        if (error.kind === 'connection' || error.kind === 'timeout') this.#wait();
        else this.#actions.halt(error, { type: 'in-doubt', error });
      }
    });
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
      if (!this.#active) return;
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
