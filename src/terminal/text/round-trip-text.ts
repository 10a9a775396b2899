import type { AddressRoundTrip, ServerRoundTrip } from '../../connection/model/round-trip.js';
import { printableText } from '../../core/printable.js';
import { formatDuration } from '../../core/values/duration.js';
import { summarizeSamples } from '../../core/statistics/statistics.js';
import type { Style } from './style.js';
import { textTable } from './table.js';

interface ViewOptions {
  readonly style: Style;
  readonly width: number | undefined;
}

/** Each server and address with the minimum, median and maximum round trip. */
export function roundTripText(servers: readonly ServerRoundTrip[], options: ViewOptions): string {
  const hasContexts = servers.some(({ context }) => context !== undefined);
  const rows = servers.flatMap((server) => {
    const first = hasContexts ? [printableText(server.context ?? '')] : [];
    const own =
      server.error === undefined
        ? server.addresses.map((address) => addressRow(server.server, address, options.style))
        : [[server.server, '', failureWord(server, options.style), '', '']];
    return own.map((row) => [...first, ...row]);
  });
  const columns = ['server', 'address', 'min', 'median', 'max'];
  return textTable({ columns: hasContexts ? ['context', ...columns] : columns, rows, ...options });
}

function addressRow(server: string, one: AddressRoundTrip, style: Style): readonly string[] {
  const trip = summarizeSamples(one.samplesNs);
  if (trip === undefined) return [server, one.address, failureWord(one, style), '', ''];
  return [server, one.address, ...[trip.min, trip.p50, trip.max].map(formatDuration)];
}

/** A server that refuses the credentials is reachable. */
function failureWord({ error }: Pick<ServerRoundTrip, 'error'>, style: Style): string {
  const words = { auth: 'refused', usage: 'cannot be used', 'not-found': 'not found' } as const;
  const { kind = 'connection' } = error ?? {};
  return style.bad(kind in words ? words[kind as keyof typeof words] : 'unreachable');
}

/** One object per server. */
export function roundTripJson(servers: readonly ServerRoundTrip[]): unknown {
  return servers.map((server) => ({
    ...(server.context === undefined ? {} : { context: server.context }),
    server: server.server,
    ...(server.error === undefined ? {} : { error: describe(server) }),
    addresses: server.addresses.map(addressJson),
  }));
}

function describe(failed: Pick<ServerRoundTrip, 'error'>): unknown {
  return { kind: failed.error?.kind, message: failed.error?.message };
}

function addressJson(one: AddressRoundTrip): unknown {
  const trip = summarizeSamples(one.samplesNs);
  if (trip === undefined) return { address: one.address, error: describe(one) };
  return {
    address: one.address,
    server_name: one.serverName,
    min_ns: trip.min,
    median_ns: trip.p50,
    max_ns: trip.max,
    samples_ns: one.samplesNs,
  };
}
