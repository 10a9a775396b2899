import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';

import { ensureChromium } from '../../scripts/chromium.mjs';

/** The browser of this machine; undefined where none can be had, which is said on stderr. */
export const chromiumPath: string | undefined = await ensureChromium().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  return undefined;
});

/** A headless browser. The caller closes it. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath ?? '',
    // Root has no sandbox, and containers have little shared memory.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
}

export interface PageOptions {
  readonly url: string;
  /** @default 1280 */
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  /** Whether scripts of the page run. @default true */
  readonly javaScript?: boolean;
}

/** An open page, with everything that went wrong on it and every request beyond the page itself. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions, violations of the policy. */
  readonly complaints: readonly string[];
  /** Addresses that were asked for, without that of the page. */
  readonly requests: readonly string[];
  readonly close: () => Promise<void>;
}

export async function openPage(browser: Browser, options: PageOptions): Promise<WatchedPage> {
  const { url, width = 1280, scheme = 'light', javaScript = true } = options;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    javaScriptEnabled: javaScript,
    // Nothing but the page is to be there.
    offline: url.startsWith('file:'),
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (request.url() !== url) requests.push(request.url());
  });
  await page.goto(url);
  return { page, complaints, requests, close: () => context.close() };
}

/** What axe finds against WCAG 2, levels A and AA: rule, and where. */
export async function axeFindings(page: Page): Promise<readonly string[]> {
  // By the debugger: the page's policy would refuse a script element.
  await page.evaluate(axe.source);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  return page.evaluate(async (values) => {
    const { axe: checker } = globalThis as unknown as { readonly axe: typeof axe };
    const { violations } = await checker.run({ runOnly: { type: 'tag', values } });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
    );
  }, tags);
}

/** How many pixels the content is wider than the window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { documentElement } = (globalThis as unknown as { readonly document: PageRoot }).document;
    return documentElement.scrollWidth - documentElement.clientWidth;
  });
}

/** The types of Node.js do not have the browser's. */
interface PageRoot {
  readonly documentElement: { readonly scrollWidth: number; readonly clientWidth: number };
}
