import { formatDurationMs } from '../../core/values/duration.js';
import type { LatencyHistogram } from '../../core/statistics/latency-histogram.js';
import { recordLatency } from '../../core/statistics/latency-histogram.js';
import { NatsxError } from '../../core/errors.js';
import type { PublishAck } from '../../streams/model/publish-ack.js';
import type { PublishFate } from '../../streams/model/publish-fate.js';
import type { FaultLog } from '../model/fault-log.js';
import type { SenderAccount } from '../model/sender-account.js';
import type { PublishFrame, ReplySubject } from '../../wire/frame-buffer.js';
import type { Session } from '../../wire/session.js';
import { Notifier } from '../../connection/notifier.js';
import type { Confirmer, NumberedMessage } from './confirmer.js';
import type { Lookup } from '../../streams/run/publish/stream-lookup.js';
import { StreamPublisher } from '../../streams/run/publish/stream-publisher.js';
import type { LedgerWriter } from './ledger-file.js';
import { wallNowMs } from './wall-clock.js';

const TICK_MS = 100;
const ID_DIGITS = 10;
const ZERO = 48;
/** This long without an acknowledgement is a fault to report. */
const STALLED_MS = 1_000;

export interface AcknowledgerOptions {
  readonly runId: string;
  readonly inboxPrefix: string;
  readonly stream: string;
  readonly subject: string;
  readonly window: number;
  /** Whether messages have ids, so that they can be sent again. */
  readonly messageIds: boolean;
  /** How long an acknowledgement may take before the message is sent again or in doubt, in milliseconds. */
  readonly timeoutMs: number;
  /** How long the stream detects duplicates, in milliseconds. */
  readonly duplicateWindowMs: number;
  readonly account: SenderAccount;
  readonly ledger: LedgerWriter | undefined;
  readonly faults: FaultLog;
  readonly latency: LatencyHistogram;
}

/**
 * Publishes the messages of one publisher and records their acknowledgements. A message that is not acknowledged in time is
 * sent again if the stream can detect a duplicate by its id; without ids it stays in doubt, since sending it again could
 * create a duplicate. It never gives up by itself: faults are to be observed, not avoided.
 */
export class Acknowledger implements Confirmer {
  /** Set by the publisher: writes a message; the payload is valid until the next call. */
  payload: (message: NumberedMessage) => Uint8Array = () => new Uint8Array();
  readonly #options: AcknowledgerOptions;
  readonly #publisher: StreamPublisher<NumberedMessage>;
  readonly #ids: MessageIds | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #changed = new Notifier();
  #progressMs = performance.now();
  #stalled = false;
  #unsendable: NatsxError | undefined;

