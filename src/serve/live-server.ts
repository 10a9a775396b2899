import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

import { NatsxError } from '../core/errors.js';
import {
  isLoopback,
  isOwnHost,
  isWildcard,
  newToken,
  targetOf,
  type ListeningPlace,
  type Target,
} from './access.js';
import { failureAnswer, send, textAnswer, type HttpAnswer } from './answer.js';
import { EventStream } from './event-stream.js';

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  /** 0: the system chooses one. */
  readonly port: number;
}

/** What a server shows; each with the query of the request. */
export interface LiveRoutes {
  readonly page: (query: URLSearchParams) => HttpAnswer | Promise<HttpAnswer>;
  readonly api: (query: URLSearchParams) => HttpAnswer | Promise<HttpAnswer>;
  readonly metrics: (query: URLSearchParams) => HttpAnswer | Promise<HttpAnswer>;
  /** The data of the latest event, without line breaks; undefined if there is none yet. */
  readonly latest: () => string | undefined;
  /** A viewer has come. */
  readonly onViewer?: () => void;
}

export interface LivePlan {
  readonly listen: ListenAddress;
  /** How to choose another address, for the hint of an error. */
  readonly flag: string;
  /** Who may read `/metrics` without the token. */
  readonly openMetrics: 'nobody' | 'loopback' | 'everybody';
  readonly routes: LiveRoutes;
  readonly limits?: Partial<LiveLimits>;
}

interface LiveLimits {
  /** How long a request may take to arrive, and a client may take nothing of what is sent to it. */
  readonly silentMs: number;
  /** Of the request line and all headers. */
  readonly headerBytes: number;
  readonly connections: number;
  readonly viewers: number;
}

const LIMITS: LiveLimits = {
  silentMs: 10_000,
  headerBytes: 8_192,
  connections: 128,
  viewers: 64,
};
const KEEP_ALIVE_MS = 5_000;
/** How long viewers may take to read the last event. */
const GOODBYE_MS = 500;

/**
 * A web server for one page that cannot change anything. It answers who knows its token, by its own name.
 */
export class LiveServer {
  readonly #server: Server;
  readonly #plan: LivePlan;
  readonly #limits: LiveLimits;
  readonly #events: EventStream;
  readonly #token = newToken();
  readonly #beat: NodeJS.Timeout;
  #place: ListeningPlace;
  #port = 0;

