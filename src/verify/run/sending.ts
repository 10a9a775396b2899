import { createHistogram } from '../../core/statistics/latency-histogram.js';
import { fillRandom, seededRandom } from '../../core/statistics/random.js';
import type { Pace } from '../../core/values/pace.js';
import type { StreamInfo } from '../../streams/model/stream-info.js';
import { ENVELOPE_BYTES } from '../model/envelope.js';
import type { FaultLog } from '../model/fault-log.js';
import { SenderAccount } from '../model/sender-account.js';
import type { Session, SessionEvent } from '../../wire/session.js';
import { unlessAborted } from '../../connection/abortable.js';
import { Acknowledger } from './acknowledger.js';
import { AtomicConfirmer } from './atomic-confirmer.js';
import type { Confirmer } from './confirmer.js';
import { FastConfirmer } from './fast-confirmer.js';
import type { Connections } from './connections.js';
import type { Flow } from './flow.js';
import type { LedgerWriter } from './ledger-file.js';
import type { SendPlan } from './plan.js';
import { Publisher } from './publisher.js';
import { fairSplit } from '../../core/statistics/statistics.js';

/** The numbers in reply subjects repeat after this many. */
const MOST_MESSAGES = 1e8 - 1;
const DEFAULT_DUPLICATE_WINDOW_NS = 120e9;
/** How long no acknowledgement may arrive before the rest is in doubt. */
const SHORTEST_PATIENCE_MS = 10_000;

export interface RunPublishersOptions {
  readonly plan: SendPlan;
  readonly subject: string;
  /** Present if a stream acknowledges. */
  readonly stream: StreamInfo | undefined;
  readonly inboxPrefix: string;
  readonly ledger: LedgerWriter | undefined;
  readonly faults: FaultLog;
  readonly flow: Flow | undefined;
  /** How long injected faults may keep acknowledgements away, in milliseconds. */
  readonly outageMs?: number | undefined;
}

interface Line {
  readonly session: Session;
  readonly account: SenderAccount;
  readonly acknowledger: Confirmer | undefined;
}

/** The publishers of a run. */
export class RunPublishers {
  readonly latency = createHistogram();
  readonly #connections: Connections;
  readonly #options: RunPublishersOptions;
  readonly #lines: Line[] = [];
  #sendingMs = 0;

  private constructor(connections: Connections, options: RunPublishersOptions) {
    this.#connections = connections;
    this.#options = options;
  }

  /** Connects the publishers. @throws {NatsxError} connection, auth */
  static async open(
    connections: Connections,
    options: RunPublishersOptions,
    signal: AbortSignal,
  ): Promise<RunPublishers> {
    const sending = new RunPublishers(connections, options);
    for (let publisher = 1; publisher <= options.plan.publishers; publisher++) {
      await sending.#connect(publisher, signal);
    }
    return sending;
  }

  get accounts(): readonly SenderAccount[] {
    return this.#lines.map(({ account }) => account);
  }

