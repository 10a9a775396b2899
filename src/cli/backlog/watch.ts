import type { BacklogReport } from '../../domain/backlog/report.js';
import type { BacklogRequest } from '../../domain/backlog/request.js';
import { reportToJson } from '../../domain/backlog/report-json.js';
import { chooseRows, type RowChoice } from '../../domain/backlog/rows.js';
import { consumerDetail } from '../../render/backlog/detail.js';
import { backlogText, rowKey } from '../../render/backlog/table.js';
import { watchLine } from '../../render/backlog/watch-line.js';
import { coreText } from '../../render/backlog/core.js';
import { pressKey, type WatchState } from './watch-state.js';
import type { Desk } from '../desk.js';
import { FullScreen } from '../full-screen.js';

const HISTORY = 60;

/**
 * The live view: drawn in place on a terminal, a line a refresh elsewhere, a document a refresh with `--json`.
 * Keys: q ends, space pauses, s sorts by something else, up and down choose, enter looks closer and back.
 */
export class BacklogWatch {
  readonly #desk: Desk;
  readonly #request: BacklogRequest;
  readonly #choice: RowChoice;
  readonly #onQuit: () => void;
  readonly #history = new Map<string, number[]>();
  readonly #screen: FullScreen | undefined;
  #state: WatchState;
  #report: BacklogReport | undefined;
  /** Keys of the rows as they stand on the screen. */
  #rows: readonly string[] = [];

  constructor(desk: Desk, request: BacklogRequest, choice: RowChoice, onQuit: () => void) {
    this.#desk = desk;
    this.#request = request;
    this.#choice = choice;
    this.#onQuit = onQuit;
    this.#state = { order: choice.order, paused: false, zoomed: false, scrolled: 0 };
    this.#screen =
      desk.out.isTerminal && !desk.json
        ? new FullScreen({ onKey: (key) => this.#press(key), onResize: () => this.#draw() })
        : undefined;
  }

  /** Takes the screen and the keys until {@link stop}. */
  start(): void {
    this.#screen?.enter();
    this.#screen?.draw(['reading …']);
  }

  /** Gives the screen back, and leaves there what was seen last. */
  stop(): void {
    if (this.#screen === undefined) return;
    this.#screen.leave();
    if (this.#report !== undefined) this.#desk.out.text(this.#text(this.#report, undefined));
  }

  show(report: BacklogReport): void {
    this.#remember(report);
    if (this.#state.paused) return;
    this.#report = report;
    const { out, json } = this.#desk;
    if (json) out.json(reportToJson(report));
    else if (this.#screen === undefined) out.line(watchLine(report));
    else this.#draw();
  }

  #press(key: string): void {
    const next = pressKey(this.#state, key, this.#rows);
    if (next === 'quit') this.#onQuit();
    else if (next !== undefined) {
      this.#state = next;
      this.#draw();
    }
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
    const height = this.#desk.out.height ?? 24;
    const room = Math.max(3, height - 1);
    const lines = this.#text(this.#report, height).trimEnd().split('\n');
    const scrolled = Math.min(this.#state.scrolled, Math.max(0, lines.length - room));
    this.#state = { ...this.#state, scrolled };
    const shown = lines.slice(scrolled, scrolled + room);
    const blank = Array.from({ length: room - shown.length }, () => '');
    this.#screen?.draw([...shown, ...blank, this.#foot(lines.length - scrolled - shown.length)]);
  }

  #foot(below: number): string {
    const { style } = this.#desk;
    if (this.#screen?.hasKeys === false) return style.dim('Ctrl-C quits');
    const { paused, zoomed, order } = this.#state;
    const more = below > 0 ? `  ${String(below)} more lines` : '';
    const keys = zoomed
      ? `q quit  space pause  enter back  ↑↓ scroll${more}`
      : `q quit  space pause  s sort (${order})  ↑↓ choose  enter closer`;
    return `${style.dim(keys)}${paused ? style.warn('  paused') : ''}`;
  }

  /** @param height of the screen; undefined for a last look, of which nothing is cut */
  #text(report: BacklogReport, height: number | undefined): string {
    const { style, out } = this.#desk;
    const view = { style, width: out.width };
    if (this.#request.coreOnly || (!report.server.jetstream && this.#request.stream === undefined))
      return coreText(report, view);
    // Room for the worst causes below the table.
    const fitting = Math.max(3, height === undefined ? Infinity : height - 16);
    const top = Math.min(this.#choice.top ?? Infinity, fitting);
    const choice = { ...this.#choice, order: this.#state.order };
    const chosen = chooseRows(report, Number.isFinite(top) ? { ...choice, top } : choice);
    this.#rows = chosen.rows.map(rowKey);
    const row =
      chosen.rows.find((one) => rowKey(one) === this.#state.selected) ?? chosen.rows.at(0);
    if (row !== undefined && (this.#state.zoomed || this.#request.consumer !== undefined)) {
      const curve = this.#history.get(rowKey(row)) ?? [];
      return consumerDetail(row, report, { ...view, curve });
    }
    const selected = row === undefined || height === undefined ? undefined : rowKey(row);
    return backlogText(report, { ...view, ...chosen, history: this.#history, selected });
  }
}
