import { SequenceCheck, sequenceMix } from '../../model/sequence-check.js';
import { recordLatency } from '../../../core/statistics/latency-histogram.js';
import { readPass, readPublisher, readSequence, readTime } from '../../model/stamp.js';
import type { StampKind } from '../../model/stamp.js';
import type { Delivered } from '../link.js';
import { CELL } from '../meters.js';
import type { RoleContext } from '../role.js';

export interface ReceiptOptions {
  readonly stamp: StampKind;
  /** Several clients share the messages: gaps are expected, and the sums over all clients are compared. */
  readonly shared: boolean;
  /** Whether the stamps have the send time and pass of this run. */
  readonly timed: boolean;
}

/** Counters that late messages of the previous pass may have changed. */
const LATE_CELLS = [CELL.firstNs, CELL.firstCount, CELL.received, CELL.bytes, CELL.lastNs] as const;

/**
 * Counts arriving messages and checks their stamps. The clock is read and the counters are written once per read of the
 * socket: messages that arrive together get the same time.
 */
export class Receipts {
  readonly #context: RoleContext;
  readonly #options: ReceiptOptions;
  #checks: SequenceCheck[] = [];
  #pass = 0;
  #open = false;
  #nowNs = 0;
  #received = 0;
  #bytes = 0;
  #checksum = 0;
  #outOfOrder = 0;
  #highest: number[] = [];

  constructor(context: RoleContext, options: ReceiptOptions) {
    this.#context = context;
    this.#options = options;
  }

  reset(pass: number): void {
    this.#pass = pass & 0xffff;
    this.#checks = [];
    this.#highest = [];
    this.#received = 0;
    this.#bytes = 0;
    this.#checksum = 0;
    this.#outOfOrder = 0;
    const { cells } = this.#context;
    for (const cell of LATE_CELLS) cells[cell] = 0;
  }

  readonly take = (message: Delivered): void => {
    if (!this.#open) this.#openRead();
    const { buffer, payloadStart } = message;
    const { stamp } = this.#options;
    if (stamp !== 'none') {
      if (this.#options.timed && readPass(buffer, payloadStart) !== this.#pass) return;
      this.#check(readPublisher(buffer, payloadStart), readSequence(buffer, payloadStart));
      if (this.#options.timed && stamp === 'sequence-and-time') {
        const sentNs = readTime(buffer, payloadStart);
        recordLatency(this.#context.latencies.response, this.#nowNs - sentNs);
        this.#context.faultClock?.note(sentNs, this.#nowNs);
      }
    }
    this.#received++;
    this.#bytes += message.payloadEnd - payloadStart;
  };

  #check(publisher: number, sequence: number): void {
    if (this.#options.shared) {
      this.#checksum += sequenceMix(publisher, sequence);
      if (sequence < (this.#highest[publisher] ?? 0)) this.#outOfOrder++;
      else this.#highest[publisher] = sequence;
      return;
    }
    const check = (this.#checks[publisher] ??= new SequenceCheck());
    check.see(sequence);
  }

  #openRead(): void {
    this.#open = true;
    this.#nowNs = this.#context.clock();
    queueMicrotask(this.#closeRead);
  }

  readonly #closeRead = (): void => {
    this.#open = false;
    const { cells } = this.#context;
    if (cells[CELL.firstNs] === 0) {
      cells[CELL.firstNs] = this.#nowNs;
      cells[CELL.firstCount] = this.#received;
    }
    cells[CELL.received] = this.#received;
    cells[CELL.bytes] = this.#bytes;
    cells[CELL.lastNs] = this.#nowNs;
  };

  /** Writes the result of the sequence checks; call it at the end of a pass. */
  conclude(): void {
    const { cells } = this.#context;
    const findings = this.#checks.map((check) => check.findings());
    cells[CELL.duplicates] = findings.reduce((sum, one) => sum + one.duplicates, 0);
    cells[CELL.outOfOrder] =
      this.#outOfOrder + findings.reduce((sum, one) => sum + one.outOfOrder, 0);
    cells[CELL.checksum] = this.#checksum;
  }
}
