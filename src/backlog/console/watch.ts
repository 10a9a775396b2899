import type { BacklogReport, ConsumerReport } from '../model/report.js';
import type { BacklogRequest } from '../model/request.js';
import { backlogReportToJson } from '../model/report-json.js';
import { localTimeOfDay } from '../../core/values/local-time.js';
import { chooseRows, type RowChoice } from '../model/rows.js';
import { consumerDetail } from '../view/detail.js';
import { backlogText, rowKey } from '../view/table.js';
import { memoryText, newMemoryText, recentMemoryText } from '../view/memory-text.js';
import { watchLine } from '../view/watch-line.js';
import { coreText } from '../view/core.js';
import { pressKey, type WatchState } from './watch-state.js';
import type { Terminal } from '../../terminal/terminal.js';
import { FullScreen } from '../../terminal/full-screen.js';
import { formatDurationMs } from '../../core/values/duration.js';

const HISTORY = 60;
const CLOCK_MS = 1_000;
/** Figures arrive every half window; after this many windows they are stale. */
const STALE_WINDOWS = 2;
const STALE_MS = 3_000;
/** The line with the time, and the footer. */
const FRAME_LINES = 2;
/** Fewer rows than this are not a list. */
const LEAST_ROWS = 3;
/** On a narrower screen the footer does not name the sort order. */
const FOOT_COLUMNS = 75;

/**
 * The live view: drawn in place on a terminal, one line per refresh elsewhere, one document per refresh with `--json`.
 * Keys: q quits, space freezes, s changes the order, up and down choose a row, enter opens and closes its details.
 */
export class BacklogWatch {
  readonly #terminal: Terminal;
  readonly #request: BacklogRequest;
  readonly #choice: RowChoice;
  readonly #onQuit: () => void;
  readonly #history = new Map<string, number[]>();
  readonly #screen: FullScreen | undefined;
  #state: WatchState;
  #report: BacklogReport | undefined;
  /** When the figures on the screen were read, and when the connection was lost; by the monotonic clock. */
  #readMs = 0;
  #readAt = '';
  /** Time of the report in the line before. */
  #toldMs = -Infinity;
  #lostMs: number | undefined;
  /** The latest notice. */
  #note = '';
  #timer: NodeJS.Timeout | undefined;
  #endDiversion = (): void => undefined;

  constructor(terminal: Terminal, request: BacklogRequest, choice: RowChoice, onQuit: () => void) {
    this.#terminal = terminal;
    this.#request = request;
    this.#choice = choice;
    this.#onQuit = onQuit;
    this.#state = { order: choice.order, paused: false, zoomed: false, scrolled: 0 };
    this.#screen =
      terminal.out.isTerminal && !terminal.json
        ? new FullScreen(terminal.out, {
            onKey: (key) => this.#press(key),
            onResize: () => this.#draw(),
          })
        : undefined;
  }

