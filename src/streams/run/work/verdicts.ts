import { NatsxError } from '../../../core/errors.js';
import { plural } from '../../../core/wording.js';
import { Notifier } from '../../../connection/notifier.js';
import { formatDurationMs } from '../../../core/values/duration.js';
import { verdictBody, type WorkVerdict } from '../../../core/message/verdict.js';
import type { MessageView } from '../../../wire/message-view.js';
import { ReplyInbox, REPLY_NUMBERS } from '../../../wire/reply-inbox.js';
import type { Session } from '../../../wire/session.js';

/** How a verdict is counted once the server has confirmed it. */
export type VerdictKind = 'acked' | 'naked' | 'late' | 'progress';

/** Numbers of verdicts. */
export interface VerdictCounts {
  /** Confirmed by the server. */
  readonly acked: number;
  /** Returned, confirmed by the server. */
  readonly naked: number;
  /** Acknowledged after the ack wait: may have been redelivered before. */
  readonly late: number;
  /** Sent, and not confirmed. */
  readonly unconfirmed: number;
  /** Waiting for a connection. */
  readonly unsent: number;
}

export interface VerdictOptions {
  readonly inboxPrefix: string;
  /** How long the server may take to confirm. */
  readonly timeoutMs: number;
  /** Consumer and stream, for errors. */
  readonly consumer: string;
  /** No verdict has reached the server: it makes no sense to continue. */
  readonly failed: (error: NatsxError) => void;
  /** The server does not confirm verdicts now; they are sent again. */
  readonly disturbed: (reason: string) => void;
}

interface Entry {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly kind: VerdictKind;
}

/** Verdicts that are sent together, the last with a reply subject: a consumer processes them in order. */
interface Group {
  readonly entries: readonly Entry[];
  firstMs: number;
  sentMs: number;
  /** There were no responders; it is sent again. */
  refused: boolean;
}

const ACK = Buffer.from(verdictBody({ type: 'ack' }));
const IN_PROGRESS = Buffer.from('+WPI');
/** Confirming each one would halve the speed of a worker that prints. */
const GROUP = 100;
const TICK_MS = 100;
const REDELIVERED = 'messages that are not settled are redelivered after the ack wait';
const IMPORTED =
  'if JetStream is imported from another account, $JS.ACK.> must be exported and imported too';

/**
 * Sends verdicts about messages to the server, and counts only those that it has confirmed. What was not confirmed (the
 * connection was lost, a leader is being elected) is sent again: a consumer ignores a repeated verdict.
 */
export class Verdicts {
  readonly #session: Session;
  readonly #options: VerdictOptions;
  readonly #inbox: ReplyInbox;
  readonly #timer: NodeJS.Timeout;
  readonly #groups = new Map<number, Group>();
  readonly #counts = { acked: 0, naked: 0, late: 0, progress: 0 };
  #gathered: Entry[] = [];
  #next = 0;
  #hasConfirmed = false;
  #denied: NatsxError | undefined;
  readonly #changed = new Notifier();

  constructor(session: Session, options: VerdictOptions) {
    this.#session = session;
    this.#options = options;
    this.#inbox = new ReplyInbox(session, options.inboxPrefix, (number, view) =>
      this.#answered(number, view),
    );
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  get counts(): VerdictCounts {
    const { acked, naked, late } = this.#counts;
    const open = this.#open();
    const unsent = this.#session.connected ? 0 : open;
    return { acked, naked, late, unsent, unconfirmed: open - unsent };
  }

  /** Whether the server has confirmed everything. */
  get isSettled(): boolean {
    return this.#open() === 0;
  }