  private constructor(plan: LivePlan) {
    this.#plan = plan;
    this.#limits = { ...LIMITS, ...plan.limits };
    this.#events = new EventStream(plan.routes.latest);
    this.#place = { host: plan.listen.host, address: plan.listen.host, machine: hostname() };
    const { silentMs, headerBytes, connections } = this.#limits;
    this.#server = createServer({
      maxHeaderSize: headerBytes,
      headersTimeout: silentMs,
      requestTimeout: silentMs,
      keepAliveTimeout: Math.min(KEEP_ALIVE_MS, silentMs),
      connectionsCheckingInterval: Math.min(500, silentMs / 4),
    });
    this.#server.maxConnections = connections;
    this.#server.on('request', (request, response) => void this.#receive(request, response));
    // Without this, Node.js would ask for the body.
    this.#server.on('checkContinue', (request, response) => void this.#receive(request, response));
    this.#beat = setInterval(() => this.#events.beat(), silentMs / 3);
    this.#beat.unref();
  }

  /**
   * Starts to listen.
   *
   * @throws {NatsxError} usage — the address cannot be listened on
   */
  static async open(plan: LivePlan): Promise<LiveServer> {
    const live = new LiveServer(plan);
    await live.#listen();
    return live;
  }

  /** Where the page is, with its token. */
  get url(): string {
    return `${this.#origin}/?token=${this.#token}`;
  }

  /** Where the metrics are; with the token unless they are open. */
  get metricsUrl(): string {
    const query = this.#plan.openMetrics === 'nobody' ? `?token=${this.#token}` : '';
    return `${this.#origin}/metrics${query}`;
  }

  /** Where the JSON is. */
  get apiUrl(): string {
    return `${this.#origin}/api?token=${this.#token}`;
  }

  /** The addresses at which other machines reach it; none if it listens on loopback only. */
  get reachableAt(): readonly string[] {
    const { address } = this.#place;
    if (isLoopback(address)) return [];
    if (!isWildcard(address)) return [address];
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    return own
      .filter(({ internal, family }) => !internal && (address === '::' || family === 'IPv4'))
      .map((one) => one.address);
  }

  /** How many people look. */
  get viewers(): number {
    return this.#events.viewers;
  }

  /** Sends the latest event to all viewers. */
  update(): void {
    this.#events.update();
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    clearInterval(this.#beat);
    this.#events.end();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const late = setTimeout(() => this.#server.closeAllConnections(), GOODBYE_MS);
    await closed;
    clearTimeout(late);
  }

  get #origin(): string {
    const { host, address } = this.#place;
    // A browser cannot open the address that means all of them.
    const name = isWildcard(address) ? (address === '::' ? '::1' : '127.0.0.1') : host;
    return `http://${name.includes(':') ? `[${name}]` : name}:${String(this.#port)}`;
  }

  #listen(): Promise<void> {
    const { host, port } = this.#plan.listen;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause) => reject(listenError(cause, this.#plan)));
      this.#server.listen(port, host, () => {
        const bound = this.#server.address() as AddressInfo;
        this.#place = { ...this.#place, address: bound.address };
        this.#port = bound.port;
        resolve();
      });
    });
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    // What a request brings along is not read.
    const hasBody = Number(request.headers['content-length'] ?? 0) > 0;
    if (hasBody || request.headers['transfer-encoding'] !== undefined) {
      response.setHeader('connection', 'close');
    }
    try {
      const answer = await this.#answer(request, response);
      if (answer === undefined || response.destroyed) return;
      // From here on, the client has to read.
      response.socket?.setTimeout(this.#limits.silentMs);
      send(response, answer);
    } catch {
      response.destroy();
    }
  }

  /** @returns undefined if the response stays open for events */
  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<HttpAnswer | undefined> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return textAnswer(405, 'this page can only be read', { allow: 'GET, HEAD' });
    }
    const { host, authorization } = request.headers;
    const target = targetOf(request.url ?? '', authorization, this.#token);
    if (target === undefined) return textAnswer(400, 'the target of the request is not a path');
    if (!isOwnHost(host, this.#place) && !this.#isForEverybody(target)) {
      return textAnswer(
        403,
        'this server does not have that name: use its IP address, or start it with the name',
      );
    }
    if (!target.isAllowed && !this.#isOpen(target, request)) {
      return textAnswer(401, 'the token is missing or wrong: open the address that natsx printed', {
        'www-authenticate': 'Bearer',
      });
    }
    // Links of the page are relative to the folder that the token is.
    if (target.path === '') {
      return textAnswer(308, 'see the folder of that name', { location: `/${this.#token}/` });
    }
    return this.#route(target, response);
  }

  #isForEverybody({ path }: Target): boolean {
    // Prometheus may know this machine by any name.
    return (
      path === '/metrics' &&
      this.#plan.openMetrics === 'everybody' &&
      !isLoopback(this.#place.address)
    );
  }

  #isOpen({ path }: Target, request: IncomingMessage): boolean {
    if (path !== '/metrics') return false;
    switch (this.#plan.openMetrics) {
      case 'everybody':
        return true;
      case 'loopback':
        return isLoopback((request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''));
      case 'nobody':
        return false;
    }
  }

  async #route({ path, query }: Target, response: ServerResponse): Promise<HttpAnswer | undefined> {
    const { routes } = this.#plan;
    try {
      switch (path) {
        case '/':
          return await routes.page(query);
        case '/api':
          return await routes.api(query);
        case '/metrics':
          return await routes.metrics(query);
        case '/events':
          return this.#watch(response);
        default:
          return textAnswer(404, 'there is nothing here: see /, /api and /metrics');
      }
    } catch (error) {
      return failureAnswer(error);
    }
  }

  #watch(response: ServerResponse): HttpAnswer | undefined {
    const { viewers, silentMs } = this.#limits;
    if (this.#events.viewers >= viewers) {
      return textAnswer(503, 'too many people look at this page', { 'retry-after': '10' });
    }
    if (response.req.method === 'HEAD') return textAnswer(200, '');
    this.#events.add(response, silentMs);
    this.#plan.routes.onViewer?.();
    return undefined;
  }
}

/**
 * Serves a page while `use` runs.
 *
 * @throws {NatsxError} usage — the address cannot be listened on
 */
export async function withLiveServer<R>(
  plan: LivePlan,
  use: (server: LiveServer) => Promise<R>,
): Promise<R> {
  const server = await LiveServer.open(plan);
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'permission denied',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name cannot be resolved at the moment',
};

function listenError(cause: NodeJS.ErrnoException, { listen, flag }: LivePlan): NatsxError {
  const { host, port } = listen;
  const code = cause.code ?? '';
  const reason = REASONS[code];
  const why = reason === undefined ? cause.message : `${reason} (${code})`;
  const place = `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  return new NatsxError('usage', `cannot listen on ${place}: ${why}`, {
    hint: `choose another address with ${flag}`,
    cause,
  });
}
