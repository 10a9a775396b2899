import { usageError } from '../../core/errors.js';
import type { NumberRange } from './number-set.js';
import { SenderAccount, type Confirmation } from './sender-account.js';

/**
 * A ledger is text, one JSON object a line: a head, then what was sent and acknowledged since the line before, as
 * ranges of numbers. It only grows, so that a crash costs no more than its last line.
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

/** What one publisher did since its entry before. */
export interface LedgerEntry {
  readonly atMs: number;
  readonly publisher: number;
  readonly sent: NumberRange | undefined;
  readonly acknowledged: readonly NumberRange[];
}

export interface Ledger {
  readonly head: LedgerHead;
  /** One for each publisher. */
  readonly accounts: readonly SenderAccount[];
  /** Whether the sender came to its end. */
  readonly closed: boolean;
}

/** With the line feed at its end. */
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

type Pair = readonly [number, number];

interface EntryJson {
  readonly at: number;
  readonly p?: number;
  readonly sent?: Pair;
  readonly acked?: readonly Pair[];
  readonly end?: boolean;
}

interface HeadJson {
  readonly schema?: string;
  readonly run_id: string;
  readonly started_at: string;
  readonly subject: string;
  readonly stream?: string;
  readonly publishers: number;
  readonly confirmation: Confirmation;
}

/**
 * Reads a ledger line by line. A last line that a crash cut short is left out.
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
      throw this.#broken('is no JSON');
    }
    if (typeof value !== 'object' || value === null) throw this.#broken('is no JSON object');
    if (this.#head === undefined) this.#readHead(value as HeadJson);
    else this.#readEntry(value as EntryJson);
  }

  /** @throws usage when there was not even a head */
  finish(): Ledger {
    if (this.#head === undefined) throw usageError(`the ledger ${this.#name} is empty`);
    return { head: this.#head, accounts: this.#accounts, closed: this.#closed };
  }

  #readHead(json: HeadJson): void {
    const [schema, version] = (json.schema ?? '').split('/');
    if (schema !== SCHEMA) {
      throw usageError(
        `${this.#name} is no ledger of natsx verify`,
        'natsx verify send --ledger FILE writes one',
      );
    }
    if (Number(version) > VERSION) {
      throw usageError(
        `the ledger ${this.#name} is of version ${String(version)}; this natsx reads up to ${VERSION}`,
        'use the natsx that wrote it, or a newer one',
      );
    }
    const { run_id: runId, subject, stream, publishers, confirmation } = json;
    if (!Number.isInteger(publishers) || publishers < 1) throw this.#broken('names no publishers');
    const startedAtMs = Date.parse(json.started_at);
    this.#head = { runId, startedAtMs, subject, stream, publishers, confirmation };
    this.#accounts = Array.from(
      { length: publishers },
      (_, index) => new SenderAccount(index + 1, confirmation),
    );
  }

  #readEntry({ at, p, sent, acked, end }: EntryJson): void {
    if (end === true) {
      this.#closed = true;
      return;
    }
    const account = this.#accounts[(p ?? 0) - 1];
    if (account === undefined) throw this.#broken('names no publisher of the run');
    if (sent !== undefined) {
      const { from, to } = this.#range(sent);
      // What was sent before the interval began keeps its own time.
      if (from === 1) account.noteSent(1, at);
      account.noteSent(to, at);
    }
    for (const pair of acked ?? []) {
      const range = this.#range(pair);
      account.acknowledged.addRange(range);
      account.noteSent(range.to, at);
    }
  }

  #range(pair: Pair): NumberRange {
    const [from, to] = pair;
    const sound = Number.isInteger(from) && Number.isInteger(to) && from >= 1 && to >= from;
    if (!sound || to > 0xffffffff) throw this.#broken('has no valid range');
    return { from, to };
  }

  #broken(what: string): Error {
    return usageError(`line ${this.#lines} of the ledger ${this.#name} ${what}`);
  }
}
