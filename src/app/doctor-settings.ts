import type { DialOptions } from '../domain/dial.js';
import type { ServerSettings } from '../domain/doctor/facts.js';
import type { MissingPart } from '../domain/doctor/report.js';
import { openBacklogRequests } from '../nats/backlog-requests.js';
import { connectClient } from '../nats/connect.js';
import { readMonitor, readSettings } from '../nats/doctor-servers.js';

/** Who tells how the servers are configured; an ordinary account is not told. */
export interface SettingSources {
  /** A connection of the system account. */
  readonly system: { readonly context: string; readonly dial: DialOptions } | undefined;
  readonly monitors: readonly URL[];
}

interface SettingsReading {
  /** Undefined: nobody told. One entry a server, also when several sources told of it. */
  readonly settings: readonly ServerSettings[] | undefined;
  readonly missing: readonly MissingPart[];
}

const RULES = ['SYNC_INTERVAL_LAZY', 'SERVER_LIMIT_NEAR', 'ROUTES_WITHOUT_TLS'] as const;

/** @throws {NatsxError} connection, auth — the system context */
export async function readServerSettings(
  { system, monitors }: SettingSources,
  signal: AbortSignal,
): Promise<SettingsReading> {
  const [asked, monitored] = await Promise.all([
    system === undefined ? undefined : askSystemAccount(system, signal),
    Promise.all(monitors.map(askMonitor)),
  ]);
  const parts = [...(asked === undefined ? [] : [asked]), ...monitored];
  const byName = new Map(
    parts.flatMap(({ settings }) => settings ?? []).map((one) => [one.name, one]),
  );
  return {
    settings: byName.size === 0 ? undefined : [...byName.values()],
    missing: parts.flatMap(({ missing }) => missing),
  };
}

async function askSystemAccount(
  { context, dial }: NonNullable<SettingSources['system']>,
  signal: AbortSignal,
): Promise<SettingsReading> {
  const policy = { waitForServerMs: 0, giveUpAfterMs: dial.timeoutMs, onEvent: () => undefined };
  const { connection, close } = await connectClient(dial, policy, signal);
  try {
    const scope = { apiPrefix: '$JS.API', timeoutMs: dial.timeoutMs };
    const settings = await readSettings(openBacklogRequests(connection, scope, { signal }));
    if (settings.length > 0) return { settings, missing: [] };
    return {
      settings: undefined,
      missing: [
        {
          what: 'server settings',
          why: 'denied',
          detail: `no server answers on $SYS.REQ.SERVER.PING.VARZ over the context ${context}`,
          rules: RULES,
          hint: 'its user must belong to the system account',
        },
      ],
    };
  } finally {
    await close();
  }
}

const MONITOR_TIMEOUT_MS = 5_000;

/** A server that is down is no reason to give up: that is when one audits. */
async function askMonitor(url: URL): Promise<SettingsReading> {
  try {
    return { settings: [await readMonitor(url, MONITOR_TIMEOUT_MS)], missing: [] };
  } catch (error) {
    return {
      settings: undefined,
      missing: [
        {
          what: 'server settings',
          why: 'error',
          detail: `${url.host} does not tell them: ${reasonOf(error)}`,
          rules: RULES,
          hint: 'the monitoring port is the http or http_port of the server’s configuration',
        },
      ],
    };
  }
}

/** `fetch` says little itself; why a connection failed stands in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
