import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NatsxError } from '../../../src/core/errors.js';
import { LiveServer, type LivePlan } from '../../../src/serve/live-server.js';
import { eventually } from '../../support/eventually.js';

const page = { type: 'text/html', body: '<h1>the page</h1>' };
let latest = '"first"';
let server: LiveServer;
let token: string;
let port: number;

const plan = (more: Partial<LivePlan> = {}): LivePlan => ({
  listen: { host: '127.0.0.1', port: 0 },
  flag: '--serve HOST:PORT',
  openMetrics: 'nobody',
  routes: {
    page: () => page,
    api: (query) => ({ type: 'application/json', body: JSON.stringify({ at: query.get('at') }) }),
    metrics: () => ({ type: 'text/plain', body: 'up 1\n' }),
    latest: () => latest,
  },
  ...more,
});

async function open(more: Partial<LivePlan> = {}): Promise<void> {
  server = await LiveServer.open(plan(more));
  const url = new URL(server.url);
  token = url.searchParams.get('token') ?? '';
  port = Number(url.port);
}

beforeEach(async () => {
  latest = '"first"';
  await open();
});
afterEach(() => server.close());

/** Sends bytes on a new connection, and returns what arrives until it is closed. */
async function exchange(bytes: string | Uint8Array): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.write(bytes);
  if (!socket.closed) await once(socket, 'close');
  return text;
}

interface Ask {
  readonly method?: string;
  readonly host?: string;
  readonly more?: string;
  readonly version?: string;
}

/** The status and the whole answer. */
async function ask(path: string, { method = 'GET', host, more = '', version = '1.1' }: Ask = {}) {
  const name = host ?? `127.0.0.1:${String(port)}`;
  const text = await exchange(
    `${method} ${path} HTTP/${version}\r\nHost: ${name}\r\nConnection: close\r\n${more}\r\n`,
  );
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]), text };
}

const status = async (path: string, asked: Ask = {}): Promise<number> =>
  (await ask(path, asked)).status;

test('the token may be in the query, in the path, or a bearer token; without it nothing is told', async () => {
  expect(token.length).toBeGreaterThanOrEqual(16);
  for (const path of ['/', '/api', '/metrics']) {
    expect(await status(`${path}?token=${token}`)).toBe(200);
    expect(await status(`/${token}${path}`)).toBe(200);
    expect(await status(path, { more: `Authorization: Bearer ${token}\r\n` })).toBe(200);
  }
  const wrong = ['', '?token=', `?token=${token}x`, `?token=${token.slice(1)}`, `?Token=${token}`];
  for (const query of wrong) {
    for (const path of ['/', '/api', '/metrics', '/events', '/other', '/..%2f..%2fetc/passwd']) {
      expect(await status(path + query), path + query).toBe(401);
    }
  }
  expect((await ask('/')).text).not.toContain(token);
  expect((await ask(`/${token}`)).text).toContain(`location: /${token}/\r\n`);
});

test('other paths, methods and targets', async () => {
  for (const path of ['/other', '/../etc/passwd', '/api/', '//', '/%00', '/API', '/..%2fapi']) {
    expect(await status(`${path}?token=${token}`), path).toBe(404);
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) {
    const { status: got, text } = await ask(`/?token=${token}`, { method });
    expect([method, got]).toEqual([method, 405]);
    expect(text.toLowerCase()).toContain('allow: get, head');
    expect(text).not.toContain('access-control');
  }
  expect(await status(`http://127.0.0.1/?token=${token}`)).toBe(400);
  const head = await ask(`/?token=${token}`, { method: 'HEAD' });
  expect(head.text).toContain(`content-length: ${String(page.body.length)}`);
  expect(head.text).not.toContain(page.body);
});

