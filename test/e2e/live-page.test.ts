import { AckPolicy } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  axeFindings,
  chromiumPath,
  launchBrowser,
  openPage,
  overflowOf,
} from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientClient, patientManager } from '../support/patient-jetstream.js';
import { startCli, type RunningCli } from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';

let server: NatsServer;
let connection: NatsConnection;
let browser: Browser;
beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  connection = await connect({ servers: server.url, maxReconnectAttempts: -1 });
  const manager = await patientManager(connection);
  await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
  await manager.consumers.add('ORDERS', {
    durable_name: 'billing',
    ack_policy: AckPolicy.Explicit,
  });
  for (let n = 0; n < 7; n += 1) await patientClient(connection).publish('orders.new', 'x');
  if (chromiumPath !== undefined) browser = await launchBrowser();
});
afterAll(async () => {
  if (chromiumPath !== undefined) await browser.close();
  await connection.close();
});

/** The program, and the address of its page. */
async function serve(...args: string[]): Promise<{ run: RunningCli; url: string }> {
  const run = startCli([...args, '--server', server.url], { timeoutMs: 100_000 });
  const [url] = await run.waitForStdout(/http:\S+token=[\w-]{16,}/);
  return { run, url };
}

const apiOf = (url: string, more = ''): string => url.replace('/?', '/api?') + more;
const textOf = (page: Page, selector: string): Promise<string> =>
  page.locator(selector).first().innerText();

/** Waits until the text of an element matches. */
const reads = (page: Page, selector: string, pattern: RegExp): Promise<unknown> =>
  eventually(`${selector} has ${pattern}`, async () => pattern.test(await textOf(page, selector)));

