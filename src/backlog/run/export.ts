import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { Gauge, Registry } from 'prom-client';

import { metricsOf } from '../model/metrics.js';
import type { BacklogReport } from '../model/report.js';
import { NatsxError } from '../../core/errors.js';
import { whenStopped } from '../../connection/abortable.js';

export interface ExportPlan {
  readonly host: string;
  readonly port: number;
  /** A scrape within this time gets the previous result, so several scrapers cost no more than one. */
  readonly cacheMs: number;
  /** Reads a new report; called by one scrape at a time. */
  readonly read: () => Promise<BacklogReport>;
}

/**
 * Serves the report as Prometheus metrics on `/metrics` until the signal aborts. Nothing is read between
 * scrapes.
 *
 * @param onListening receives the address, with the port that the system chose for 0
 * @throws {NatsxError} usage — the address cannot be listened on
 */
export async function serveMetrics(
  plan: ExportPlan,
  signal: AbortSignal,
  onListening: (address: string) => void,
): Promise<void> {
  const cache = new ScrapeCache(plan);
  const server = createServer((request, response) => void answer(request, response, cache));
  await listening(server, plan);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : plan.port;
  onListening(`http://${plan.host}:${port}/metrics`);
  await whenStopped(signal);
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

function listening(server: Server, { host, port }: ExportPlan): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new NatsxError('usage', `cannot listen on ${host}:${port}: ${cause.message}`, {
          hint: 'choose another address with --listen HOST:PORT',
          cause,
        }),
      ),
    );
    server.listen(port, host, () => resolve());
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  cache: ScrapeCache,
): Promise<void> {
  const path = request.url?.split('?')[0];
  if (path !== '/metrics') {
    response.writeHead(path === '/' ? 200 : 404, { 'content-type': 'text/plain' });
    response.end(path === '/' ? 'natsx backlog export: see /metrics\n' : 'not found\n');
    return;
  }
  try {
    const { text, contentType } = await cache.scrape();
    response.writeHead(200, { 'content-type': contentType });
    response.end(text);
  } catch (error) {
    // The scraper's own "up" metric shows the failure; old figures would hide it.
    response.writeHead(503, { 'content-type': 'text/plain' });
    response.end(`${error instanceof Error ? error.message : 'failed'}\n`);
  }
}

interface Scrape {
  readonly text: string;
  readonly contentType: string;
}

/** One reading at a time, shared by all scrapes during it and shortly after. */
class ScrapeCache {
  readonly #plan: ExportPlan;
  #running: Promise<Scrape> | undefined;
  #last: Scrape | undefined;
  #freshUntilMs = 0;

  constructor(plan: ExportPlan) {
    this.#plan = plan;
  }

  scrape(): Promise<Scrape> {
    if (this.#last !== undefined && performance.now() < this.#freshUntilMs) {
      return Promise.resolve(this.#last);
    }
    this.#running ??= this.#read().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #read(): Promise<Scrape> {
    const report = await this.#plan.read();
    const registry = new Registry();
    for (const { name, help, labels, samples } of metricsOf(report)) {
      const gauge = new Gauge({ name, help, labelNames: [...labels], registers: [registry] });
      for (const sample of samples) gauge.set(sample.labels, sample.value);
    }
    const scrape = { text: await registry.metrics(), contentType: registry.contentType };
    this.#last = scrape;
    this.#freshUntilMs = performance.now() + this.#plan.cacheMs;
    return scrape;
  }
}