test('the name in Host must be its own', async () => {
  const path = `/?token=${token}`;
  for (const host of ['localhost', `LOCALHOST:1`, '127.0.0.1', '[::1]:80', 'localhost.:8080']) {
    expect(await status(path, { host }), host).toBe(200);
  }
  for (const host of [
    'evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    'a@127.0.0.1',
    '',
    '[',
  ]) {
    expect(await status(path, { host }), host).toBeGreaterThanOrEqual(400);
  }
  expect(await status(path, { host: 'evil.example', version: '1.0' })).toBe(403);
  expect(await exchange(`GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 400/,
  );
});

test('every answer has the headers that keep it from caches, frames and other pages', async () => {
  for (const path of [`/?token=${token}`, '/', `/api?token=${token}`, `/nothing?token=${token}`]) {
    const { text } = await ask(path);
    expect(text).toMatch(/content-security-policy: default-src 'none'.*frame-ancestors 'none'/);
    expect(text).toContain('x-content-type-options: nosniff');
    expect(text).toContain('referrer-policy: no-referrer');
    expect(text).toContain('cache-control: no-store');
  }
});

test('metrics may be open to scrapers on this machine, and nothing else is', async () => {
  await server.close();
  await open({ openMetrics: 'loopback' });
  expect(await status('/metrics')).toBe(200);
  expect(await status('/metrics', { host: 'evil.example' })).toBe(403);
  expect(await status('/api')).toBe(401);
  expect(await status('/')).toBe(401);
});

test('on all addresses, IP addresses and the name of this machine are its own', async () => {
  await server.close();
  await open({ listen: { host: '0.0.0.0', port: 0 }, openMetrics: 'everybody' });
  const path = `/?token=${token}`;
  expect(server.url).toContain('http://127.0.0.1:');
  expect(await status(path, { host: '192.0.2.7:9999' })).toBe(200);
  expect(await status(path, { host: 'evil.example' })).toBe(403);
  // Prometheus may know the machine by any name.
  expect(await status('/metrics', { host: 'natsx.monitoring.svc' })).toBe(200);
  expect(await status('/metrics/x', { host: 'natsx.monitoring.svc' })).toBe(403);
});

test('an address in use is one sentence', async () => {
  const second = LiveServer.open(plan({ listen: { host: '127.0.0.1', port } }));
  await expect(second).rejects.toThrow(
    `cannot listen on 127.0.0.1:${String(port)}: another program listens there (EADDRINUSE)`,
  );
  await expect(second).rejects.toThrow(NatsxError);
});

test('a failure is a status with its sentence; a bug says nothing of itself', async () => {
  await server.close();
  const { routes } = plan();
  const api = (query: URLSearchParams) => {
    if (query.has('bug')) throw new Error('secret');
    throw new NatsxError('not-found', 'nothing was recorded then');
  };
  await open({ routes: { ...routes, api } });
  const missing = await ask(`/api?token=${token}`);
  expect(missing.status).toBe(404);
  expect(missing.text).toContain(
    '{"error":{"kind":"not-found","message":"nothing was recorded then"}}',
  );
  const bug = await ask(`/api?token=${token}&bug=1`);
  expect(bug.status).toBe(500);
  expect(bug.text).not.toContain('secret');
});

test('large headers and targets are refused, a body is not read', async () => {
  const long = 'a'.repeat(9_000);
  expect(await status(`/?token=${token}&x=${long}`)).toBe(431);
  expect(await status(`/?token=${token}`, { more: `X: ${long}\r\n` })).toBe(431);
  const more = `Content-Length: 1000000000000\r\nExpect: 100-continue\r\n`;
  const { status: got, text } = await ask(`/?token=${token}`, { method: 'POST', more });
  expect(got).toBe(405);
  expect(text).not.toContain('100 Continue');
});

test('clients that send nothing, or too slowly, are cut', async () => {
  await server.close();
  await open({ limits: { silentMs: 400 } });
  const drip = connect(port, '127.0.0.1');
  const dripping = setInterval(() => drip.write('X'), 50);
  drip.write('GET / HTTP/1.1\r\nX: ');
  drip.on('error', () => undefined);
  const silent = connect(port, '127.0.0.1');
  silent.resume();
  drip.resume();
  await Promise.all([once(silent, 'close'), once(drip, 'close')]);
  clearInterval(dripping);
  expect(await status(`/?token=${token}`)).toBe(200);
});

/** Opens the stream of events on a socket of its own. */
async function watch(): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.write(`GET /events?token=${token} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await eventually('the first event', () => text.includes('event: update'));
  return { socket, text: () => text };
}

test('viewers get the latest event at once, then each update, and an end', async () => {
  const first = await watch();
  expect(first.text()).toContain('data: "first"\n\n');
  const second = await watch();
  expect(server.viewers).toBe(2);
  latest = '"second"';
  server.update();
  await eventually('both have it', () =>
    [first, second].every(({ text }) => text().includes('data: "second"\n\n')),
  );
  first.socket.destroy();
  await eventually('one is gone', () => server.viewers === 1);
  await server.close();
  await eventually('the end', () => second.text().includes('event: end'));
});

test('a viewer that does not read is cut, and nothing is queued for it meanwhile', async () => {
  await server.close();
  await open({ limits: { silentMs: 500 } });
  const stalled = await watch();
  const reading = await watch();
  stalled.socket.pause();
  const event = (n: number): string => JSON.stringify(`${String(n)} ${'x'.repeat(1_000_000)}`);
  let n = 0;
  const before = process.memoryUsage().rss;
  await eventually(
    'it is cut',
    () => {
      latest = event((n += 1));
      server.update();
      return server.viewers === 1;
    },
    { intervalMs: 5 },
  );
  expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  latest = '"last"';
  server.update();
  await eventually('the other one still reads', () => reading.text().includes('data: "last"\n\n'));
});

test('viewers and connections are bounded', async () => {
  await server.close();
  await open({ limits: { viewers: 1, connections: 3 } });
  await watch();
  expect(await status(`/events?token=${token}`)).toBe(503);
  const idle = Array.from({ length: 4 }, () => connect(port, '127.0.0.1'));
  let refused = 0;
  for (const socket of idle) {
    socket.on('error', () => undefined);
    socket.resume().once('close', () => (refused += 1));
  }
  await eventually('some are refused', () => refused > 0);
  for (const socket of idle) socket.destroy();
  await eventually('there is room again', async () => (await status('/')) === 401);
});

test('whatever bytes arrive, the server answers the next request', async () => {
  await server.close();
  await open({ limits: { silentMs: 200 } });
  const line = fc.constantFrom(
    'GET / HTTP/1.1\r\n',
    'GET //%2e%2e/ HTTP/1.1\r\n',
    'HEAD * HTTP/1.1\r\n',
    'CONNECT a:1 HTTP/1.1\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'Host: localhost\r\n',
    'Host: \r\n',
    'Content-Length: -1\r\n',
    'Content-Length: 5\r\n',
    'Transfer-Encoding: chunked\r\n',
    'Upgrade: websocket\r\nConnection: Upgrade\r\n',
    'Expect: 100-continue\r\n',
    '\r\n',
    '\r\n\r\n',
    '5\r\nabc',
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.array(line, { maxLength: 8 }).map((lines) => Buffer.from(lines.join(''))),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { minLength: 5, maxLength: 5 }), async (several) => {
      const answers = await Promise.all(several.map((one) => exchange(one)));
      for (const answer of answers) {
        expect(answer).not.toMatch(/^HTTP\/1\.1 (?:200|500)/m);
        expect(answer).not.toContain(token);
      }
      expect(await status(`/?token=${token}`)).toBe(200);
    }),
    { numRuns: 12 },
  );
});
