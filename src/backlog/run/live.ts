import type { BacklogReport } from '../model/report.js';
import type { BacklogRequest } from '../model/request.js';
import { watchBacklog } from './backlog.js';
import type { BacklogPort, ReadingEvents } from './reader/window-reader.js';
import { followLink } from './window.js';

/** Where readings go, and that there are none. */
export interface LiveReadings {
  readonly show: (report: BacklogReport) => void;
  readonly lose: (why: string) => void;
}

export const LINK_LOST = 'no connection to NATS';
const SILENT = 'no answer from NATS';

/**
 * Passes on a report each half window, and when NATS cannot be read, until the signal aborts.
 *
 * @throws {NatsxError} as `watchBacklog`
 */
export async function readLive(
  port: BacklogPort,
  request: BacklogRequest,
  live: LiveReadings,
  { signal, servers }: Pick<ReadingEvents, 'servers'> & { readonly signal: AbortSignal },
): Promise<void> {
  followLink(port, () => live.lose(LINK_LOST));
  for await (const report of watchBacklog(port, request, signal, { servers })) {
    if (isUnanswered(report, request)) live.lose(SILENT);
    else live.show(report);
  }
}

/**
 * A server that hangs keeps its connections, and nothing arrives. The report is then made of the readings before.
 */
function isUnanswered({ missing }: BacklogReport, { stream }: BacklogRequest): boolean {
  const all = stream === undefined ? 'streams' : 'stream';
  return missing.some(({ kind, why }) => why === 'timeout' && kind === all);
}
