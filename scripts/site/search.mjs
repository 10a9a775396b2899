/// <reference lib="dom" />
/** The search box of the site; without JavaScript the menu is all there is. Loaded by every page. */
import MiniSearch from 'minisearch';

/** @typedef {{ id: string, page: string, title: string, text: string }} Section */

const input = /** @type {HTMLInputElement} */ (document.querySelector('#search'));
const results = /** @type {HTMLOListElement} */ (document.querySelector('#results'));
const status = /** @type {HTMLElement} */ (document.querySelector('#search-status'));
/** @type {Promise<MiniSearch<Section>> | undefined} */
let index;

const box = input.closest('form');
if (box !== null) box.hidden = false;
box?.addEventListener('submit', (event) => {
  event.preventDefault();
  results.querySelector('a')?.click();
});
input.addEventListener('input', () => void search(input.value));

/** A script and not `fetch`, which browsers refuse for pages that are opened as files. */
function loadIndex() {
  index ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = 'search-data.js';
    script.onload = () => {
      /** @type {MiniSearch<Section>} */
      const made = new MiniSearch({
        fields: ['title', 'page', 'text'],
        storeFields: ['page', 'title'],
        searchOptions: {
          boost: { title: 4, page: 2 },
          prefix: true,
          fuzzy: 0.15,
          combineWith: 'AND',
        },
      });
      made.addAll(/** @type {any} */ (globalThis).natsxSections);
      resolve(made);
    };
    script.onerror = () => reject(new Error('search-data.js cannot be loaded'));
    document.head.append(script);
  });
  return index;
}

/** @param {string} words */
async function search(words) {
  const found = words.trim() === '' ? [] : (await loadIndex()).search(words).slice(0, 12);
  // A later key may have been faster.
  if (words !== input.value) return;
  results.replaceChildren(
    ...found.map(({ id, page, title }) => {
      const item = document.createElement('li');
      const link = document.createElement('a');
      link.href = id;
      link.textContent = title;
      const where = document.createElement('small');
      where.textContent = page;
      item.append(link, where);
      return item;
    }),
  );
  status.textContent =
    words.trim() === '' ? '' : found.length === 0 ? 'nothing found' : `${found.length} found`;
}