describe.skipIf(chromiumPath === undefined)('in a browser', () => {
  test('the page of a backlog updates, keeps its place, and survives a restart of NATS', async () => {
    const { run, url } = await serve('backlog', '--serve', '--window', '400ms');
    const watched = await openPage(browser, { url, width: 360 });
    const { page, complaints, requests } = watched;
    await reads(page, 'main', /billing[^]*\b7\b/);
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowOf(page)).toBe(0);

    await page.setViewportSize({ width: 360, height: 300 });
    await page.evaluate('scrollTo(0, 200)');
    await patientClient(connection).publish('orders.new', 'x');
    await reads(page, 'main', /billing[^]*\b8\b/);
    expect(await page.evaluate('scrollY')).toBe(200);

    await server.kill();
    await reads(
      page,
      '#live',
      /^no connection to NATS since \d\d:\d\d:\d\d \(\d+s\); read at \d\d/,
    );
    const lost = await fetch(apiOf(url));
    expect(lost.status).toBe(503);
    expect(await lost.json()).toMatchObject({
      error: { kind: 'connection', message: 'no connection to NATS' },
      read_at: expect.stringMatching(/^\d{4}-/) as string,
      lost_at: expect.stringMatching(/^\d{4}-/) as string,
    });
    expect(await axeFindings(page)).toEqual([]);
    await server.restart();
    await reads(page, '#live', /^read at/);
    const api = await fetch(apiOf(url));
    expect(api.status).toBe(200);
    expect(await api.json()).toMatchObject({ schema: 'natsx.backlog/1' });

    server.pause();
    await eventually('it hangs', async () => (await fetch(apiOf(url))).status === 503);
    await reads(page, '#live', /^no answer from NATS since/);
    server.resume();
    await eventually('it answers again', async () => (await fetch(apiOf(url))).status === 200);
    await reads(page, '#live', /^read at/);

    run.signal('SIGINT');
    expect(await run.exit).toMatchObject({ code: 0 });
    await reads(page, '#live', /^natsx has ended; read at/);
    expect(complaints).toEqual([]);
    const { origin } = new URL(url);
    expect(requests.filter((one) => !one.startsWith(`${origin}/`))).toEqual([]);
    await watched.close();
  });

  test('a history: the slider, the links and the last reading', async () => {
    const dir = `${temporaryFolder('history')}/log`;
    const recorder = startCli(['history', 'record', dir, '--every', '200ms', '-s', server.url]);
    const readings = async () => {
      const { stdout } = await startCli(['history', 'ls', dir, '--json']).exit;
      return stdout === '' ? 0 : (JSON.parse(stdout) as { readings: number }).readings;
    };
    await eventually('readings', async () => (await readings()) > 5);
    const { run, url } = await serve('history', 'serve', dir);
    const watched = await openPage(browser, { url });
    const { page, complaints } = watched;
    expect(await axeFindings(page)).toEqual([]);
    const at = () => page.locator('main time').first().getAttribute('datetime');
    const first = await at();
    await eventually('it follows', async () => (await at()) !== first);

    await page.locator('#at').press('Home');
    await reads(page, '#moments output', /^\d{4}-\d\d-\d\d \d\d:/);
    await eventually('the first reading', async () => ((await at()) ?? '~') < (first ?? ''));
    const oldest = await at();
    expect(page.url()).toContain('at=');
    await page.locator('#at').press('End');
    await eventually('a later one', async () => ((await at()) ?? '') > (oldest ?? ''));
    await page.goBack();
    await eventually('back', async () => (await at()) === oldest);
    await page.getByText(/^last:/).click();
    await eventually('the last', async () => ((await at()) ?? '') > (first ?? ''));
    expect(complaints).toEqual([]);
    await watched.close();

    const plain = await openPage(browser, { url, javaScript: false });
    await plain.page.getByText(/^first:/).click();
    expect(await plain.page.locator('main time').first().getAttribute('datetime')).toBe(oldest);
    await plain.page.getByRole('button', { name: 'Show' }).click();
    expect(await plain.page.locator('main time').first().getAttribute('datetime')).toBe(oldest);
    await plain.close();

    expect((await fetch(apiOf(url, '&at=2h'))).status).toBe(404);
    expect((await fetch(apiOf(url, '&at=never'))).status).toBe(400);
    const past = await fetch(apiOf(url, `&at=${oldest ?? ''}`));
    expect(await past.json()).toMatchObject({ schema: 'natsx.backlog/1', at: oldest });
    for (const one of [run, recorder]) {
      one.signal('SIGINT');
      expect(await one.exit).toMatchObject({ code: 0 });
    }
  });

  test('a benchmark: rates while it runs, then its report', async () => {
    const args = ['bench', 'pubsub', '--serve', '--rate', '500', '--duration', '5s', '--json'];
    const run = startCli([...args, '--server', server.url]);
    const [url] = await run.waitForStderr(/http:\S+token=[\w-]{16,}/);
    const watched = await openPage(browser, { url });
    const { page, complaints } = watched;
    await reads(page, 'main', /Did the rate hold/);
    await reads(page, 'main', /When was it slow/);
    const live = (await (await fetch(apiOf(url))).json()) as { intervals: unknown[] };
    expect(live).toMatchObject({ schema: 'natsx.bench-live/1', scenario: 'pubsub' });
    const { code, stdout } = await run.exit;
    expect(code).toBe(0);
    const { totals } = JSON.parse(stdout) as { totals: { sent: number } };
    await reads(page, '#live', /^natsx has ended/);
    await reads(page, 'main', new RegExp(totals.sent.toLocaleString('en')));
    expect(await axeFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await watched.close();
  });
});

test('addresses: one in use, one that is none, and what follows --serve', async () => {
  const { run, url } = await serve('backlog', '--serve', 'ORDERS', '--json', '--metrics-open');
  const { api, metrics } = JSON.parse(run.stdoutSoFar()) as { api: string; metrics: string };
  expect(await (await fetch(api)).json()).toMatchObject({ streams: [{ name: 'ORDERS' }] });
  expect(await (await fetch(new URL('/metrics', metrics))).text()).toContain(
    'natsx_consumer_backlog',
  );
  expect((await fetch(new URL('/api', url))).status).toBe(401);
  const { host } = new URL(url);
  for (const args of [
    ['backlog', '--serve', host],
    ['backlog', `--serve=${host}`],
  ]) {
    const { code, stderr } = await startCli([...args, '-s', server.url]).exit;
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(`error: cannot listen on ${host}: another program`) as string,
    });
  }
  const { code, stderr } = await startCli(['backlog', '--serve', 'nats://x:4222']).exit;
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^error: --serve: /) as string,
  });
});
