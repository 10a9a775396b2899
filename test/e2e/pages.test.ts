import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  axeFindings,
  chromiumPath,
  launchBrowser,
  openPage,
  overflowOf,
} from '../support/browser.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { emptyHome, runCli, startCli, type CliResult } from '../support/run-cli.js';

const home = emptyHome();
let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  await natsx('stream create ORDERS --subjects orders.> --max-age 10m');
  await natsx('consumer create ORDERS billing');
  await natsx('pub orders.new {"id":7} --count 500');
  const recorder = startCli(words('history record history --every 1s'), { home });
  await recorder.waitForStderr(/recording into/);
  recorder.signal('SIGINT');
  await recorder.exit;
});

function words(line: string): readonly string[] {
  return [...line.split(' '), '-s', server.url];
}

function natsx(line: string): Promise<CliResult> {
  return runCli(words(line), { home });
}

/** Each report that can be a page, with the least number of its plots. */
const pages: readonly (readonly [name: string, line: string, plots: number, code: number])[] = [
  ['bench-1', 'bench pubsub --rate 2k --duration 300ms --warmup 0 --repeat 2', 3, 0],
  ['bench-2', 'bench pubsub --rate 2k --duration 300ms --warmup 0 --repeat 2', 3, 0],
  ['pub', 'bench pub --msgs 2000 --warmup 0', 2, 0],
  ['compare', 'bench compare bench-1.html bench-2.html', 2, 0],
  [
    'saturate',
    'bench saturate --start-rate 500 --max-rate 1000 --duration 100ms --slo p99<9s',
    1,
    0,
  ],
  ['suite', 'bench --duration 60ms', 2, 0],
  ['verify', 'verify --msgs 300 --settle 200ms', 3, 0],
  ['backlog', 'backlog --window 500ms --fail-on warning', 2, 9],
  ['doctor', 'doctor --window 200ms', 1, 0],
  ['why', 'history why history ORDERS billing', 0, 0],
];

const fileOf = (name: string): string => join(home, `${name}.html`);
const jsonIn = (html: string): unknown =>
  JSON.parse(/<script type="application\/json">(.*?)<\/script>/s.exec(html)?.[1] ?? '');

describe('--html beside --json', () => {
  test.each(pages)('writes %s', async (name, line, plots, code) => {
    const result = await natsx(`${line} --json --html ${name}.html`);
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code, stderr: result.stderr });
    const html = readFileSync(fileOf(name), 'utf8');
    expect(html.length).toBeLessThan(500_000);
    expect(jsonIn(html)).toEqual(JSON.parse(result.stdout));
    expect(html.split('<figure class="plot').length - 1).toBeGreaterThanOrEqual(plots);
    expect(html).toContain(`natsx ${line.split(' ')[0] ?? ''}`);
  });
});

describe.skipIf(chromiumPath === undefined)('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  const open = (name: string, options: { scheme?: 'light' | 'dark'; javaScript?: boolean } = {}) =>
    openPage(browser, { url: pathToFileURL(fileOf(name)).href, ...options });

  describe.each(['light', 'dark'] as const)('%s', (scheme) => {
    test.each(pages.filter(([name]) => name !== 'bench-2'))('%s', async (name) => {
      const { page, complaints, requests, close } = await open(name, { scheme });
      try {
        for (const width of [360, 800, 1440]) {
          await page.setViewportSize({ width, height: 900 });
          expect({ width, overflow: await overflowOf(page) }).toEqual({ width, overflow: 0 });
          const isChecked = width === (scheme === 'dark' ? 360 : 1440);
          if (isChecked) expect(await axeFindings(page)).toEqual([]);
        }
        expect(await page.evaluate('matchMedia("(prefers-color-scheme: dark)").matches')).toBe(
          scheme === 'dark',
        );
        expect(await wrongFigures(page)).toEqual([]);
        expect(await unnamedPlots(page)).toEqual([]);
        expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
      } finally {
        await close();
      }
    });
  });

  test('shows figures at the pointer, and zooms', async () => {
    const { page, complaints, close } = await open('bench-1');
    const plot = page.locator('.plot').first();
    await plot.locator('.slot').nth(1).hover();
    await page.locator('.tip').waitFor();
    expect(await page.locator('.tip').innerText()).toMatch(/^time .*\nreceived .* msg\/s/);
    await plot.getByRole('button', { name: 'zoom in' }).click();
    expect(await plot.locator('.zoom').getAttribute('width')).toBe('200%');
    await plot.getByRole('button', { name: 'show all' }).click();
    expect(await plot.locator('.zoom').getAttribute('width')).toBe('100%');
    expect(complaints).toEqual([]);
    await close();
  });

  test('is complete without JavaScript', async () => {
    const { page, close } = await open('backlog', { javaScript: false });
    const text = await page.locator('main').innerText();
    for (const part of ['NO_CLIENT', 'ORDERS', 'billing', '500', 'natsx backlog']) {
      expect(text).toContain(part);
    }
    expect(await page.locator('.tools').count()).toBe(0);
    expect(await page.locator('svg.chart').count()).toBeGreaterThan(1);
    await close();
  });
});

