import { setTimeout as sleep } from 'node:timers/promises';

import type { BacklogReport } from '../../backlog/model/report.js';
import { reportJsonParts } from '../../backlog/model/report-json.js';
import { backlogDocument } from '../../backlog/view/report-page.js';
import { withTrail } from '../../backlog/view/trail-section.js';
import { metricsText } from '../../backlog/run/metrics-text.js';
import { whenStopped } from '../../connection/abortable.js';
import { NatsxError } from '../../core/errors.js';
import type { PageOrigin } from '../../page/document.js';
import { JSON_TYPE, type HttpAnswer } from '../../serve/answer.js';
import {
  bodyOf,
  liveEvent,
  livePage,
  plainBody,
  type LiveBody,
  type LiveState,
} from '../../serve/live-document.js';
import { withLiveServer, type LiveServer } from '../../serve/live-server.js';
import { livePlan, printPage, type Serving } from '../../terminal/serve-page.js';
import type { Terminal } from '../../terminal/terminal.js';
import { parseMoment } from '../model/moment.js';
import type { PastReport } from '../run/past-report.js';
import type { PastReports } from '../run/past-reports.js';
import { momentsForm } from '../view/moments.js';

/** How often to look for a new reading while the page of the last one is open. */
const LOOK_MS = 1_000;

export interface HistoryServing extends Serving {
  readonly reports: PastReports;
  readonly origin: PageOrigin;
}

/**
 * Serves the pages of a history until the command is stopped. The history is only read, also while it is recorded.
 *
 * @throws {NatsxError} usage — the address cannot be listened on
 */
export async function serveHistory(serving: HistoryServing, terminal: Terminal): Promise<void> {
  const { signal } = terminal.life;
  const pages = new HistoryPages(serving);
  const plan = livePlan(serving, 'natsx history serve DIR HOST:PORT', {
    page: (query) => pages.page(query),
    api: (query) => pages.api(query),
    metrics: (query) => pages.metrics(query),
    latest: () => pages.latest(),
    onViewer: () => void pages.follow(signal),
  });
  await withLiveServer(plan, async (server) => {
    pages.server = server;
    printPage(server, terminal);
    await whenStopped(signal);
  });
}

/** What a browser gets for each moment. */
class HistoryPages {
  server: LiveServer | undefined;
  readonly #reports: PastReports;
  readonly #origin: PageOrigin;
  #latest: { readonly past: PastReport; readonly body: LiveBody } | undefined;
  #isFollowing = false;

  constructor({ reports, origin }: HistoryServing) {
    this.#reports = reports;
    this.#origin = origin;
  }

  async page(query: URLSearchParams): Promise<HttpAnswer> {
    const token = query.get('token') ?? undefined;
    const coverage = await this.#reports.coverage();
    try {
      const atMs = momentOf(query);
      const past = await this.#reports.at(atMs);
      return livePage({
        body: atMs === undefined ? this.#latestBody(past) : this.#bodyOf(past),
        state: stateOf(past.report),
        follows: atMs === undefined,
        controls: momentsForm({ coverage, atMs, token }),
      });
    } catch (error) {
      if (!(error instanceof NatsxError)) throw error;
      const atMs = error.kind === 'not-found' ? momentOf(query) : undefined;
      return livePage({
        status: error.kind === 'not-found' ? 404 : 400,
        body: plainBody('history', error.message),
        state: stateOf(undefined),
        follows: false,
        controls: momentsForm({ coverage, atMs, token }),
      });
    }
  }

  async api(query: URLSearchParams): Promise<HttpAnswer> {
    const { report } = await this.#reports.at(momentOf(query));
    return { type: JSON_TYPE, body: [...reportJsonParts(report)].join('') };
  }

  async metrics(query: URLSearchParams): Promise<HttpAnswer> {
    const { report } = await this.#reports.at(momentOf(query));
    const { text, contentType } = await metricsText(report);
    return { type: contentType, body: text };
  }

  /** The event of the last reading; only pages that show it listen. */
  latest(): string | undefined {
    return this.#latest && liveEvent(this.#latest.body, stateOf(this.#latest.past.report));
  }

  /** Looks for new readings as long as a page is open. */
  async follow(signal: AbortSignal): Promise<void> {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    while (!signal.aborted && this.server?.viewers !== 0) {
      const before = this.#latest?.past;
      const past = await this.#reports.at(undefined).catch(() => before);
      if (past !== undefined && past !== before) {
        this.#latestBody(past);
        this.server?.update();
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
    this.#isFollowing = false;
  }

  #latestBody(past: PastReport): LiveBody {
    if (this.#latest?.past !== past) this.#latest = { past, body: this.#bodyOf(past) };
    return this.#latest.body;
  }

  #bodyOf({ report, trail }: PastReport): LiveBody {
    return bodyOf(withTrail(backlogDocument(report, this.#origin), trail, report));
  }
}

/** `at` of the query: as for `--at`, or milliseconds since the epoch, which the slider sends without scripts. */
function momentOf(query: URLSearchParams): number | undefined {
  const at = query.get('at') ?? '';
  if (at === '') return undefined;
  return /^\d{12,14}$/.test(at) ? Number(at) : parseMoment(at, Date.now());
}

function stateOf(report: BacklogReport | undefined): LiveState {
  return {
    nowMs: Date.now(),
    readMs: report?.atMs,
    isPast: true,
    lost: undefined,
    staleAfterMs: undefined,
  };
}