  /** Adds a verdict; it is sent with {@link send}, or when a group is complete. */
  add(
    reply: string,
    verdict: Exclude<WorkVerdict, { readonly type: 'leave' }>,
    late: boolean,
  ): void {
    const isAck = verdict.type === 'ack';
    const payload = isAck ? ACK : Buffer.from(verdictBody(verdict));
    const kind = isAck ? (late ? 'late' : 'acked') : 'naked';
    this.#gathered.push({ subject: reply, payload, kind });
    if (this.#gathered.length >= GROUP) this.send();
  }

  /** Sends "in progress" for these messages. @returns whether there is a connection */
  inProgress(replies: Iterable<string>): boolean {
    if (!this.#session.connected) return false;
    for (const subject of replies) {
      this.#gathered.push({ subject, payload: IN_PROGRESS, kind: 'progress' });
    }
    this.send();
    return true;
  }

  /** Sends what was added. */
  send(): void {
    const entries = this.#gathered;
    if (entries.length === 0) return;
    this.#gathered = [];
    this.#send({ entries, firstMs: 0, sentMs: 0, refused: false });
  }

  /** Sends again what was in transit when the connection was lost, and what could not be sent since. */
  reconnected(): void {
    this.#sendAgain([...this.#groups]);
  }

  /** The server denied a permission: what is not confirmed by now will not be. */
  denied(error: NatsxError): void {
    this.#denied ??= error;
    this.#changed.notify();
  }

  /** Resolves when the server has confirmed everything or denies it, or when the signal aborts. */
  async settled(signal: AbortSignal): Promise<void> {
    this.send();
    while (this.#open() > 0 && this.#denied === undefined && !signal.aborted) {
      await this.#changed.next(signal);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#inbox.close();
  }

  #open(): number {
    let open = this.#gathered.length;
    for (const { entries } of this.#groups.values()) {
      for (const { kind } of entries) if (kind !== 'progress') open += 1;
    }
    return open;
  }

  #send(group: Group): void {
    const number = this.#next;
    this.#next = (number + 1) % REPLY_NUMBERS;
    this.#groups.set(number, group);
    if (!this.#session.connected) return;
    group.sentMs = performance.now();
    if (group.firstMs === 0) group.firstMs = group.sentMs;
    group.refused = false;
    const last = group.entries.length - 1;
    group.entries.forEach(({ subject, payload }, index) => {
      if (index < last) this.#session.publish({ subject, payload });
      else this.#session.publish({ subject, payload, reply: this.#inbox.subject(number) });
    });
  }

  #sendAgain(groups: readonly (readonly [number, Group])[]): void {
    for (const [number, group] of groups) {
      this.#groups.delete(number);
      // An old "in progress" is useless now, except to find out whether the server receives anything.
      const isUseful = ({ kind }: Entry): boolean => kind !== 'progress' || !this.#hasConfirmed;
      const entries = group.entries.filter(isUseful);
      if (entries.length > 0) this.#send({ ...group, entries });
    }
    this.#changed.notify();
  }

  #answered(number: number, view: MessageView): void {
    const group = this.#groups.get(number);
    if (group === undefined) return;
    if (view.isNoResponders) {
      group.refused = true;
      return;
    }
    this.#groups.delete(number);
    this.#hasConfirmed = true;
    for (const { kind } of group.entries) this.#counts[kind] += 1;
    this.#changed.notify();
  }

  #tick(): void {
    if (!this.#session.connected) return;
    const nowMs = performance.now();
    const { timeoutMs, failed } = this.#options;
    const isLate = ({ sentMs }: Group): boolean => nowMs - sentMs > timeoutMs;
    if (!this.#hasConfirmed) {
      const [oldest] = this.#groups.values();
      if (oldest !== undefined && nowMs - oldest.firstMs > timeoutMs) {
        failed(this.failure ?? noneReceived(this.#options.consumer));
        return;
      }
    }
    const due = [...this.#groups].filter(([, group]) => group.refused || isLate(group));
    if (due.some(([, { firstMs }]) => nowMs - firstMs > timeoutMs)) {
      this.#options.disturbed('the server does not confirm acknowledgements');
    }
    this.#sendAgain(due);
  }

  /** Why not everything is confirmed; undefined if it is. */
  get failure(): NatsxError | undefined {
    const { unsent, unconfirmed } = this.counts;
    const { consumer, timeoutMs } = this.#options;
    if (unsent > 0) {
      return new NatsxError(
        'connection',
        `there was no connection to settle ${plural(unsent, 'message')} of the consumer ${consumer}`,
        { hint: REDELIVERED, details: { unsent } },
      );
    }
    if (unconfirmed === 0) return undefined;
    if (this.#denied !== undefined) return this.#denied;
    const what = `acknowledgements of ${plural(unconfirmed, 'message')} of the consumer ${consumer}`;
    const isRefused = [...this.#groups.values()].some(({ refused }) => refused);
    const details = { unconfirmed };
    return isRefused
      ? new NatsxError('no-responders', `there were no responders for the ${what}`, {
          hint: `${IMPORTED}; ${REDELIVERED}`,
          details,
        })
      : new NatsxError(
          'timeout',
          `the ${what} were not confirmed within ${formatDurationMs(timeoutMs)}`,
          {
            hint: `for a slow server, use a longer --timeout; ${IMPORTED}`,
            details,
          },
        );
  }
}

/** Only "in progress" was sent so far. */
function noneReceived(consumer: string): NatsxError {
  return new NatsxError(
    'no-responders',
    `no server receives the acknowledgements for the consumer ${consumer}`,
    { hint: IMPORTED },
  );
}
