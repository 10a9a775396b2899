import { exactJsonText } from '../../core/message/payload-json.js';
import type { AcknowledgedResult } from '../model/acknowledged-result.js';
import { acknowledgedFailure, unacknowledgedCount } from '../model/acknowledged-result.js';
import type { AcknowledgedTotals } from '../model/publish-account.js';
import type { PublishFate } from '../model/publish-fate.js';
import type { OutgoingMessage } from '../../core/message/message.js';
import {
  ackLine,
  acknowledgedJson,
  acknowledgedProgress,
  acknowledgedSummary,
  notKeptLines,
  unacknowledgedLines,
} from '../view/acknowledged-text.js';
import type { Terminal } from '../../terminal/terminal.js';
import type { JetStreamPublishPlan } from './jetstream-publish-plan.js';
import { slowProgress } from '../../terminal/slow-progress.js';

/** Prints the fate of messages, and writes those without an acknowledgement to a file. */
export class AckReporter {
  readonly #terminal: Terminal;
  readonly #plan: JetStreamPublishPlan;
  #endProgress = (): void => undefined;

  constructor(terminal: Terminal, plan: JetStreamPublishPlan) {
    this.#terminal = terminal;
    this.#plan = plan;
  }

  readonly ready = (): Promise<void> => this.#terminal.out.ready();

  readonly settled = (index: number, message: OutgoingMessage, fate: PublishFate): void => {
    const { printsAcks, failedFile } = this.#plan;
    if (printsAcks) this.#terminal.out.line(ackLine(index, message, fate));
    if (fate.type !== 'stored') failedFile?.add(message, fate);
  };

  readonly watch = (totals: () => AcknowledgedTotals): void => {
    const startedMs = performance.now();
    this.#endProgress = slowProgress(this.#terminal.notices, () =>
      acknowledgedProgress(totals(), performance.now() - startedMs, this.#plan.goal),
    );
  };

  /** To be called in any case. @throws {NatsxError} usage — the file of failed messages cannot be written */
  ended(): void {
    this.#endProgress();
    this.#plan.failedFile?.flush();
  }

  /** @throws {NatsxError} what made it fail */
  report(result: AcknowledgedResult): void {
    const { out, notices, json } = this.#terminal;
    if (json) out.line(exactJsonText(acknowledgedJson(result)));
    const failure = acknowledgedFailure(result);
    const missing = unacknowledgedCount(result);
    if (missing > 1 && !json) for (const line of unacknowledgedLines(result)) notices.warn(line);
    const { failedFile } = this.#plan;
    if (failedFile !== undefined && failedFile.count > 0) {
      const { path, count } = failedFile;
      notices.notice(
        `${count} not acknowledged; to publish again: natsx pub -J --jsonl --file ${path}`,
      );
    }
    if (!json) for (const line of notKeptLines(result)) notices.warn(line);
    if (failure !== undefined) throw failure;
    notices.notice(acknowledgedSummary(result));
  }
}
