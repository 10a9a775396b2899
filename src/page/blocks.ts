import { cellMarkup } from './cell.js';
import type { PageBlock, PageFinding, PageTable } from './document.js';
import { element } from './markup.js';
import type { Markup } from './markup.js';
import { renderPlot } from './plots/render-plot.js';

/** @param nextPlot numbers the plots of a page, from 1 */
export function renderBlock(block: PageBlock, nextPlot: () => number): Markup {
  switch (block.kind) {
    case 'text':
      return element(
        'p',
        { class: block.tone === undefined ? undefined : `${block.tone} tone` },
        block.text,
      );
    case 'list':
      return element(
        'ul',
        {},
        block.items.map((item) => element('li', {}, item)),
      );
    case 'table':
      return tableMarkup(block);
    case 'finding':
      return findingMarkup(block);
    case 'plot':
      return renderPlot(block.plot, `plot-${nextPlot()}`);
  }
}

/** Names of at most this many characters are not broken. */
const SHORT = 32;

/** A table that is wider than the screen scrolls by itself, also with the keyboard. */
function tableMarkup({ caption, columns, rows }: PageTable): Markup {
  const head = columns.map(({ title, align }) =>
    element('th', { scope: 'col', class: align }, title),
  );
  const body = rows.map((row) =>
    element(
      'tr',
      {},
      row.map((cell, index) => {
        const isHead = index === 0;
        if (!isHead) return element('td', { class: columns[index]?.align }, cellMarkup(cell));
        const length = (typeof cell === 'string' ? cell : cell.text).length;
        const attributes = { class: length <= SHORT ? 'short' : undefined, scope: 'row' };
        return element('th', attributes, cellMarkup(cell));
      }),
    ),
  );
  return element(
    'div',
    { class: 'scroll card', tabindex: 0, role: 'group', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, head)),
      element('tbody', {}, body),
    ),
  );
}

function findingMarkup({
  tone,
  word,
  id,
  where,
  sentence,
  evidence,
  commands,
}: PageFinding): Markup {
  return element(
    'article',
    { class: `finding card ${tone}` },
    element(
      'h3',
      {},
      element('span', { class: 'badge' }, word),
      element('code', {}, id),
      where === '' ? undefined : ` ${where}`,
    ),
    element('p', {}, sentence),
    evidence.length === 0
      ? undefined
      : element('p', { class: 'evidence' }, element('code', {}, evidence.join(', '))),
    commands.length === 0
      ? undefined
      : element('pre', {}, element('code', {}, commands.map((line) => `$ ${line}`).join('\n'))),
  );
}