  get totals(): { readonly sent: number; readonly acknowledged: number } {
    const { accounts } = this;
    return {
      sent: accounts.reduce((sum, { sent }) => sum + sent, 0),
      acknowledged: accounts.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0),
    };
  }

  get sessions(): readonly Session[] {
    return this.#lines.map(({ session }) => session);
  }

  /** How long the sending took, in milliseconds. */
  get sendingMs(): number {
    return this.#sendingMs;
  }

  /**
   * Sends everything and waits for the acknowledgements. Ends early on the signal, and when a connection is lost for
   * good.
   *
   * @throws {NatsxError} rejected — a message is too large for the server
   */
  async run(signal: AbortSignal): Promise<void> {
    const { lost } = this.#connections;
    const failed = new AbortController();
    const stop = AbortSignal.any([signal, lost, failed.signal]);
    const startMs = performance.now();
    const publishers = this.#publishers(startMs).map((publisher) => publisher.run(stop));
    for (const publisher of publishers) publisher.catch((error: unknown) => failed.abort(error));
    await Promise.allSettled(publishers);
    this.#sendingMs = performance.now() - startMs;
    if (failed.signal.aborted && !lost.aborted && !signal.aborted) throw failed.signal.reason;
    for (const { acknowledger } of this.#lines) acknowledger?.finish();
    await this.#acknowledged(lost);
    await this.#flushed(lost);
  }

  close(): void {
    for (const { acknowledger } of this.#lines) acknowledger?.close();
  }

  async #connect(publisher: number, signal: AbortSignal): Promise<void> {
    const { stream } = this.#options;
    const account = new SenderAccount(publisher, stream === undefined ? 'none' : 'acknowledged');
    const held: { acknowledger?: Confirmer } = {};
    const onEvent = (event: SessionEvent): void => {
      if (event.type === 'disconnected') held.acknowledger?.disconnected();
      if (event.type === 'reconnected') held.acknowledger?.reconnected();
    };
    const session = await this.#connections.open(signal, onEvent);
    const acknowledger =
      stream === undefined ? undefined : this.#acknowledger(session, account, stream);
    if (acknowledger !== undefined) held.acknowledger = acknowledger;
    this.#lines.push({ session, account, acknowledger });
  }

  #acknowledger(session: Session, account: SenderAccount, stream: StreamInfo): Confirmer {
    const { plan, inboxPrefix, ledger, faults, subject } = this.#options;
    const { runId, window, messageIds, timeoutMs } = plan;
    const { name, duplicate_window: windowNs = DEFAULT_DUPLICATE_WINDOW_NS } = stream.config;
    const { latency } = this;
    const shared = { inboxPrefix, stream: name, subject, window, timeoutMs, account, ledger };
    const options = { ...shared, faults, latency };
    const { mode } = plan;
    if (mode === 'atomic') return new AtomicConfirmer(session, { ...options, mode });
    if (mode === 'fast') return new FastConfirmer(session, { ...options, mode });
    const duplicateWindowMs = windowNs / 1e6;
    return new Acknowledger(session, { ...options, runId, messageIds, duplicateWindowMs });
  }

  #publishers(startMs: number): readonly Publisher[] {
    const { plan, subject, ledger, flow } = this.#options;
    const shares = fairSplit(plan.messages ?? 0, plan.publishers);
    const pace = paceOf(plan);
    const filler = new Uint8Array(plan.sizeBytes - ENVELOPE_BYTES);
    fillRandom(filler, seededRandom(1));
    return this.#lines.map(({ session, account, acknowledger }, index) => {
      const share = plan.messages === undefined ? MOST_MESSAGES : (shares[index] ?? 0);
      const endMs = startMs + (plan.durationMs ?? Infinity);
      const schedule = { share, endMs, pace, startMs };
      const { runId } = plan;
      const parts = { runId, subject, schedule, filler, account, acknowledger, ledger, flow };
      return new Publisher(session, parts);
    });
  }

  /** Waits until all have arrived, or none has for a long time although there is a connection. */
  async #acknowledged(lost: AbortSignal): Promise<void> {
    const { plan, outageMs = 0 } = this.#options;
    const patienceMs = Math.max(SHORTEST_PATIENCE_MS, 2 * plan.timeoutMs) + outageMs;
    const startMs = performance.now();
    for (const { acknowledger, session } of this.#lines) {
      while (acknowledger?.isComplete === false && !lost.aborted) {
        const sinceMs = performance.now() - Math.max(startMs, acknowledger.progressMs);
        if (session.connected && sinceMs > patienceMs) break;
        await unlessAborted(acknowledger.progress(100), lost);
      }
    }
  }

  /** Makes sure that messages without acknowledgements have reached the server; a lost connection is reported elsewhere. */
  async #flushed(lost: AbortSignal): Promise<void> {
    const { timeoutMs } = this.#options.plan;
    const flushes = this.#lines.map(async ({ session }) => {
      if (!session.connected) await unlessAborted(session.whenConnected(lost), lost);
      if (session.connected) await session.flush(timeoutMs);
    });
    await Promise.allSettled(flushes);
  }
}

/** The pace of each publisher. */
function paceOf({ ratePerSecond, publishers }: SendPlan): Pace {
  return ratePerSecond === undefined
    ? { type: 'unlimited' }
    : { type: 'rate', perSecond: ratePerSecond / publishers };
}
