import type { LiveServer } from '../serve/live-server.js';
import type { Notices } from './notices.js';
import type { Terminal } from './terminal.js';

/** Prints where a page is, as the output of a command that does nothing else. */
export function printPage(server: LiveServer, { out, notices, json }: Terminal): void {
  if (json) out.json({ url: server.url, api: server.apiUrl, metrics: server.metricsUrl });
  else out.line(server.url);
  out.flush();
  warnOfReach(server, notices);
}

/** Says on stderr where a page is, for a command that has another output. */
export function noticePage(server: LiveServer, notices: Notices): void {
  // Without its token nobody could open it.
  notices.always(`live page: ${server.url}`);
  warnOfReach(server, notices);
}

/** Says that other machines can connect. */
export function warnOfReach({ reachableAt: addresses }: LiveServer, notices: Notices): void {
  if (addresses.length === 0) return;
  notices.warn(
    `other machines can connect (${addresses.join(', ')}), and nothing is encrypted: use it in networks that you trust`,
  );
}
