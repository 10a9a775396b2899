import { ROW_ORDERS, type RowChoice } from '../model/rows.js';

/** What the keys of the live view have chosen. */
export interface WatchState {
  readonly order: RowChoice['order'];
  readonly paused: boolean;
  /** Shows the details of the chosen row. */
  readonly zoomed: boolean;
  /** Key of the chosen row; it stays chosen when the order changes. Absent: the first. */
  readonly selected?: string | undefined;
  /** Lines of the details that are scrolled out of view at the top. */
  readonly scrolled: number;
}

/** The state after a key; `'quit'` ends the view, undefined is a key without a function. */
export function pressKey(
  state: WatchState,
  key: string,
  rows: readonly string[],
): WatchState | 'quit' | undefined {
  switch (key) {
    case 'q':
    case '\u0003':
      return 'quit';
    case ' ':
      return { ...state, paused: !state.paused };
    case 's':
      return { ...state, order: nextOrder(state.order) };
    case '\r':
    case '\n':
      return { ...state, zoomed: !state.zoomed, scrolled: 0 };
    case '\u001b':
      return { ...state, zoomed: false, scrolled: 0 };
    case '\u001b[A':
    case 'k':
      return move(state, rows, -1);
    case '\u001b[B':
    case 'j':
      return move(state, rows, 1);
    default:
      return undefined;
  }
}

function nextOrder(order: RowChoice['order']): RowChoice['order'] {
  return ROW_ORDERS[(ROW_ORDERS.indexOf(order) + 1) % ROW_ORDERS.length] ?? 'severity';
}

function move(state: WatchState, rows: readonly string[], step: 1 | -1): WatchState {
  if (state.zoomed) return { ...state, scrolled: Math.max(0, state.scrolled + step) };
  if (rows.length === 0) return state;
  const from = Math.max(0, rows.indexOf(state.selected ?? ''));
  return { ...state, selected: rows[Math.min(rows.length - 1, Math.max(0, from + step))] };
}
