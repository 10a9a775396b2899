import type { SubjectShare } from '../domain/backlog/series.js';
import type { ScanWindow } from '../domain/backlog/series.js';
import { audit, type AuditTerms } from '../domain/doctor/audit.js';
import type { ConnectionAudit } from '../domain/doctor/facts.js';
import { guessReason, isIdentified } from '../domain/doctor/guessable.js';
import type { AuditReport } from '../domain/doctor/report.js';
import type { ConnectionReport } from '../domain/connection-report.js';
import type { DialOptions } from '../domain/dial.js';
import { NatsxError } from '../domain/errors.js';
import type { JetStreamScope } from '../domain/jetstream/api-scope.js';
import {
  isRefusal,
  openBacklogRequests,
  withConcurrency,
  type BacklogRequests,
} from '../nats/backlog-requests.js';
import type { RawStream } from '../nats/backlog-raw.js';
import type { Client } from '../nats/connect.js';
import { readConnectionReport } from '../nats/connection-report.js';
import { readSeenServers } from '../nats/doctor-servers.js';
import { openJetStreamApi } from '../nats/jetstream-api.js';
import { readStream } from '../nats/jetstream-entities.js';
import { readWindow, type ReadingEvents } from './backlog-window.js';
import { readServerSettings, type SettingSources } from './doctor-settings.js';

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

/** Counting subjects builds a list on the server; it is asked where it tells something and is not too long. */
const FEWEST_SUBJECTS = 3;
const MOST_SUBJECTS = 10_000;
const FEWEST_MESSAGES = 1000;
const MOST_COUNTED_STREAMS = 50;
const COUNTING_CONCURRENCY = 2;

/**
 * Reads what the account, the servers and the connection tell, and says what is wrong with it. Changes nothing.
 *
 * @throws {NatsxError} not-found — a named stream, or JetStream for it; connection, auth — the system context
 */
export async function doctorReport(
  client: Client,
  request: DoctorRequest,
  signal: AbortSignal,
  events: ReadingEvents = {},
): Promise<AuditReport> {
  const { connection } = client;
  const { scope, streams, terms } = request;
  await checkNames(client, scope, [...streams, ...terms.choices.ordered]);
  const requests = openBacklogRequests(connection, scope, {
    maxPerSecond: request.maxPerSecond,
    signal: new AbortController().signal,
  });
  const report = await readConnectionReport(connection, scope.apiPrefix, scope.timeoutMs);
  const [scan, servers, { settings, missing }] = await Promise.all([
    readWindow(connection, scanRequest(request), signal, events),
    readSeenServers(requests),
    readServerSettings(request, signal),
  ]);
  return audit(
    {
      scan,
      connection: connectionAudit(client, report, request.dial),
      jetStream: report.jetStream,
      servers: servers.length > 0 ? servers : (settings ?? []),
      settings,
      subjects: await countSubjects(requests, scan),
      wholeAccount: streams.length === 0,
      inboxPrefix: request.dial.inboxPrefix,
      missing,
    },
    terms,
  );
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

/** A misspelt name is told at once, with the nearest one; everything else is a matter of the report. */
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
  { connection }: Client,
  { server, user, rttNs }: ConnectionReport,
  dial: DialOptions,
): ConnectionAudit {
  const { info } = connection;
  const credentials = dial.credentials();
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

async function countSubjects(
  requests: BacklogRequests,
  scan: ScanWindow,
): Promise<ReadonlyMap<string, readonly SubjectShare[]>> {
  const found = new Map<string, readonly SubjectShare[]>();
  const worth = scan.streams
    .flatMap(({ samples }) => samples.slice(-1))
    .filter(
      ({ subjectCount = 0, messages }) =>
        subjectCount >= FEWEST_SUBJECTS &&
        subjectCount <= MOST_SUBJECTS &&
        messages >= FEWEST_MESSAGES,
    )
    .toSorted((a, b) => b.messages - a.messages)
    .slice(0, MOST_COUNTED_STREAMS);
  await withConcurrency(
    worth,
    () => COUNTING_CONCURRENCY,
    async ({ name }) => {
      const info = await requests.api<RawStream>(`STREAM.INFO.${name}`, { subjects_filter: '>' });
      if (isRefusal(info)) return;
      const counts = Object.entries(info.state.subjects ?? {});
      found.set(
        name,
        counts.map(([subject, messages]) => ({ subject, messages })),
      );
    },
  );
  return found;
}
