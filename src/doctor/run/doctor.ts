import { audit, type AuditTerms } from '../model/audit.js';
import type { ConnectionAudit } from '../model/facts.js';
import { guessReason, isIdentified } from '../model/guessable.js';
import type { AuditReading } from '../model/reading.js';
import type { AuditReport } from '../model/report.js';
import type { ScanWindow } from '../../backlog/model/series.js';
import type { ConnectionReport } from '../../connection/model/connection-facts.js';
import type { DialOptions } from '../../connection/model/dial.js';
import { NatsxError } from '../../core/errors.js';
import type { JetStreamScope } from '../../connection/model/api-scope.js';
import { openBacklogRequests } from '../../streams/run/api/requests.js';
import type { Client } from '../../connection/connect.js';
import { readConnectionReport } from '../../connection/connection-report.js';
import { readSeenServers } from './doctor-servers.js';
import { openJetStreamApi } from '../../streams/run/api/jetstream-api.js';
import { readStream } from '../../streams/run/api/jetstream-entities.js';
import { readWindow } from '../../backlog/run/window.js';
import type { ReadingEvents } from '../../backlog/run/reader/window-reader.js';
import { countSubjects, sampleSizes } from './samples.js';
import { readServerSettings, type SettingSources } from './settings.js';

/** What is to be audited, and by what it is judged. */
export interface DoctorRequest extends SettingSources {
  /** Empty: the whole account. */
  readonly streams: readonly string[];
  /** How long to look, for what only moves. */
  readonly windowMs: number;
  readonly maxPerSecond: number | undefined;
  readonly scope: JetStreamScope;
  /** How this connection was made. */
  readonly dial: DialOptions;
  readonly terms: AuditTerms;
}

/**
 * Audits the account, the servers and the connection. Changes nothing.
 *
 * @throws {NatsxError} not-found — a named stream, or JetStream for it; connection, auth — the system context
 */
export async function doctorReport(
  client: Client,
  request: DoctorRequest,
  signal: AbortSignal,
  events: ReadingEvents = {},
): Promise<AuditReport> {
  const { scope, streams, terms } = request;
  await checkNames(client, scope, [...streams, ...terms.choices.ordered]);
  const scan = (): Promise<ScanWindow> =>
    readWindow(client.connection, scanRequest(request), signal, events);
  const reading = await readAudit(client, request, scan, signal);
  return audit({ ...reading, wholeAccount: streams.length === 0 }, terms);
}

/** Where an audit looks. */
export type AuditPlan = Pick<
  DoctorRequest,
  'scope' | 'maxPerSecond' | 'dial' | 'system' | 'monitors'
>;

/**
 * Reads what an audit judges.
 *
 * @param readScan reads the streams and connections
 * @throws {NatsxError} connection, auth — also of the system context
 */
export async function readAudit(
  client: Client,
  plan: AuditPlan,
  readScan: () => Promise<ScanWindow>,
  signal: AbortSignal,
): Promise<AuditReading> {
  const { connection } = client;
  const { scope } = plan;
  const requests = openBacklogRequests(connection, scope, plan.maxPerSecond);
  const report = await readConnectionReport(connection, scope.apiPrefix, {
    timeoutMs: scope.timeoutMs,
    name: undefined,
  });
  const [scan, servers, { settings, missing }] = await Promise.all([
    readScan(),
    readSeenServers(requests),
    readServerSettings(plan, signal),
  ]);
  const sampled = await sampleSizes(requests, scan, scope.apiPrefix);
  return {
    scan,
    connection: connectionAudit(client, report, plan.dial),
    jetStream: report.jetStream,
    servers: servers.length > 0 ? servers : (settings ?? []),
    settings,
    subjects: await countSubjects(requests, scan),
    sizes: sampled.sizes,
    wholeAccount: true,
    inboxPrefix: plan.dial.inboxPrefix,
    missing: [...missing, ...sampled.missing],
  };
}

function scanRequest(request: DoctorRequest): Parameters<typeof readWindow>[1] {
  const { streams, windowMs, maxPerSecond, scope } = request;
  const wanted = new Set(streams);
  return {
    stream: streams.length === 1 ? streams[0] : undefined,
    matches: streams.length > 1 ? (stream) => wanted.has(stream) : undefined,
    windowMs,
    maxPerSecond,
    scope,
    taps: false,
    coreOnly: false,
  };
}

/** Reports a misspelt name before reading anything, with the nearest one; everything else is part of the report. */
async function checkNames(
  { connection }: Client,
  scope: JetStreamScope,
  names: readonly string[],
): Promise<void> {
  const api = openJetStreamApi(connection, scope);
  for (const name of new Set(names)) {
    try {
      await readStream(api, name);
    } catch (error) {
      if (error instanceof NatsxError && error.kind === 'not-found') throw error;
    }
  }
}

function connectionAudit(
  { connection, credentials: proved }: Client,
  { server, user, rttNs }: ConnectionReport,
  dial: DialOptions,
): ConnectionAudit {
  const { info } = connection;
  const credentials = proved();
  const asked = info?.tls_required === true || dial.tlsFirst;
  return {
    server: server.name,
    version: server.version,
    address: server.address,
    cluster: server.cluster,
    authRequired: server.authRequired,
    certificateRequired: info?.tls_verify === true,
    encrypted: asked || (info?.tls_available === true && dial.tls !== undefined),
    identified: isIdentified(credentials) || dial.tls?.cert !== undefined,
    guessable: guessReason(credentials),
    maxPayloadBytes: server.maxPayloadBytes,
    rttMs: rttNs / 1e6,
    user,
  };
}
