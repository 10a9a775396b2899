import type { NatsxError } from '../../core/errors.js';
import { recordLatency, type LatencyHistogram } from '../../core/statistics/latency-histogram.js';
import { Notifier } from '../../connection/notifier.js';
import type { BatchMode } from '../../streams/model/batch-needs.js';
import type { BatchState } from '../model/batch-record.js';
import type { FaultLog } from '../model/fault-log.js';
import type { SenderAccount } from '../model/sender-account.js';
import type { LedgerWriter } from './ledger-file.js';
import { wallNowMs } from './wall-clock.js';

export interface BatchLogOptions {
  readonly mode: BatchMode;
  readonly inboxPrefix: string;
  readonly stream: string;
  readonly subject: string;
  readonly window: number;
  /** How long an answer may take before it is asked for again, in milliseconds. */
  readonly timeoutMs: number;
  readonly account: SenderAccount;
  readonly ledger: LedgerWriter | undefined;
  readonly faults: FaultLog;
  readonly latency: LatencyHistogram;
}

/** Records what becomes of messages that are published in batches. */
export class BatchLog {
  readonly #options: BatchLogOptions;
  /** When messages without a fate were sent. */
  readonly #sentAtMs = new Map<number, number>();
  readonly #changed = new Notifier();
  progressMs = performance.now();

  constructor(options: BatchLogOptions) {
    this.#options = options;
  }

  sent(number: number, sentAtMs: number): void {
    this.#sentAtMs.set(number, sentAtMs);
  }

  stored(number: number): void {
    const { account, ledger, latency } = this.#options;
    const sentAtMs = this.#take(number);
    if (!account.acknowledged.add(number)) return;
    ledger?.acknowledged(account.publisher, number);
    if (sentAtMs !== undefined)
      recordLatency(latency, Math.round((performance.now() - sentAtMs) * 1e6));
  }

  /** The stream has said that it does not store the message. */
  notStored(number: number): void {
    this.#take(number);
    this.#options.account.unstored.add(number);
  }

  /** Nothing will be known of the message. */
  inDoubt(number: number): void {
    this.#take(number);
  }

  ended(from: number, to: number, state: BatchState): void {
    const { account, mode } = this.#options;
    account.batches.push({ from, to, state, mode });
    this.progressed();
  }

  fault(detail: string): void {
    const { faults, stream } = this.#options;
    faults.note('refused', stream, detail, wallNowMs());
  }

  refused(error: NatsxError): void {
    const description = error.details?.['description'];
    this.fault(typeof description === 'string' && description !== '' ? description : error.message);
  }

  progressed(): void {
    this.progressMs = performance.now();
    this.#changed.notify();
  }

  /** Resolves at the next answer, or after `atMostMs`. */
  progress(atMostMs: number): Promise<void> {
    return this.#changed.next(AbortSignal.timeout(atMostMs));
  }

  #take(number: number): number | undefined {
    const sentAtMs = this.#sentAtMs.get(number);
    this.#sentAtMs.delete(number);
    return sentAtMs;
  }
}
