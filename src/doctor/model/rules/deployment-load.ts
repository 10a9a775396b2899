import { formatByteSize } from '../../../core/values/byte-size.js';
import type { DeploymentAudit, ServerSettings } from '../facts.js';
import type { DeploymentRule } from './deployment-rule.js';
import { formatCount, formatPercent } from '../../../core/wording.js';
import { formatDurationMs } from '../../../core/values/duration.js';

interface Fill {
  readonly what: string;
  readonly used: number;
  readonly most: number;
  readonly format: (value: number) => string;
}

const share = ({ used, most }: Fill): number => used / most;

export const accountLimitNear: DeploymentRule = {
  id: 'ACCOUNT_LIMIT_NEAR',
  area: 'bottlenecks',
  severity: 'warning',
  scope: 'account',
  meaning:
    'The account is close to a JetStream limit. At the limit, publishes are rejected, or no stream or consumer can be created.',
  signs:
    'At least 80% of the account’s storage, memory, streams or consumers is used; critical from 95%.',
  advice: 'Raise the account’s limit, shorten retention, or remove what is no longer needed.',
  test: (facts) => nearest(accountFills(facts), facts, 'the account'),
  remedy: () => ['natsx stream ls', 'natsx info'],
};

export const serverLimitNear: DeploymentRule = {
  id: 'SERVER_LIMIT_NEAR',
  area: 'bottlenecks',
  severity: 'warning',
  scope: 'server',
  meaning:
    'A server is close to one of its own limits. At the limit, clients are rejected, or streams stop accepting messages.',
  signs:
    'At least 80% of max_connections, or of JetStream’s storage or memory on that server, is used; critical from 95%. Needs --system-context or --monitor.',
  advice: 'Raise the limit, add a server, or move streams and clients.',
  test: (facts) => nearest((facts.settings ?? []).flatMap(serverFills), facts, ''),
  remedy: () => ['nats server report jetstream', 'nats server report connections'],
};

function nearest(
  fills: readonly Fill[],
  { thresholds }: DeploymentAudit,
  who: string,
): ReturnType<DeploymentRule['test']> {
  const near = fills
    .filter((fill) => share(fill) >= thresholds.limitNearShare)
    .toSorted((a, b) => share(b) - share(a));
  const [worst] = near;
  if (worst === undefined) return undefined;
  const rest =
    near.length > 1
      ? `; ${formatCount(near.length - 1)} more ${near.length === 2 ? 'limit is' : 'limits are'} close`
      : '';
  return {
    severity: share(worst) >= thresholds.limitReachedShare ? 'critical' : 'warning',
    summary: `${formatPercent(share(worst))} of ${worst.what}${who === '' ? '' : ` of ${who}`} is used: ${worst.format(worst.used)} of ${worst.format(worst.most)}${rest}.`,
    evidence: {
      limit: worst.what,
      used: worst.used,
      most: worst.most,
      share: share(worst),
      near: near.map(({ what }) => what),
    },
  };
}

function accountFills({ scan, jetStream }: DeploymentAudit): readonly Fill[] {
  const usages = scan.account.at(-1)?.usages ?? [];
  return [
    ...usages.flatMap(({ kind, tier, usedBytes, limitBytes }) =>
      fill(
        `the ${kind} storage${tier === undefined ? '' : ` (${tier})`}`,
        usedBytes,
        limitBytes,
        formatByteSize,
      ),
    ),
    ...fill('the streams', jetStream?.streams ?? 0, jetStream?.maxStreams, formatCount),
    ...fill('the consumers', jetStream?.consumers ?? 0, jetStream?.maxConsumers, formatCount),
  ];
}

function serverFills(server: ServerSettings): readonly Fill[] {
  const of = (what: string): string => `${what} of ${server.name}`;
  const { storageBytes, maxStorageBytes, memoryBytes, maxMemoryBytes } = server;
  return [
    ...fill(of('the connections'), server.connections, server.maxConnections, formatCount),
    ...fill(of("JetStream's storage"), storageBytes, maxStorageBytes, formatByteSize),
    ...fill(of("JetStream's memory"), memoryBytes, maxMemoryBytes, formatByteSize),
  ];
}

function fill(
  what: string,
  used: number,
  most: number | undefined,
  format: (value: number) => string,
): readonly Fill[] {
  return most === undefined || most <= 0 ? [] : [{ what, used, most, format }];
}

export const payloadLimitLarge: DeploymentRule = {
  id: 'PAYLOAD_LIMIT_LARGE',
  area: 'bottlenecks',
  severity: 'info',
  scope: 'server',
  meaning:
    'The server accepts very large messages. Each is held in memory as a whole, by the server and by every client, and everything behind it on a connection waits.',
  signs: 'max_payload is over 8 MiB, above which the server itself warns at startup.',
  advice:
    'Lower max_payload to what is needed, keep large payloads in an object store, and send a reference to them.',
  test: ({ connection: { maxPayloadBytes, server }, thresholds }) => {
    if (maxPayloadBytes <= thresholds.hugePayloadLimitBytes) return undefined;
    return {
      summary: `${server} accepts messages of up to ${formatByteSize(maxPayloadBytes)}.`,
      evidence: { max_payload_bytes: maxPayloadBytes, server },
    };
  },
  remedy: () => ['natsx info'],
};

export const rttHigh: DeploymentRule = {
  id: 'RTT_HIGH',
  area: 'bottlenecks',
  severity: 'warning',
  scope: 'connection',
  meaning:
    'The server is far away. A client that waits for each acknowledgement, or fetches messages one by one, is limited to a few per second.',
  signs:
    'The shortest of five round trips takes 50ms or more (a note), or 250ms or more (a warning).',
  advice:
    'Connect to a closer server (a leaf node, a gateway), publish with several messages in flight, and fetch in batches.',
  test: ({ connection: { rttMs, server, address }, thresholds }) => {
    if (rttMs < thresholds.rttNoteMs) return undefined;
    return {
      severity: rttMs >= thresholds.rttWarnMs ? 'warning' : 'info',
      summary: `A round trip to ${server} takes ${formatDurationMs(rttMs)}: one message at a time is at most ${formatCount(1000 / rttMs)} per second.`,
      evidence: { rtt_ms: rttMs, server, address },
    };
  },
  remedy: () => ['natsx rtt'],
};
