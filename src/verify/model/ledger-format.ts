import { usageError } from '../../core/errors.js';
import type { NumberRange } from './number-set.js';
import { SenderAccount, type Confirmation } from './sender-account.js';
import { isJsonObject } from '../../core/message/exact-json.js';

/**
 * A ledger is text, one JSON object per line: a head, then what was sent and acknowledged since the previous line, as
 * ranges of numbers. It is only appended to, so that a crash damages at most its last line.
 */
const SCHEMA = 'natsx.verify.ledger';
const VERSION = 1;

export interface LedgerHead {
  readonly runId: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly subject: string;
  readonly stream: string | undefined;
  readonly publishers: number;
  readonly confirmation: Confirmation;
}

/** What one publisher did since its previous entry. */
export interface LedgerEntry {
  readonly atMs: number;
  readonly publisher: number;
  readonly sent: NumberRange | undefined;
  readonly acknowledged: readonly NumberRange[];
}

export interface Ledger {
  readonly head: LedgerHead;
  /** One per publisher. */
  readonly accounts: readonly SenderAccount[];
  /** Whether the sender finished. */
  readonly closed: boolean;
}

/** Ends with a line feed. */
export function ledgerHeadLine(head: LedgerHead): string {
  const { runId, startedAtMs, subject, stream, publishers, confirmation } = head;
  return line({
    schema: `${SCHEMA}/${VERSION}`,
    run_id: runId,
    started_at: new Date(startedAtMs).toISOString(),
    subject,
    stream,
    publishers,
    confirmation,
  });
}

export function ledgerEntryLine({ atMs, publisher, sent, acknowledged }: LedgerEntry): string {
  return line({
    at: Math.round(atMs),
    p: publisher,
    ...(sent !== undefined && { sent: [sent.from, sent.to] }),
    ...(acknowledged.length > 0 && { acked: acknowledged.map(({ from, to }) => [from, to]) }),
  });
}

export function ledgerEndLine(atMs: number): string {
  return line({ at: Math.round(atMs), end: true });
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

type Json = Readonly<Record<string, unknown>>;

/** More than a run has: a damaged number must not allocate unlimited memory. */
const MOST_PUBLISHERS = 100_000;

/**
 * Reads a ledger line by line. An incomplete last line is ignored.
 *
 * @param name of the file, for messages
 */
export class LedgerParser {
  readonly #name: string;
  #head: LedgerHead | undefined;
  #accounts: readonly SenderAccount[] = [];
  #lines = 0;
  #closed = false;

  constructor(name: string) {
    this.#name = name;
  }

  /**
   * @param isLast whether nothing follows, not even a line feed
   * @throws usage naming the line
   */
  line(text: string, isLast = false): void {
    this.#lines += 1;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      if (isLast && this.#head !== undefined) return;
      if (isLast && this.#lines === 1 && looksLikeHead(text)) {
        throw usageError(
          `the ledger ${this.#name} is cut off in its first line, so nothing about its run can be read`,
          'the sender was stopped at its start, or the file was copied incompletely: send again with another --ledger',
        );
      }
      throw this.#broken('is not JSON');
    }
    if (!isJsonObject(value)) throw this.#broken('is not a JSON object');
    if (this.#head === undefined) this.#readHead(value);
    else this.#readEntry(value);
  }

  /** @throws usage if there was no head */
  finish(): Ledger {
    if (this.#head === undefined) throw usageError(`the ledger ${this.#name} is empty`);
    return { head: this.#head, accounts: this.#accounts, closed: this.#closed };
  }

  #readHead(json: Json): void {
    const [schema, version] = textOf(json['schema']).split('/');
    if (schema !== SCHEMA) {
      throw usageError(
        `${this.#name} is not a ledger of natsx verify`,
        'natsx verify send --ledger FILE writes one',
      );
    }
    if (Number(version) > VERSION) {
      throw usageError(
        `the ledger ${this.#name} has version ${String(version)}, but this natsx reads up to ${VERSION}`,
        'use the version of natsx that wrote it, or a newer one',
      );
    }
    const [runId, subject] = [textOf(json['run_id']), textOf(json['subject'])];
    const stream = json['stream'] === undefined ? undefined : textOf(json['stream']);
    const publishers = numberOf(json['publishers']);
    const startedAtMs = Date.parse(textOf(json['started_at']));
    const confirmation = confirmationOf(json['confirmation']);
    if (publishers < 1 || publishers > MOST_PUBLISHERS)
      throw this.#broken('does not name any publishers');
    if (runId === '' || subject === '' || stream === '' || Number.isNaN(startedAtMs)) {
      throw this.#broken('does not name its run');
    }
    if (confirmation === undefined)
      throw this.#broken('does not specify what confirmed its messages');
    this.#head = { runId, startedAtMs, subject, stream, publishers, confirmation };
    this.#accounts = Array.from(
      { length: publishers },
      (_, index) => new SenderAccount(index + 1, confirmation),
    );
  }

  #readEntry({ at: time, p, sent, acked, end }: Json): void {
    if (end === true) {
      this.#closed = true;
      return;
    }
    const account = this.#accounts[numberOf(p) - 1];
    if (account === undefined) throw this.#broken('does not name a publisher of the run');
    const at = numberOf(time);
    if (at === 0) throw this.#broken('does not have a time');
    if (sent !== undefined) {
      const { from, to } = this.#range(sent);
      // A number sent before this interval keeps its own time.
      if (from === 1) account.noteSent(1, at);
      account.noteSent(to, at);
    }
    if (acked !== undefined && !Array.isArray(acked))
      throw this.#broken('does not have a valid range');
    for (const pair of (acked ?? []) as readonly unknown[]) {
      const range = this.#range(pair);
      account.acknowledged.addRange(range);
      account.noteSent(range.to, at);
    }
  }

  #range(pair: unknown): NumberRange {
    const [from, to] = Array.isArray(pair) ? pair.map(numberOf) : [];
    if (from === undefined || to === undefined || from < 1 || to < from || to > 0xffffffff) {
      throw this.#broken('does not have a valid range');
    }
    return { from, to };
  }

  #broken(what: string): Error {
    return usageError(`line ${this.#lines} of the ledger ${this.#name} ${what}`);
  }
}

/** Whether a text is the start of a head, even a very short one. */
function looksLikeHead(text: string): boolean {
  const start = `{"schema":"${SCHEMA}`;
  return text.startsWith(start.slice(0, text.length));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A whole number, or 0. */
function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : 0;
}

function confirmationOf(value: unknown): Confirmation | undefined {
  return value === 'none' || value === 'acknowledged' ? value : undefined;
}
