import { LiveView } from '../../terminal/live-view.js';
import type { Terminal } from '../../terminal/terminal.js';
import {
  connectionListJson,
  isWanted,
  sortedConnections,
  type ConnectionFilter,
  type ConnectionList,
  type ConnectionOrder,
} from '../model/connection-list.js';
import { connectionLine, connectionListText } from '../view/connection-list.js';

export interface ConnectionChoice {
  readonly filter: ConnectionFilter;
  readonly order: ConnectionOrder;
  readonly top: number;
  readonly watch: boolean;
}

/** Lines on the screen besides the rows of the table. */
const LINES_BESIDES = 8;

/** Prints lists of connections: once, live on a terminal, a line each time elsewhere, or as documents. */
export class ConnectionPrinter {
  readonly #terminal: Terminal;
  readonly #choice: ConnectionChoice;
  readonly #live: LiveView | undefined;
  #list: ConnectionList | undefined;
  #onFirst = (): void => undefined;

  constructor(terminal: Terminal, choice: ConnectionChoice) {
    const { out, notices, json } = terminal;
    this.#terminal = terminal;
    this.#choice = choice;
    this.#live =
      choice.watch && out.isTerminal && !json
        ? new LiveView(out, notices, () =>
            this.#text(Math.min(choice.top, Math.max(1, (out.height ?? 24) - LINES_BESIDES))),
          )
        : undefined;
  }

  /** @param onFirst called before the first list is printed */
  start(onFirst: () => void): void {
    this.#onFirst = onFirst;
  }

  show(list: ConnectionList): void {
    const isFirst = this.#list === undefined;
    this.#list = list;
    if (isFirst) this.#onFirst();
    const { out, json } = this.#terminal;
    if (json) out.json(connectionListJson(list, this.#rows(list)));
    else if (this.#live !== undefined) {
      if (isFirst) this.#live.start();
    } else if (this.#choice.watch) out.line(connectionLine(list, this.#rows(list)));
    else out.text(this.#text(this.#choice.top));
  }

  /** Leaves the last list on the terminal. */
  stop(): void {
    if (this.#live === undefined || this.#list === undefined) return;
    this.#live.stop();
    this.#terminal.out.text(this.#text(this.#choice.top));
  }

  #rows(list: ConnectionList) {
    const { filter, order } = this.#choice;
    return sortedConnections(
      list.rows.filter((row) => isWanted(row, filter)),
      order,
    );
  }

  #text(top: number): string {
    if (this.#list === undefined) return '';
    const { style, out } = this.#terminal;
    const view = { style, width: out.width, top };
    return connectionListText(this.#list, this.#rows(this.#list), view);
  }
}
