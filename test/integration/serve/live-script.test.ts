import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import type { PageDocument } from '../../../src/page/document.js';
import { LivePage } from '../../../src/serve/live-page.js';
import { LiveServer } from '../../../src/serve/live-server.js';
import { axeFindings, chromiumPath, launchBrowser, openPage } from '../../support/browser.js';
import { eventually } from '../../support/eventually.js';

/** A report whose every figure changes with `n`. */
function documentOf(n: number): PageDocument {
  const rows = Array.from({ length: 50 + (n % 3) }, (_, row) => [`row ${row}`, String(row + n)]);
  return {
    title: 'figures',
    atMs: 1_795_000_000_000 + n * 1000,
    verdict: { tone: n % 2 === 0 ? 'good' : 'bad', word: `${n}`, sentence: 'so it is' },
    figures: [{ label: 'count', value: String(n) }],
    sections: [
      {
        title: 'Over time',
        blocks: [
          {
            kind: 'plot',
            plot: {
              kind: 'xy',
              title: 'How many?',
              description: `${n} in the end.`,
              x: { label: 'time', scale: 'elapsed', unit: 'ms' },
              y: { label: 'count', scale: 'linear', unit: 'count' },
              series: [
                {
                  name: 'count',
                  look: 'line',
                  points: Array.from({ length: 100 }, (_, x) => ({ x: x * 1000, y: (x * n) % 97 })),
                },
              ],
            },
          },
          {
            kind: 'table',
            caption: 'Rows',
            columns: [{ title: 'row' }, { title: 'count' }],
            rows,
          },
        ],
      },
    ],
    conditions: [],
    origin: { command: 'natsx figures', version: '1' },
    json: { n },
  };
}

let browser: Browser;
let live: LivePage<number>;
let server: LiveServer;
beforeAll(async () => {
  live = new LivePage<number>({
    title: 'figures',
    document: documentOf,
    json: String,
    metrics: (n) => Promise.resolve({ text: `n ${n}\n`, contentType: 'text/plain' }),
    staleAfterMs: undefined,
  });
  const listen = { host: '127.0.0.1', port: 0 };
  const plan = { listen, flag: '', openMetrics: 'nobody' as const, routes: live.routes };
  server = await LiveServer.open(plan);
  live.onChange = () => server.update();
  if (chromiumPath !== undefined) browser = await launchBrowser();
});
afterAll(async () => {
  if (chromiumPath !== undefined) await browser.close();
  await server.close();
});

/** Shows `n`, and waits until the page has it. */
async function show(page: Page, n: number): Promise<void> {
  live.show(n);
  await page.evaluate(`new Promise((resolve) => {
    const word = () => document.querySelector('.verdict .word')?.textContent;
    const look = () => (word() === '${n}' ? resolve() : setTimeout(look, 1));
    look();
  })`);
}

const has = (page: Page, expression: string): Promise<unknown> => page.evaluate(expression);

describe.skipIf(chromiumPath === undefined)('in a browser', () => {
  test('updates leave what the reader does as it is', async () => {
    const watched = await openPage(browser, { url: server.url });
    const { page, complaints } = watched;
    await show(page, 1);
    await page.getByRole('button', { name: 'zoom in' }).click();
    await page.evaluate(`
      scrollTo(0, 400);
      const cell = [...document.querySelectorAll('td,th')].find((one) => one.textContent === 'row 7');
      getSelection().selectAllChildren(cell);
      document.querySelector('.scroll').focus();
    `);
    const zoom = await has(page, `document.querySelector('.zoom').getAttribute('width')`);
    const scroll = await has(page, 'scrollY');
    await show(page, 2);
    await show(page, 3);
    expect(await has(page, 'scrollY')).toBe(scroll);
    expect(await has(page, 'String(getSelection())')).toBe('row 7');
    expect(await has(page, 'document.activeElement.className')).toMatch('scroll');
    expect(await has(page, `document.querySelector('.zoom').getAttribute('width')`)).toBe(zoom);
    expect(zoom).toBe('200%');
    expect(await has(page, `document.querySelectorAll('.tools').length`)).toBe(1);
    expect(await has(page, `document.querySelector('.figures dd').textContent`)).toBe('3');
    expect(await has(page, `document.querySelectorAll('tbody tr').length`)).toBe(50);
    expect(await has(page, 'document.title')).toBe('figures – natsx');
    expect(complaints).toEqual([]);
    await watched.close();
  });

  test('a change of the verdict, and a loss of NATS, are announced', async () => {
    const watched = await openPage(browser, { url: server.url });
    const { page, complaints } = watched;
    const spoken = () => page.locator('#spoken').textContent();
    await show(page, 4);
    await show(page, 6);
    expect(await spoken()).toBe('6: so it is');
    live.lose('no connection to NATS');
    await eventually('it is said', async () =>
      /^no connection to NATS since [\d:]{8}$/.test((await spoken()) ?? ''),
    );
    expect(await page.locator('#live').textContent()).toMatch(
      /^no connection to NATS since .*; read at/,
    );
    expect(await axeFindings(page)).toEqual([]);
    await show(page, 8);
    expect(await spoken()).toBe('8: so it is');
    expect(await page.locator('#live').textContent()).toMatch(/^read at/);
    expect(complaints).toEqual([]);
    await watched.close();
  });

  test('hundreds of updates leave nothing behind', async () => {
    const watched = await openPage(browser, { url: server.url });
    const { page } = watched;
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    const used = async () => {
      await session.send('HeapProfiler.collectGarbage');
      const { metrics } = await session.send('Performance.getMetrics');
      const of = (name: string): number => metrics.find((one) => one.name === name)?.value ?? 0;
      return { heap: of('JSHeapUsedSize'), nodes: of('Nodes'), listeners: of('JSEventListeners') };
    };
    const updates = async (from: number, to: number): Promise<void> => {
      for (let n = from; n < to; n += 1) await show(page, n);
    };
    await updates(10, 60);
    const before = await used();
    await updates(60, 360);
    const after = await used();
    expect(after.nodes).toBeLessThan(before.nodes * 1.1);
    expect(after.listeners).toBeLessThanOrEqual(before.listeners);
    expect(after.heap).toBeLessThan(before.heap * 1.2);
    expect(after.heap).toBeLessThan(50e6);
    await watched.close();
  });
});