  /** Takes over the screen and the keyboard until {@link stop}. */
  start(): void {
    if (this.#screen === undefined) return;
    this.#screen.enter();
    this.#screen.draw(['reading …']);
    const { notices } = this.#terminal;
    this.#endDiversion = notices.divert({
      line: (text) => {
        this.#note = text;
        this.#draw();
      },
      connection: ({ type }) => {
        if (type === 'disconnected') this.#lostMs = performance.now();
        if (type === 'reconnected') this.#lostMs = undefined;
      },
    });
    this.#timer = setInterval(() => this.#draw(), CLOCK_MS);
  }

  /** Restores the screen and prints the last report. */
  stop(): void {
    if (this.#screen === undefined) return;
    clearInterval(this.#timer);
    this.#endDiversion();
    this.#screen.leave();
    if (this.#report !== undefined) this.#terminal.out.text(this.#text(this.#report, undefined));
  }

  show(report: BacklogReport): void {
    this.#remember(report);
    if (this.#state.paused) return;
    this.#report = report;
    this.#readMs = performance.now();
    this.#readAt = localTimeOfDay(Date.now()).slice(0, 8);
    if (this.#lostMs === undefined) this.#note = '';
    const { out, json } = this.#terminal;
    if (json) out.json(backlogReportToJson(report));
    else if (this.#screen === undefined) {
      out.line(watchLine(report, newMemoryText(report.memory ?? [], this.#toldMs)));
      this.#toldMs = report.atMs;
    } else this.#draw();
  }

  #press(key: string): void {
    const rows = this.#report === undefined ? [] : this.#choose(this.#report).rows;
    const next = pressKey(this.#state, key, rows.map(rowKey));
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
    const height = this.#terminal.out.height ?? 24;
    const room = Math.max(LEAST_ROWS, height - FRAME_LINES);
    const lines = this.#text(this.#report, height).trimEnd().split('\n');
    const scrolled = Math.min(this.#state.scrolled, Math.max(0, lines.length - room));
    this.#state = { ...this.#state, scrolled };
    const shown = lines.slice(scrolled, scrolled + room);
    // A heading without its text is useless.
    if (scrolled + room < lines.length && shown.at(-2) === '') shown.pop();
    const blank = Array.from({ length: room - shown.length }, () => '');
    const foot = this.#foot(lines.length - scrolled - shown.length);
    this.#screen?.draw([this.#clock(), ...shown, ...blank, foot]);
  }

  /** How old the figures are, and why. */
  #clock(): string {
    const { style } = this.#terminal;
    const now = performance.now();
    const ago = formatDurationMs(Math.round((now - this.#readMs) / 1000) * 1000);
    const read = `read at ${this.#readAt}`;
    const note = this.#note === '' ? '' : `  ${this.#note}`;
    if (this.#lostMs !== undefined) {
      const lost = formatDurationMs(Math.round((now - this.#lostMs) / 1000) * 1000);
      return `${style.bad(`no connection for ${lost}`)}  ${style.warn(`${read}, ${ago} ago`)}${note}`;
    }
    const isStale = now - this.#readMs > STALE_WINDOWS * this.#request.windowMs + STALE_MS;
    if (isStale && !this.#state.paused) {
      return `${style.bad(`no answer for ${ago}`)}  ${style.warn(read)}${note}`;
    }
    return `${style.dim(read)}${note}`;
  }

  #foot(below: number): string {
    const { style } = this.#terminal;
    if (this.#screen?.hasKeys === false) return style.dim('Ctrl-C quits');
    const { paused, zoomed, order } = this.#state;
    const more = below > 0 ? `  ${String(below)} more lines` : '';
    const isNarrow = (this.#terminal.out.width ?? Infinity) < FOOT_COLUMNS;
    const keys = zoomed
      ? `q quit  space freeze  enter back  ↑↓ scroll${more}`
      : `q quit  space freeze  s sort${isNarrow ? '' : ` (${order})`}  ↑↓ choose  enter closer`;
    return `${paused ? style.warn('frozen  ') : ''}${style.dim(keys)}`;
  }

  /** @param height of the screen; undefined for the last report, of which nothing is cut */
  #text(report: BacklogReport, height: number | undefined): string {
    const { style, out } = this.#terminal;
    const { memory = [] } = report;
    const before =
      height === undefined
        ? memoryText(memory, style)
        : recentMemoryText(memory, { style, width: out.width });
    const taken = before.split('\n').length - 1;
    return before + this.#reportText(report, height && height - taken);
  }

  #reportText(report: BacklogReport, height: number | undefined): string {
    const { style, out } = this.#terminal;
    const view = { style, width: out.width };
    if (this.#request.coreOnly || (!report.server.jetstream && this.#request.stream === undefined))
      return coreText(report, view);
    const { rows, hidden } = this.#choose(report);
    const row = rows.find((one) => rowKey(one) === this.#state.selected) ?? rows.at(0);
    if (row !== undefined && (this.#state.zoomed || this.#request.consumer !== undefined)) {
      const curve = this.#history.get(rowKey(row)) ?? [];
      return consumerDetail(row, report, { ...view, curve });
    }
    const table = { ...view, history: this.#history };
    if (height === undefined || row === undefined) {
      return backlogText(report, { ...table, rows, hidden });
    }
    const selected = rowKey(row);
    const withRows = (shown: readonly ConsumerReport[]): string =>
      backlogText(report, {
        ...table,
        rows: shown,
        hidden: hidden + rows.length - shown.length,
        selected,
      });
    // The other rows get the lines that the chosen one with its explanation leaves.
    const others = height - FRAME_LINES - withRows([row]).trimEnd().split('\n').length;
    return withRows(rowsAround(rows, row, Math.max(LEAST_ROWS, others + 1)));
  }

  #choose(report: BacklogReport): ReturnType<typeof chooseRows> {
    return chooseRows(report, { ...this.#choice, order: this.#state.order });
  }
}

/** As many rows as fit, so that the chosen one is among them. */
function rowsAround(
  rows: readonly ConsumerReport[],
  chosen: ConsumerReport | undefined,
  fitting: number,
): readonly ConsumerReport[] {
  const at = chosen === undefined ? 0 : rows.indexOf(chosen);
  const first = Math.max(0, Math.min(at - Math.floor(fitting / 2), rows.length - fitting));
  return rows.slice(first, first + fitting);
}