/** Figures whose value is not the one at their place in the JSON of the page. */
async function wrongFigures(page: Page): Promise<readonly string[]> {
  const figures = await page.evaluate<readonly (readonly [at: string, value: string])[]>(
    `[...document.querySelectorAll('data')].map((one) => [one.dataset.at, one.value])`,
  );
  expect(figures.length).toBeGreaterThan(0);
  const document = jsonIn(await page.content());
  return figures
    .filter(([at, value]) => Number(value) !== at.split('.').reduce(valueOf, document))
    .map(([at, value]) => `${at} ${value}`);
}

function valueOf(value: unknown, key: string): unknown {
  return (value as Record<string, unknown> | undefined)?.[key];
}

async function unnamedPlots(page: Page): Promise<readonly string[]> {
  return page.evaluate(
    `[...document.querySelectorAll('svg.chart')].filter((one) =>
      one.getAttribute('role') !== 'img' ||
      !one.querySelector('title')?.textContent || !one.querySelector('desc')?.textContent
    ).map((one) => one.outerHTML.slice(0, 200))`,
  );
}

describe('a file that cannot be the page', () => {
  const all = ['bench pub --msgs 10', 'verify', 'backlog', 'doctor', 'history why h S'];
  test.each([
    ['nowhere/page.html', 'there is no such file or folder', all],
    ['.', 'it is a directory', ['backlog']],
    ['-', '--html takes the name of a file', ['verify']],
  ])('%s is refused before anything runs', async (file, reason, lines) => {
    for (const line of lines) {
      // Nothing listens there.
      const args = [...line.split(' '), '--html', file, '-s', 'nats://127.0.0.1:1'];
      const { code, stdout, stderr } = await runCli(args, { home });
      expect({ line, code, stdout }).toEqual({ line, code: 2, stdout: '' });
      expect(stderr).toContain(reason);
    }
  });

  test('is not shared with --save', async () => {
    const { code, stderr } = await natsx('bench pub --msgs 10 --save x.html --html x.html');
    expect(code).toBe(2);
    expect(stderr).toContain('--save and --html both write');
  });
});

test('a page replaces a file at once, follows links, and leaves nothing else', async () => {
  writeFileSync(join(home, 'real.html'), 'old');
  symlinkSync('real.html', join(home, 'link.html'));
  const before = readdirSync(home).length;
  expect((await natsx('doctor --window 100ms --html link.html')).code).toBe(0);
  expect(readFileSync(join(home, 'real.html'), 'utf8')).toContain('<!doctype html>');
  expect(readdirSync(home)).toHaveLength(before);
  expect((await natsx('doctor --window 100ms --html /dev/null')).code).toBe(0);
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
});

describe('bench compare', () => {
  test('takes pages and JSON in any order', async () => {
    await natsx('bench pubsub --rate 2k --duration 100ms --warmup 0 --save s.json --html s.html');
    for (const pair of ['s.json s.html', 's.html s.json', 's.html s.html']) {
      const { code, stdout } = await natsx(`bench compare ${pair} --json`);
      expect({ pair, code }).toEqual({ pair, code: 0 });
      expect(stdout).toContain('natsx.bench-compare/1');
    }
  });

  test('refuses other pages', async () => {
    writeFileSync(join(home, 'foreign.html'), '<!doctype html><title>x</title>');
    const foreign = await natsx('bench compare foreign.html bench-1.html');
    expect(foreign.code).toBe(2);
    expect(foreign.stderr).toContain('it is a page without a report of natsx');
    const other = await natsx('bench compare verify.html bench-1.html --html never.html');
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('its schema is natsx.verify/1');
    expect(existsSync(join(home, 'never.html'))).toBe(false);
  });
});

test('a page has the command line without secrets', async () => {
  const url = server.url.replace('nats://', 'nats://ann:hunter2@');
  const args = ['doctor', '--window', '100ms', '--html', 'secret.html', '-s', url];
  expect((await runCli(args, { home })).code).toBe(0);
  const html = readFileSync(join(home, 'secret.html'), 'utf8');
  expect(html).toContain('natsx doctor --window 100ms');
  expect(html).not.toContain('hunter2');
});
