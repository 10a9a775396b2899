import type { ListenAddress, LivePlan, LiveRoutes, LiveServer } from '../serve/live-server.js';
import type { Notices } from './notices.js';
import type { Terminal } from './terminal.js';

/** How a page is served. */
export interface Serving {
  readonly listen: ListenAddress;
  /** Programs on this machine need no token for `/metrics`. */
  readonly metricsOpen: boolean;
}

/** @param flag how to choose another address, for the hint of an error */
export function livePlan(
  { listen, metricsOpen }: Serving,
  flag: string,
  routes: LiveRoutes,
): LivePlan {
  return { listen, flag, openMetrics: metricsOpen ? 'loopback' : 'nobody', routes };
}

/** Prints where a page is, as the output of a command that does nothing else. */
export function printPage(server: LiveServer, { out, notices, json }: Terminal): void {
  if (json) out.json({ url: server.url, api: server.apiUrl, metrics: server.metricsUrl });
  else out.line(server.url);
  out.flush();
  warnOfReach(server, notices);
}

/** Reports on stderr where a page is, for a command that has another output. */
export function noticePage(server: LiveServer, notices: Notices): void {
  // Without its token it cannot be opened.
  notices.always(`live page: ${server.url}`);
  warnOfReach(server, notices);
}

/** Warns that other machines can connect. */
function warnOfReach({ reachableAt: addresses }: LiveServer, notices: Notices): void {
  if (addresses.length === 0) return;
  notices.warn(
    `other machines can connect (${addresses.join(', ')}), and nothing is encrypted: use it in networks that you trust`,
  );
}
