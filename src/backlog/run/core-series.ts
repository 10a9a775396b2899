import type { CoreSeries } from '../model/series.js';
import type { ConnectionReading } from './reader/connections.js';
import type { ServerReading } from './reader/servers.js';

/** What an ordinary user was told about connections; nothing when it was told nothing. */
export function connectionSeries(readings: readonly ConnectionReading[]): CoreSeries {
  if (readings.length === 0) return {};
  return {
    open: readings.map(({ open }) => open),
    closed: readings.at(-1)?.closed ?? [],
    statistics: readings.map(({ statistics }) => statistics),
  };
}

/** What the servers themselves add: their limits and counts, and closed connections that a user is not told of. */
export function serverSeries(
  readings: readonly ServerReading[],
  connections: readonly ConnectionReading[],
): CoreSeries {
  const last = readings.at(-1);
  if (last === undefined) return {};
  const known = connections.at(-1)?.closed ?? [];
  const keys = new Set(known.map(({ server, cid }) => `${server}/${String(cid)}`));
  const limits = last.servers.flatMap(({ maxPendingBytes }) => maxPendingBytes ?? []);
  return {
    servers: readings.map(({ servers }) => servers),
    closed: [
      ...known,
      ...last.closed.filter(({ server, cid }) => !keys.has(`${server}/${String(cid)}`)),
    ],
    ...(limits.length === 0 ? {} : { maxPendingBytes: Math.min(...limits) }),
  };
}
