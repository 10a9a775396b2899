import type { PageOrigin } from '../../page/document.js';
import { LivePage } from '../../serve/live-page.js';
import { withLiveServer } from '../../serve/live-server.js';
import { livePlan, noticePage, type Serving } from '../../terminal/serve-page.js';
import type { Terminal } from '../../terminal/terminal.js';
import { benchLiveToJson, RunTimeline, type BenchLive } from '../model/live.js';
import type { BenchProgress } from '../model/run.js';
import { benchMetrics, type BenchFigures } from '../run/live-metrics.js';
import type { BenchPageFeed, BenchSubject, FinishedBench } from './page-feed.js';
import { benchLivePage } from '../view/live-page.js';

/** How often the page changes while a benchmark runs. */
const REFRESH_MS = 1_000;

type Shown =
  { readonly live: BenchLive } | { readonly finished: FinishedBench; readonly last: BenchLive };

/** The page of a benchmark: its rates while it runs, then its report. */
export class BenchPage implements BenchPageFeed {
  readonly #page: LivePage<Shown>;
  #subject: BenchSubject;
  #timeline = new RunTimeline();
  #shownMs = -Infinity;
  #live: BenchLive;

  constructor(subject: BenchSubject, origin: PageOrigin) {
    this.#subject = subject;
    this.#live = { ...subject, atMs: Date.now(), progress: undefined, intervals: [], stalls: [] };
    this.#page = new LivePage<Shown>({
      title: subject.label,
      document: (shown) =>
        'live' in shown ? benchLivePage(shown.live, origin) : shown.finished.document,
      json: (shown) =>
        `${JSON.stringify('live' in shown ? benchLiveToJson(shown.live) : shown.finished.json)}\n`,
      metrics: (shown) => benchMetrics(figuresOf('live' in shown ? shown.live : shown.last)),
      staleAfterMs: undefined,
    });
    this.#page.show({ live: this.#live });
  }

  /** What is measured from now on. */
  begin(subject: BenchSubject): void {
    this.#subject = subject;
    this.#timeline = new RunTimeline();
  }

  show(progress: BenchProgress): void {
    const nowMs = performance.now();
    if (nowMs - this.#shownMs < REFRESH_MS) return;
    this.#shownMs = nowMs;
    this.#timeline.add(progress);
    this.#live = { ...this.#subject, atMs: Date.now(), progress, ...this.#timeline.all };
    this.#page.show({ live: this.#live });
  }

  async finish(finished: () => Promise<FinishedBench>): Promise<void> {
    this.#page.show({ finished: await finished(), last: this.#live });
  }

  /**
   * Serves the page while `use` runs.
   *
   * @throws {NatsxError} usage — the address cannot be listened on
   */
  async serve<R>(serving: Serving, terminal: Terminal, use: () => Promise<R>): Promise<R> {
    const plan = livePlan(serving, '--serve HOST:PORT', this.#page.routes);
    return withLiveServer(plan, async (server) => {
      this.#page.onChange = () => server.update();
      noticePage(server, terminal.notices);
      return use();
    });
  }
}

function figuresOf({ scenario, progress, intervals }: BenchLive): BenchFigures {
  const last = intervals.findLast(({ p50Ns }) => p50Ns !== undefined);
  const latency = (quantile: string, ns: number | undefined) =>
    ns === undefined ? [] : [{ quantile, ns }];
  return {
    scenario,
    sent: progress?.sent ?? 0,
    received: progress?.received ?? 0,
    ratePerS: progress?.ratePerS ?? 0,
    latencies: [...latency('0.5', last?.p50Ns), ...latency('0.99', last?.p99Ns)],
  };
}
