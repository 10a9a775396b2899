import { BacklogTrail, backlogsOfReport } from '../model/backlog-trail.js';
import type { BacklogReport } from '../model/report.js';
import { reportJsonParts } from '../model/report-json.js';
import { chooseRows, reduceReport, type RowChoice } from '../model/rows.js';
import { metricsText } from '../run/metrics-text.js';
import { backlogDocument } from '../view/report-page.js';
import { withTrail } from '../view/trail-section.js';
import type { PageOrigin } from '../../page/document.js';
import { LivePage } from '../../serve/live-page.js';
import { withLiveServer } from '../../serve/live-server.js';
import { livePlan, printPage, type Serving } from '../../terminal/serve-page.js';
import type { Terminal } from '../../terminal/terminal.js';

/** Figures arrive every half window; after this many windows they are old. */
const STALE_WINDOWS = 2;
const STALE_MS = 3_000;

export interface BacklogPageFacts {
  readonly origin: PageOrigin;
  readonly windowMs: number;
  readonly choice: RowChoice;
}

/** The page of a backlog. */
export function backlogPage(facts: BacklogPageFacts): LivePage<BacklogReport> {
  const { windowMs, choice, origin } = facts;
  const whole = choice.top === undefined && !choice.onlyUnhealthy;
  const chosen = (report: BacklogReport): BacklogReport =>
    whole ? report : reduceReport(report, chooseRows(report, choice).rows);
  const trail = new BacklogTrail();
  return new LivePage({
    title: 'backlog',
    document: (report) => withTrail(backlogDocument(chosen(report), origin), trail, report),
    take: (report) => trail.add(report.atMs, backlogsOfReport(report)),
    json: (report) => [...reportJsonParts(chosen(report))].join(''),
    metrics: metricsText,
    staleAfterMs: STALE_WINDOWS * windowMs + STALE_MS,
  });
}

/**
 * Serves a page while `feed` passes readings to it, and prints its address when the first one may arrive.
 *
 * @param feed calls `ready` when it is connected
 * @throws {NatsxError} usage — the address cannot be listened on
 */
export async function servePage<R>(
  page: LivePage<R>,
  serving: Serving,
  terminal: Terminal,
  feed: (ready: () => void) => Promise<void>,
): Promise<void> {
  const plan = livePlan(serving, '--serve HOST:PORT', page.routes);
  await withLiveServer(plan, async (server) => {
    page.onChange = () => server.update();
    await feed(() => printPage(server, terminal));
  });
}
