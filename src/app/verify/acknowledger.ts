import type { LatencyHistogram } from '../../domain/bench/latency-histogram.js';
import { recordLatency } from '../../domain/bench/latency-histogram.js';
import type { FaultLog } from '../../domain/verify/fault-log.js';
import type { SenderAccount } from '../../domain/verify/sender-account.js';
import type { MessageView } from '../../wire/message-view.js';
import { ReplyInbox } from '../../wire/reply-inbox.js';
import type { Session } from '../../wire/session.js';
import { AckWindow } from './ack-window.js';
import type { LedgerWriter } from './ledger-file.js';
import { MessageIds } from './message-ids.js';
import { readReceipt } from './receipt.js';
import { wallNowMs } from './wall-clock.js';

/** How long nobody may listen before a message is tried again. */
const UNHEARD_RETRY_MS = 250;
const TICK_MS = 100;
/** Messages that are sent again in one go: a server that just came back should not be flooded. */
const MOST_RESENDS = 1_000;
/** Acknowledgements that stay out for so long are a fault to be told. */
const STALLED_MS = 1_000;

export interface AcknowledgerOptions {
  readonly runId: string;
  readonly inboxPrefix: string;
  readonly stream: string;
  readonly window: number;
  /** Whether messages carry ids, so that they may be sent again. */
  readonly messageIds: boolean;
  /** How long an acknowledgement may take before the message is sent again or given up, in milliseconds. */
  readonly timeoutMs: number;
  /** How long the stream recognizes repeats; later ones would be duplicates. */
  readonly recognizedForMs: number;
  readonly account: SenderAccount;
  readonly ledger: LedgerWriter | undefined;
  readonly faults: FaultLog;
  readonly latency: LatencyHistogram;
}

/**
 * Waits for the stream's acknowledgements of one publisher. What is not acknowledged in time is sent again when the
 * stream can recognize it by its id; without ids it stays in doubt, for a repeat could be a duplicate of our own making.
 */
export class Acknowledger {
  /** Set by the publisher: sends a message once more. */
  resend: (number: number, sentAtMs: number) => void = () => undefined;
  readonly #options: AcknowledgerOptions;
  readonly #session: Session;
  readonly #window: AckWindow;
  readonly #inbox: ReplyInbox;
  readonly #ids: MessageIds | undefined;
  readonly #timer: NodeJS.Timeout;
  #wakers: (() => void)[] = [];
  #progressMs = performance.now();
  #stalled = false;

  constructor(session: Session, options: AcknowledgerOptions) {
    this.#options = options;
    this.#session = session;
    this.#window = new AckWindow(options.window);
    this.#inbox = new ReplyInbox(session, options.inboxPrefix, (number, view) =>
      this.#answered(number, view),
    );
    this.#ids = options.messageIds
      ? new MessageIds(options.runId, options.account.publisher)
      : undefined;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** How many more messages may be sent now. */
  get room(): number {
    return this.#window.room;
  }

  get isComplete(): boolean {
    return this.#window.isEmpty;
  }

  /** When the last acknowledgement came, on the clock of `performance.now()`. */
  get progressMs(): number {
    return this.#progressMs;
  }

  /** Reply subject and headers of a message; the headers are valid until the next call. */
  addressing(number: number): {
    readonly reply: string;
    readonly headersBlock: Uint8Array | undefined;
  } {
    return { reply: this.#inbox.subject(number), headersBlock: this.#ids?.headers(number) };
  }

  sent(number: number, sentAtMs: number, nowMs: number): void {
    if (this.#window.isEmpty) this.#progressMs = nowMs;
    this.#window.sent(number, sentAtMs, nowMs);
  }

  /** Resolves at the next acknowledgement, or after `atMostMs`. */
  async progress(atMostMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wakers.push(resolve);
      timer = setTimeout(resolve, atMostMs);
    });
    clearTimeout(timer);
  }

  /** Acknowledgements that were under way are lost with the connection. */
  reconnected(): void {
    const nowMs = performance.now();
    for (const { number, sentAtMs } of this.#window.outstanding()) {
      if (this.#mayRepeat(sentAtMs, nowMs)) this.#repeat(number, sentAtMs, nowMs);
      else this.#giveUp(number);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#inbox.close();
  }

  #answered(number: number, view: MessageView): void {
    const { account, ledger, latency, stream, faults } = this.#options;
    const nowMs = performance.now();
    const receipt = readReceipt(view, stream);
    switch (receipt.kind) {
      case 'stored': {
        const sentAtMs = this.#window.settle(number);
        if (receipt.duplicate) account.noteRecognized();
        if (!account.acknowledged.add(number)) return;
        ledger?.acknowledged(account.publisher, number);
        if (sentAtMs !== undefined) recordLatency(latency, Math.round((nowMs - sentAtMs) * 1e6));
        this.#progressed(nowMs);
        break;
      }
      case 'unheard':
        this.#window.unheard(number, nowMs);
        faults.note('no-responders', stream, 'no stream took the message', wallNowMs());
        break;
      case 'unavailable':
        faults.note('refused', stream, receipt.reason, wallNowMs());
        if (this.#ids === undefined) this.#refused(number);
        else this.#window.unheard(number, nowMs);
        break;
      case 'refused':
        faults.note('refused', stream, receipt.reason, wallNowMs());
        this.#refused(number);
        break;
      case 'strange':
        break;
    }
  }

  #refused(number: number): void {
    if (this.#window.settle(number) === undefined) return;
    this.#options.account.noteRefused();
    this.#progressed(performance.now());
  }

  #progressed(nowMs: number): void {
    this.#progressMs = nowMs;
    this.#stalled = false;
    for (const wake of this.#wakers.splice(0)) wake();
  }

  #tick(): void {
    if (this.#window.isEmpty) return;
    const nowMs = performance.now();
    this.#noteStall(nowMs);
    if (!this.#session.connected) return;
    let resends = 0;
    for (const { number, sentAtMs, triedAtMs, unheard } of this.#window.outstanding()) {
      const patienceMs = unheard ? UNHEARD_RETRY_MS : this.#options.timeoutMs;
      if (nowMs - triedAtMs < patienceMs) continue;
      if (!unheard && !this.#mayRepeat(sentAtMs, nowMs)) this.#giveUp(number);
      else if (++resends <= MOST_RESENDS) this.#repeat(number, sentAtMs, nowMs);
    }
  }

  #noteStall(nowMs: number): void {
    if (this.#stalled || nowMs - this.#progressMs < STALLED_MS) return;
    this.#stalled = true;
    const detail = `no acknowledgement for ${STALLED_MS / 1000} s`;
    this.#options.faults.note('acks-stalled', this.#options.stream, detail, wallNowMs());
  }

  #mayRepeat(sentAtMs: number, nowMs: number): boolean {
    return this.#ids !== undefined && nowMs - sentAtMs < this.#options.recognizedForMs;
  }

  #repeat(number: number, sentAtMs: number, nowMs: number): void {
    this.#window.triedAgain(number, nowMs);
    this.resend(number, sentAtMs);
  }

  #giveUp(number: number): void {
    this.#window.settle(number);
    const detail = 'an acknowledgement did not come';
    this.#options.faults.note('not-acknowledged', this.#options.stream, detail, wallNowMs());
    this.#progressed(performance.now());
  }
}
