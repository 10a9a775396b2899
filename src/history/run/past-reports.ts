import type { BacklogRequest } from '../../backlog/model/request.js';
import type { HistoryCoverage } from '../model/coverage.js';
import { HistoryLog } from './log-reader.js';
import { reportAt, type PastReport } from './past-report.js';

/** Reports that are kept: people go back and forth. */
const KEPT = 8;

/** The reports of a history that somebody scrolls through, while it may be recorded. */
export class PastReports {
  readonly #dir: string;
  readonly #request: BacklogRequest;
  readonly #kept = new Map<number, Promise<PastReport>>();
  #log: HistoryLog;
  #opening: Promise<void> | undefined;
  /** One report is made at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(dir: string, request: BacklogRequest, log: HistoryLog) {
    this.#dir = dir;
    this.#request = request;
    this.#log = log;
  }

  /** @throws {NatsxError} usage — not a history */
  static async open(dir: string, request: BacklogRequest): Promise<PastReports> {
    return new PastReports(dir, request, await HistoryLog.open(dir));
  }

  /** What the log covers now. @throws {NatsxError} usage — it is gone */
  async coverage(): Promise<HistoryCoverage> {
    this.#opening ??= HistoryLog.open(this.#dir, this.#log)
      .then((log) => {
        this.#log = log;
      })
      .finally(() => {
        this.#opening = undefined;
      });
    await this.#opening;
    return this.#log.coverage;
  }

  /**
   * The report of that moment.
   *
   * @param atMs absent: the last reading
   * @throws {NatsxError} not-found — nothing was recorded then; usage — the history is gone
   */
  async at(atMs: number | undefined): Promise<PastReport> {
    const { toMs } = await this.coverage();
    const moment = atMs ?? toMs ?? 0;
    const known = this.#kept.get(moment);
    if (known !== undefined) return known;
    const log = this.#log;
    const making = this.#turn.then(() => reportAt(log, moment, this.#request));
    this.#turn = making.catch(() => undefined);
    this.#kept.set(moment, making);
    // What was not recorded by then may be later.
    making.catch(() => void this.#kept.delete(moment));
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return making;
  }
}
