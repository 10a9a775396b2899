import type { BacklogReport } from '../model/report.js';
import { SharedReading } from '../run/shared-reading.js';
import { whenStopped } from '../../connection/abortable.js';
import { sleepUntil } from '../../connection/pause-until.js';
import { textAnswer, type HttpAnswer } from '../../serve/answer.js';
import type { LivePage } from '../../serve/live-page.js';
import { withLiveServer, type ListenAddress, type LiveServer } from '../../serve/live-server.js';
import { noticePage, printPage } from '../../terminal/serve-page.js';
import type { Terminal } from '../../terminal/terminal.js';

/** After a reading that failed. */
const RETRY_MS = 1_000;

export interface ExportPlan {
  readonly listen: ListenAddress;
  /** A scrape within this time gets the previous result, so several scrapers cost no more than one. */
  readonly cacheMs: number;
  /** Reads a new report; called by one scrape at a time. */
  readonly read: () => Promise<BacklogReport>;
  readonly page: LivePage<BacklogReport>;
}

/**
 * Serves metrics, and a page with them, until the signal aborts. Nothing is read unless a scraper asks or the page is
 * open.
 *
 * @throws {NatsxError} usage — the address cannot be listened on
 */
export async function serveExport(
  { listen, cacheMs, read, page }: ExportPlan,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const shared = new SharedReading(async () => {
    try {
      const report = await read();
      page.show(report);
      return report;
    } catch (error) {
      page.lose(messageOf(error));
      throw error;
    }
  }, cacheMs);
  const answer = (
    use: (report: BacklogReport) => HttpAnswer | Promise<HttpAnswer>,
    fail: (error: unknown) => HttpAnswer,
  ): Promise<HttpAnswer> => shared.get().then(use, fail);
  const follower = new Follower(shared, signal);
  const routes = {
    ...page.routes,
    api: () =>
      answer(
        (report) => page.api(report),
        (error) => page.unavailable(error),
      ),
    metrics: () =>
      answer(
        (report) => page.metrics(report),
        // The scraper's own "up" metric shows the failure; old figures would hide it.
        (error) => textAnswer(503, messageOf(error)),
      ),
    onViewer: () => void follower.start(),
  };
  const plan = { listen, flag: '--listen HOST:PORT', openMetrics: 'everybody' as const, routes };
  await withLiveServer(plan, async (server) => {
    follower.server = server;
    page.onChange = () => server.update();
    terminal.notices.notice(`serving metrics on ${server.metricsUrl}`);
    if (terminal.json) printPage(server, terminal);
    else noticePage(server, terminal.notices);
    await whenStopped(signal);
  });
}

/** Reads again and again while somebody looks. */
class Follower {
  server: LiveServer | undefined;
  readonly #shared: SharedReading;
  readonly #signal: AbortSignal;
  #isRunning = false;

  constructor(shared: SharedReading, signal: AbortSignal) {
    this.#shared = shared;
    this.#signal = signal;
  }

  async start(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (!this.#signal.aborted && this.server?.viewers !== 0) {
      const failed = await this.#shared.get().then(
        () => false,
        () => true,
      );
      const dueMs = failed ? performance.now() + RETRY_MS : this.#shared.freshUntilMs;
      await sleepUntil(dueMs, this.#signal);
    }
    this.#isRunning = false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'failed';
}
