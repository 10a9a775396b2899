import { NatsxError } from '../../core/errors.js';
import type { MessageInPlace } from '../../core/message/message-in-place.js';
import {
  hasGoal,
  readingFailure,
  type MessageSink,
  type ReadingLimits,
  type ReadingOutcome,
} from '../../core/message/reading.js';
import { hasWildcard } from '../../core/subject/subject.js';
import { explainPattern } from '../../core/subject/subject-words.js';
import { readingSummary } from '../view/sub-summary.js';
import type { Terminal } from '../../terminal/terminal.js';
import { OutputGuard } from '../../terminal/output-guard.js';
import { plural } from '../../core/wording.js';

/** Where messages go: lines, files, a table. */
export interface ReadingView {
  message(message: MessageInPlace, count: number, member: string | undefined): void;
  /** The subscriptions are active. */
  start?(): void;
  /** No more messages will arrive; a report is printed now. */
  finish?(outcome: ReadingOutcome): void;
}

export interface SubscriptionPlan {
  readonly view: ReadingView;
  readonly limits: ReadingLimits;
  readonly slow: 'drop' | 'wait';
  /** What was subscribed to; wildcards are explained if nothing arrives. */
  readonly patterns: readonly string[];
  /** Announces that the subscriptions are active. */
  readonly announce: () => void;
}

/** After this long without a message the pattern is probably wrong. */
const SILENCE_MS = 5_000;
/** Patterns that are explained at most. */
const MOST_EXPLAINED = 3;

/** Messages on their way to stdout, from the first to the summary. */
export class SubscriptionRun {
  readonly guard: OutputGuard;
  readonly sink: MessageSink;
  readonly #terminal: Terminal;
  readonly #plan: SubscriptionPlan;
  /** Runs until the first message. */
  #silence: NodeJS.Timeout | undefined;
  #isExplained = false;

  constructor(terminal: Terminal, plan: SubscriptionPlan) {
    this.#terminal = terminal;
    this.#plan = plan;
    const { out, notices } = terminal;
    const { view } = plan;
    const guard = new OutputGuard(out, plan.slow, () =>
      notices.warn('the output is read too slowly: messages are being dropped'),
    );
    this.guard = guard;
    this.sink = {
      subscribed: () => {
        plan.announce();
        view.start?.();
        if (notices.isTerminal) this.#silence = setTimeout(() => this.#explain(), SILENCE_MS);
      },
      message: (message, count, member) => {
        if (this.#silence !== undefined) this.#endSilence();
        if (guard.overflows) return 'dropped';
        view.message(message, count, member);
        return guard.taken;
      },
      ready: () => out.ready(),
      get closed() {
        return out.closed;
      },
    };
  }

  #endSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }

  /** Once: what the patterns match, of which nothing has arrived. */
  #explain(): void {
    if (this.#isExplained) return;
    this.#isExplained = true;
    for (const pattern of this.#plan.patterns.filter(hasWildcard).slice(0, MOST_EXPLAINED)) {
      this.#terminal.notices.notice(`nothing received: ${explainPattern(pattern)}`);
    }
  }

  /**
   * Prints the summary.
   *
   * @throws {NatsxError} if the goal was not reached
   */
  finish(outcome: ReadingOutcome): void {
    const { life, notices } = this.#terminal;
    const { view, limits } = this.#plan;
    this.#endSilence();
    // The reader of stdout has left, so it needs no summary.
    if (life.stopReason === 'closed-output') return;
    view.finish?.(outcome);
    if (outcome.messages + outcome.skipped === 0) this.#explain();
    notices.notice(readingSummary(outcome));
    const signal = life.interruptedBy;
    if (outcome.end === 'stopped' && signal !== undefined && hasGoal(limits)) {
      throw interrupted(signal, limits, outcome);
    }
    const failure = readingFailure(outcome, limits);
    if (failure !== undefined) throw failure;
  }
}

function interrupted(
  signal: NodeJS.Signals,
  { count }: ReadingLimits,
  { messages }: ReadingOutcome,
): NatsxError {
  const goal =
    count === undefined
      ? 'before the time was up'
      : `after ${messages} of ${plural(count, 'message')}`;
  return new NatsxError('interrupted', `interrupted ${goal}`, { details: { signal, messages } });
}
