import type { BacklogReport } from '../domain/backlog/report.js';
import type { BacklogRequest } from '../domain/backlog/request.js';
import { reportToJson } from '../domain/backlog/report-json.js';
import { chooseRows, ROW_ORDERS, type RowChoice } from '../domain/backlog/rows.js';
import { consumerDetail } from '../render/backlog-detail.js';
import { backlogText, rowKey } from '../render/backlog-table.js';
import { watchLine } from '../render/backlog-watch-line.js';
import { coreText } from '../render/backlog-core.js';
import type { Desk } from './desk.js';

const CLEAR = '\u001b[2J\u001b[H';
const HISTORY = 60;

/**
 * The live view: drawn in place on a terminal, a line a refresh elsewhere, a document a refresh with `--json`.
 * Keys: q ends, space pauses, s sorts by something else, up and down choose, enter looks closer and back.
 */
export class BacklogWatch {
  readonly #desk: Desk;
  readonly #request: BacklogRequest;
  readonly #history = new Map<string, number[]>();
  #choice: RowChoice;
  #report: BacklogReport | undefined;
  #paused = false;
  #zoomed = false;
  #selected = 0;
  #onQuit: () => void = () => undefined;

  constructor(desk: Desk, request: BacklogRequest, choice: RowChoice) {
    this.#desk = desk;
    this.#request = request;
    this.#choice = choice;
  }

  /** Takes keys until {@link stop}; only where there is a keyboard. */
  start(onQuit: () => void): void {
    this.#onQuit = onQuit;
    if (!this.#inPlace || !process.stdin.isTTY) return;
    process.stdin.setRawMode(true);
    process.stdin.on('data', this.#onKey);
  }

  stop(): void {
    process.stdin.off('data', this.#onKey);
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
    process.stdin.pause();
  }

  show(report: BacklogReport): void {
    this.#remember(report);
    if (this.#paused) return;
    this.#report = report;
    const { out, json } = this.#desk;
    if (json) out.json(reportToJson(report));
    else if (this.#inPlace) this.#draw();
    else out.line(watchLine(report));
  }

  get #inPlace(): boolean {
    return this.#desk.out.isTerminal && !this.#desk.json;
  }

  readonly #onKey = (bytes: Buffer): void => {
    const key = bytes.toString();
    if (key === 'q' || key === '\u0003') this.#onQuit();
    else if (key === ' ') this.#paused = !this.#paused;
    else if (key === 's') this.#sortByNext();
    else if (key === '\r') this.#zoomed = !this.#zoomed;
    else if (key === '\u001b[A') this.#selected = Math.max(0, this.#selected - 1);
    else if (key === '\u001b[B') this.#selected += 1;
    this.#draw();
  };

  #sortByNext(): void {
    const next = (ROW_ORDERS.indexOf(this.#choice.order) + 1) % ROW_ORDERS.length;
    this.#choice = { ...this.#choice, order: ROW_ORDERS[next] ?? 'severity' };
  }

  #remember(report: BacklogReport): void {
    for (const row of report.streams.flatMap(({ consumers }) => consumers)) {
      const points = this.#history.get(rowKey(row)) ?? [];
      points.push(row.facts?.backlog ?? Number.NaN);
      this.#history.set(rowKey(row), points.slice(-HISTORY));
    }
  }

  #draw(): void {
    if (this.#report === undefined) return;
    const { style, out } = this.#desk;
    const state = this.#paused ? ', paused' : '';
    const foot = style.dim(
      `q quit  space pause  s sort (${this.#choice.order})  ↑↓ choose  enter closer${state}`,
    );
    const lines = this.#text(this.#report).split('\n');
    const room = Math.max(4, (out.height ?? 40) - 2);
    out.text(`${CLEAR}${lines.slice(0, room).join('\n')}\n${foot}`);
  }

  #text(report: BacklogReport): string {
    const { style, out } = this.#desk;
    const view = { style, width: out.width };
    if (this.#request.coreOnly || !report.server.jetstream) return coreText(report, view);
    // Room for the worst causes below the table.
    const fitting = Math.max(3, (out.height ?? 40) - 16);
    const top = Math.min(this.#choice.top ?? fitting, fitting);
    const chosen = chooseRows(report, { ...this.#choice, top });
    this.#selected = Math.min(this.#selected, Math.max(0, chosen.rows.length - 1));
    const row = chosen.rows[this.#selected];
    if (row !== undefined && (this.#zoomed || this.#request.consumer !== undefined)) {
      const stream = report.streams.find(({ name }) => name === row.stream);
      return consumerDetail(row, stream, view);
    }
    const selected = row === undefined ? undefined : rowKey(row);
    return backlogText(report, { ...view, ...chosen, history: this.#history, selected });
  }
}
