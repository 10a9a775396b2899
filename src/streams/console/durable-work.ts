import { NatsxError, usageError } from '../../core/errors.js';
import type { ConsumerInfo } from '../model/consumer-info.js';
import type { Work, WorkOutcome } from '../../core/message/work.js';
import { agree, plural } from '../../core/wording.js';
import { CommandWorker } from './command-worker.js';
import type { Terminal } from '../../terminal/terminal.js';
import type { DurablePlan } from '../flags/durable-flags.js';
import { messageView } from '../../messaging/console/reading-views.js';
import type { ReadingOptions } from '../../messaging/flags/reading-options.js';
import { SubscriptionRun } from '../../messaging/console/subscription-run.js';

/** Handles the messages of a consumer, from the first to the summary. */
export class DurableWork {
  readonly work: Work;
  readonly #terminal: Terminal;
  readonly #reading: SubscriptionRun;
  readonly #worker: CommandWorker | undefined;
  #lastReason = '';

  /** @throws {NatsxError} usage */
  constructor(terminal: Terminal, { command }: DurablePlan, options: ReadingOptions) {
    const { limits } = options;
    const view = messageView(terminal, options);
    this.#terminal = terminal;
    // The server keeps messages that are not requested: nothing has to be dropped.
    this.#reading = new SubscriptionRun(terminal, {
      view,
      limits,
      slow: 'wait',
      patterns: [],
      announce: () => undefined,
    });
    if (command === undefined) {
      const { sink } = this.#reading;
      this.work = { type: 'print', sink, drained: () => terminal.out.drained() };
      return;
    }
    checkPlain(options);
    this.#worker = new CommandWorker(terminal, command);
    this.work = { type: 'job', run: this.#worker.run };
  }

  readonly opened = (consumer: ConsumerInfo): void => announce(this.#terminal, consumer);

  /** Prints repeated equal reasons only once. */
  readonly disturbed = (reason: string): void => {
    if (reason !== this.#lastReason) this.#terminal.notices.notice(`${reason}; retrying`);
    this.#lastReason = reason;
  };

  readonly idle = (reason: string): void => this.#terminal.notices.notice(`no messages: ${reason}`);

  /** @throws {NatsxError} unhealthy — a command failed; others — the run did not reach its goal */
  finish(outcome: WorkOutcome): void {
    const { life, notices } = this.#terminal;
    if (life.stopReason !== 'closed-output') notices.notice(verdictText(outcome));
    if (outcome.unsettled !== undefined) throw outcome.unsettled;
    this.#finishReading(outcome);
    if (outcome.late > 0) throw acknowledgedLate(outcome);
    const failed = this.#worker?.failed ?? 0;
    if (failed > 0 && outcome.end !== 'stopped') throw commandsFailed(failed, outcome);
  }

  /** If too few messages arrived, the state of the consumer may explain it. */
  #finishReading(outcome: WorkOutcome): void {
    try {
      this.#reading.finish(outcome);
    } catch (error) {
      const { idleReason } = outcome;
      if (idleReason === undefined || !(error instanceof NatsxError) || error.kind !== 'timeout') {
        throw error;
      }
      const { message, details } = error;
      throw new NatsxError('timeout', message, { hint: idleReason, details, cause: error });
    }
  }
}

/** With a command, its output is printed instead of the messages. */
function checkPlain({ form, outputDir }: ReadingOptions): void {
  if (outputDir === undefined && (form.kind === 'json' || form.kind === 'text')) return;
  throw usageError(
    '--command prints the output of the command instead of the messages',
    'omit the flags that print messages',
  );
}

function announce(
  { notices }: Terminal,
  { name, stream_name: stream, ...info }: ConsumerInfo,
): void {
  const waiting = plural(info.num_pending, 'message');
  const pending = info.num_ack_pending > 0 ? `, ${info.num_ack_pending} not yet acknowledged` : '';
  notices.notice(`working as ${name} of ${stream}: ${waiting} to be delivered${pending}`);
}

function verdictText({ acked, naked, late, unsent, unconfirmed }: WorkOutcome): string {
  const back = naked === 0 ? '' : `, ${naked} returned`;
  const after = late === 0 ? '' : `, ${late} after the ack wait`;
  const open = unsent === 0 ? '' : `; there was no connection to settle ${unsent}`;
  const unheard = unconfirmed === 0 ? '' : `; ${unconfirmed} not confirmed`;
  return `${plural(acked, 'message')} acknowledged${back}${after}${open}${unheard}`;
}

/** Another worker may also have handled them. */
function acknowledgedLate({ late, messages }: WorkOutcome): NatsxError {
  return new NatsxError(
    'unhealthy',
    `${plural(late, 'message')} ${agree(late, 'was', 'were')} acknowledged after the ack wait, and may have been redelivered before`,
    {
      hint: 'use a longer ack wait: natsx consumer edit --ack-wait',
      details: { messages, late },
    },
  );
}

function commandsFailed(failed: number, { messages }: WorkOutcome): NatsxError {
  return new NatsxError(
    'unhealthy',
    `the command failed for ${failed} of ${plural(messages, 'message')}`,
    {
      hint: 'they are redelivered; natsx backlog shows the progress of the consumer',
      details: { messages, failed },
    },
  );
}
