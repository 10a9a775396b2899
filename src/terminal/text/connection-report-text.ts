import type {
  ConnectionReport,
  JetStreamAccount,
  SubjectRights,
  UserFacts,
} from '../../connection/model/connection-facts.js';
import { formatByteSize } from '../../core/values/byte-size.js';
import { formatDuration, formatDurationMs } from '../../core/values/duration.js';
import { printableText } from '../../core/printable.js';
import type { Style } from './style.js';

type Line = readonly [label: string, value: string];

/** The report as labelled lines in sections. */
export function connectionReportText(report: ConnectionReport, style: Style): string {
  const sections: [string, readonly Line[]][] = [
    ['Server', serverLines(report)],
    ['User', report.user === undefined ? unknownLines(report) : userLines(report.user)],
    ['JetStream', jetStreamLines(report)],
  ];
  return sections
    .map(([heading, lines]) => `${style.heading(heading)}\n${lines.map(format).join('')}`)
    .join('\n');
}

const LABEL_WIDTH = 15;

function format([label, value]: Line): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${printableText(value)}\n`;
}

function serverLines({ server, rttNs }: ConnectionReport): readonly Line[] {
  const lines: Line[] = [
    ['name', server.name],
    ['version', server.version],
    ['address', server.address],
    ['round trip', formatDuration(rttNs)],
    ['max payload', formatByteSize(server.maxPayloadBytes)],
    ['TLS', server.tls ? 'required' : 'not required'],
    ['credentials', server.authRequired ? 'required' : 'not required'],
    [
      'client',
      `${server.clientId}${server.clientIp === undefined ? '' : ` from ${server.clientIp}`}`,
    ],
  ];
  if (server.cluster !== undefined) lines.push(['cluster', server.cluster]);
  if (server.domain !== undefined) lines.push(['domain', server.domain]);
  if (server.alternatives.length > 0) lines.push(['also at', server.alternatives.join(', ')]);
  return lines;
}

function userLines(user: UserFacts): readonly Line[] {
  const lines: Line[] = [
    ['user', user.name ?? 'anonymous'],
    ['account', user.account ?? 'not known'],
    ['may publish', rightsText(user.publish)],
    ['may subscribe', rightsText(user.subscribe)],
  ];
  if (user.expiresInMs !== undefined)
    lines.push(['expires in', formatDurationMs(user.expiresInMs)]);
  return lines;
}

/** natsx connected with this name; only the server knows the rest. */
function unknownLines({ unknownUser: { name, reason } }: ConnectionReport): readonly Line[] {
  return [
    ['user', name ?? 'not known'],
    ['account', `not known: ${reason}`],
  ];
}

function rightsText(rights: SubjectRights): string {
  const allowed = rights.allow === undefined ? 'everything' : rights.allow.join(', ');
  return rights.deny.length === 0 ? allowed : `${allowed}, but not ${rights.deny.join(', ')}`;
}

function jetStreamLines({ jetStream }: ConnectionReport): readonly Line[] {
  switch (jetStream.state) {
    case 'off':
      return [['state', 'off']];
    case 'unknown':
      return [['state', `unknown: ${jetStream.reason}`]];
    case 'on':
      return [['state', 'on'], ...accountLines(jetStream.account)];
  }
}

function accountLines(account: JetStreamAccount): readonly Line[] {
  const count = (n: number): string => String(n);
  return [
    ['streams', usage(account.streams, account.maxStreams, count)],
    ['consumers', usage(account.consumers, account.maxConsumers, count)],
    ['file storage', usage(account.storeBytes, account.maxStoreBytes, formatByteSize)],
    ['memory', usage(account.memoryBytes, account.maxMemoryBytes, formatByteSize)],
  ];
}

function usage(used: number, limit: number, say: (n: number) => string): string {
  return limit < 0 ? `${say(used)} (no limit)` : `${say(used)} of ${say(limit)}`;
}

/** The report with the keys of natsx's JSON. */
export function connectionReportJson(report: ConnectionReport): unknown {
  const { server, user, jetStream } = report;
  return {
    server: {
      name: server.name,
      id: server.id,
      version: server.version,
      address: server.address,
      cluster: server.cluster,
      domain: server.domain,
      client_id: server.clientId,
      client_ip: server.clientIp,
      max_payload_bytes: server.maxPayloadBytes,
      headers: server.headers,
      auth_required: server.authRequired,
      tls_required: server.tls,
      connect_urls: server.alternatives,
      rtt_ns: report.rttNs,
    },
    user: user === undefined ? null : userJson(user),
    ...(user === undefined && {
      user_unknown: { name: report.unknownUser.name, reason: report.unknownUser.reason },
    }),
    jetstream: jetStreamJson(jetStream),
  };
}

function userJson(user: UserFacts): unknown {
  return {
    name: user.name,
    account: user.account,
    permissions: { publish: user.publish, subscribe: user.subscribe },
    expires_in_ms: user.expiresInMs,
  };
}

function jetStreamJson(facts: ConnectionReport['jetStream']): unknown {
  if (facts.state !== 'on') return facts;
  const { account } = facts;
  return {
    state: 'on',
    streams: account.streams,
    max_streams: account.maxStreams,
    consumers: account.consumers,
    max_consumers: account.maxConsumers,
    store_bytes: account.storeBytes,
    max_store_bytes: account.maxStoreBytes,
    memory_bytes: account.memoryBytes,
    max_memory_bytes: account.maxMemoryBytes,
  };
}