  constructor(session: Session, options: AcknowledgerOptions) {
    const { inboxPrefix, window, timeoutMs, stream, subject, messageIds } = options;
    this.#options = options;
    this.#ids = messageIds ? new MessageIds(options.runId, options.account.publisher) : undefined;
    this.#publisher = new StreamPublisher<NumberedMessage>(
      session,
      {
        subject: () => subject,
        // Messages are generated again from their numbers.
        heldBytes: () => 0,
        hasId: () => messageIds,
        frame: (message, _server, reply) => this.#frame(message, reply),
      },
      {
        inboxPrefix,
        window,
        timeoutMs,
        retryForMs: Infinity,
        lookup: () => lookupOf(options),
        stream,
        tireless: true,
        onSettled: (_number, _message, fate) => this.#settled(fate),
        watch: {
          acknowledged: (number, ack, entry) => this.#acknowledged(number + 1, ack, entry?.message),
          turnedAway: (error) => this.#turnedAway(error),
          sentAgain: () => options.account.noteResent(),
        },
      },
    );
    this.#timer = setInterval(() => this.#noteStall(performance.now()), TICK_MS);
  }

  /** How many more messages may be sent now. */
  get room(): number {
    return this.#publisher.room;
  }

  get isComplete(): boolean {
    return this.#publisher.outstanding === 0;
  }

  /** Time of the last acknowledgement, on the clock of `performance.now()`. */
  get progressMs(): number {
    return this.#progressMs;
  }

  /**
   * Sends the next message; its number follows that of the last one. Call it only while there is {@link room}.
   *
   * @returns whether the socket takes more now
   * @throws {NatsxError} rejected — it is too large for the server
   */
  publish(message: NumberedMessage, nowMs: number): boolean {
    if (this.isComplete) this.#progressMs = nowMs;
    const room = this.#publisher.publish(message);
    if (this.#unsendable !== undefined) throw this.#unsendable;
    return room;
  }

  /** Resolves at the next acknowledgement, or after `atMostMs`. */
  progress(atMostMs: number): Promise<void> {
    return this.#changed.next(AbortSignal.timeout(atMostMs));
  }

  /** Acknowledgements in transit are lost with the connection. */
  disconnected(): void {
    this.#publisher.disconnected();
  }

  reconnected(): void {
    this.#publisher.reconnected();
  }

  finish(): void {
    // Each message is acknowledged by itself.
  }

  close(): void {
    clearInterval(this.#timer);
    this.#publisher.close();
  }

  #frame(message: NumberedMessage, reply: ReplySubject): PublishFrame {
    const { subject } = this.#options;
    const headersBlock = this.#ids?.headers(message.number);
    return { subject, payload: this.payload(message), reply, headersBlock };
  }

  /** Also called for a message that was already in doubt: the stream has it. */
  #acknowledged(number: number, { duplicate }: PublishAck, message?: NumberedMessage): void {
    const { account, ledger, latency } = this.#options;
    if (duplicate) account.noteRecognized();
    if (!account.acknowledged.add(number)) return;
    ledger?.acknowledged(account.publisher, number);
    const nowMs = performance.now();
    if (message !== undefined) {
      recordLatency(latency, Math.round((nowMs - message.sentAtMs) * 1e6));
    }
    this.#progressed(nowMs);
  }

  #turnedAway(error: NatsxError | undefined): void {
    const { faults, stream } = this.#options;
    if (error === undefined) {
      faults.note('no-responders', stream, 'no stream accepted the message', wallNowMs());
    } else {
      faults.note('refused', stream, reasonOf(error), wallNowMs());
    }
  }

  #settled(fate: PublishFate): void {
    const { account, faults, stream } = this.#options;
    switch (fate.type) {
      case 'stored':
        return;
      case 'refused':
        // Errors of JetStream have a code; others mean that the message was not sent.
        if (fate.error.details?.['err_code'] === undefined) this.#unsendable ??= fate.error;
        faults.note('refused', stream, reasonOf(fate.error), wallNowMs());
        account.noteRefused();
        break;
      case 'lost':
      case 'in-doubt':
      case 'unsent':
        faults.note('not-acknowledged', stream, 'an acknowledgement did not arrive', wallNowMs());
        break;
    }
    this.#progressed(performance.now());
  }

  #progressed(nowMs: number): void {
    this.#progressMs = nowMs;
    this.#stalled = false;
    this.#changed.notify();
  }

  #noteStall(nowMs: number): void {
    if (this.isComplete || this.#stalled || nowMs - this.#progressMs < STALLED_MS) return;
    this.#stalled = true;
    const detail = `no acknowledgement for ${formatDurationMs(STALLED_MS)}`;
    this.#options.faults.note('acks-stalled', this.#options.stream, detail, wallNowMs());
  }
}

/** The stream is known; if it does not answer now, it may do so later. */
function lookupOf({ duplicateWindowMs, stream, subject }: AcknowledgerOptions): Lookup {
  const error = new NatsxError('timeout', `the stream "${stream}" does not answer`, {
    details: { stream, subject },
  });
  return {
    knownWindowMs: () => duplicateWindowMs,
    lookUp: () => Promise.resolve(),
    whyUnheard: () => Promise.resolve({ error, isFinal: false }),
  };
}

function reasonOf({ details, message }: NatsxError): string {
  const description = details?.['description'];
  return typeof description === 'string' && description !== '' ? description : message;
}

/** Headers with the message id of each number, written into one reused block. */
class MessageIds {
  readonly #block: Uint8Array;
  readonly #lastDigitAt: number;

  constructor(runId: string, publisher: number) {
    const before = `NATS/1.0\r\nNats-Msg-Id: ${runId}-${publisher}-`;
    this.#block = Buffer.from(`${before}${'0'.repeat(ID_DIGITS)}\r\n\r\n`);
    this.#lastDigitAt = before.length + ID_DIGITS - 1;
  }

  /** A headers block, valid until the next call. */
  headers(number: number): Uint8Array {
    let rest = number;
    for (let place = 0; place < ID_DIGITS; place++) {
      const tens = Math.floor(rest / 10);
      this.#block[this.#lastDigitAt - place] = ZERO + rest - tens * 10;
      rest = tens;
    }
    return this.#block;
  }
}
