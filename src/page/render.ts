import { localClock, localTimeOfDay } from '../core/values/local-time.js';
import { renderBlock } from './blocks.js';
import { cellMarkup } from './cell.js';
import type { PageDocument, PageSection } from './document.js';
import { embeddedJson } from './embedded-json.js';
import { element, fragment } from './markup.js';
import type { Markup } from './markup.js';
import { PAGE_SCRIPT } from './script.js';
import { renderShell } from './shell.js';

/** A report as one HTML file that needs nothing else: style, script, figures, plots and its JSON document. */
export function renderPage(document: PageDocument): string {
  return renderShell({
    title: `${document.title} – natsx`,
    main: renderBody(document),
    after: embeddedJson(document.json),
    scripts: [PAGE_SCRIPT],
    withPolicy: true,
  });
}

/**
 * The content of `<main>`: a live page replaces it at each update.
 *
 * @param where the JSON document is, in a sentence
 */
export function renderBody(
  document: PageDocument,
  where = 'The page contains the report as JSON.',
): string {
  const { sections, conditions, origin } = document;
  let plots = 0;
  const nextPlot = (): number => (plots += 1);
  return fragment(
    head(document),
    verdict(document),
    figures(document),
    sections.map((section) => renderSection(section, nextPlot)),
    conditions.length === 0 ? undefined : conditionList(conditions),
    element('h2', {}, 'Repeat it'),
    element('pre', {}, element('code', {}, origin.command)),
    element('p', { class: 'foot' }, `Made by natsx ${origin.version}. ${where}`),
  ).html;
}

function conditionList(conditions: PageDocument['conditions']): Markup {
  return fragment(
    element('h2', {}, 'Conditions'),
    element(
      'dl',
      { class: 'conditions card' },
      conditions.map(({ label, value }) =>
        element('div', {}, element('dt', {}, label), element('dd', {}, cellMarkup(value))),
      ),
    ),
  );
}

function head({ title, subtitle, atMs }: PageDocument): Markup {
  const at = new Date(atMs).toISOString();
  const time = `${localClock(atMs, 0).slice(0, 10)} ${localTimeOfDay(atMs).slice(0, 8)}`;
  return element(
    'div',
    { class: 'head' },
    element('h1', {}, title),
    element(
      'p',
      {},
      subtitle === undefined ? undefined : `${subtitle}, `,
      element('time', { datetime: at }, time),
    ),
  );
}

function verdict({ verdict: { tone, word, sentence } }: PageDocument): Markup {
  return element(
    'div',
    { class: `verdict ${tone}` },
    element('p', { class: 'word' }, word),
    element('p', {}, sentence),
  );
}

function figures({ figures: all }: PageDocument): Markup | undefined {
  if (all.length === 0) return undefined;
  return element(
    'dl',
    { class: 'figures' },
    all.map(({ label, value, note, tone }) =>
      element(
        'div',
        {},
        element('dt', {}, label),
        element(
          'dd',
          { class: tone === undefined ? undefined : `${tone} tone` },
          cellMarkup(value),
          note === undefined ? undefined : element('small', {}, note),
        ),
      ),
    ),
  );
}

function renderSection({ title, blocks }: PageSection, nextPlot: () => number): Markup {
  return element(
    'section',
    {},
    element('h2', {}, title),
    blocks.map((block) => renderBlock(block, nextPlot)),
  );
}
