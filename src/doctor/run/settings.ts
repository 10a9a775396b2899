import type { DialOptions } from '../../connection/model/dial.js';
import type { ServerSettings } from '../model/facts.js';
import type { MissingPart } from '../model/report.js';
import { connectClient } from '../../connection/connect.js';
import { serverSettings } from './doctor-servers.js';
import {
  monitoringPorts,
  systemAccount,
  type ServerSource,
  type SilentServer,
} from '../../backlog/run/reader/server-source.js';

/** Sources of the servers' configuration, which ordinary accounts cannot see. */
export interface SettingSources {
  /** A connection of the system account. */
  readonly system: { readonly context: string; readonly dial: DialOptions } | undefined;
  readonly monitors: readonly URL[];
}

interface SettingsReading {
  /** Undefined: no source reported any. One entry per server, even if several sources report it. */
  readonly settings: readonly ServerSettings[] | undefined;
  readonly missing: readonly MissingPart[];
}

const RULES = [
  'STORAGE_WRITE_ERROR',
  'SERVER_UNHEALTHY',
  'SYNC_INTERVAL_LAZY',
  'SERVER_LIMIT_NEAR',
  'ROUTES_WITHOUT_TLS',
] as const;

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
    return await settingsFrom(systemAccount(connection), ({ reason }) => ({
      kind: 'servers',
      what: 'server settings',
      why: 'denied',
      detail: `${reason} over the context ${context}`,
      rules: RULES,
      hint: 'its user must belong to the system account',
    }));
  } finally {
    await close();
  }
}

const MONITOR_TIMEOUT_MS = 5_000;

/** A server that is down does not end the audit: that is when people run one. */
function askMonitor(url: URL): Promise<SettingsReading> {
  return settingsFrom(monitoringPorts([url], MONITOR_TIMEOUT_MS), ({ reason }) => ({
    kind: 'servers',
    what: 'server settings',
    why: 'error',
    detail: `${url.host} does not report them: ${reason}`,
    rules: RULES,
    hint: 'the monitoring port is the http or http_port of the server’s configuration',
  }));
}

async function settingsFrom(
  source: ServerSource,
  missing: (server: SilentServer) => MissingPart,
): Promise<SettingsReading> {
  const varz = await source.varz();
  const health = new Map((await source.health()).map((one) => [one.server, one.problems]));
  const settings = varz.map((one) => {
    const own = serverSettings(one);
    return { ...own, problems: health.get(own.name) };
  });
  return {
    settings: settings.length === 0 ? undefined : settings,
    missing: source.silent().map(missing),
  };
}
