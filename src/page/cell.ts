import type { Cell } from './document.js';
import { element } from './markup.js';
import type { Markup } from './markup.js';

/** A cell of a table, or the value of a figure. A number has its exact value as an attribute. */
export function cellMarkup(cell: Cell): Markup | string {
  if (typeof cell === 'string') return cell;
  const tone = cell.tone === undefined ? undefined : `${cell.tone} tone`;
  if ('value' in cell) {
    const attributes = { value: cell.value, 'data-at': cell.at, class: tone };
    return element('data', attributes, cell.text);
  }
  return element(cell.code === true ? 'code' : 'span', { class: tone }, cell.text);
}
