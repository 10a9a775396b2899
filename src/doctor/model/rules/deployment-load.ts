import { formatByteSize } from '../../../core/values/byte-size.js';
import { count, percent, span } from '../../../core/findings/wording.js';
import type { DeploymentAudit, ServerSettings } from '../facts.js';
import type { DeploymentRule } from './deployment-rule.js';

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
    'The account is nearly at a JetStream limit. Beyond it publishers are refused, or no stream or consumer can be made.',
  signs:
    '80% of the account’s storage, memory, streams or consumers is used; critical from 95% on.',
  advice: 'Raise the account’s limit, shorten retention, or remove what nobody needs.',
  test: (facts) => nearest(accountFills(facts), facts, 'the account'),
  remedy: () => ['natsx stream ls', 'nats account info'],
};

export const serverLimitNear: DeploymentRule = {
  id: 'SERVER_LIMIT_NEAR',
  area: 'bottlenecks',
  severity: 'warning',
  scope: 'server',
  meaning:
    'A server is nearly at one of its own limits. Beyond it clients are turned away, or streams stop taking messages.',
  signs:
    '80% of max_connections, or of JetStream’s storage or memory on that server, is used; critical from 95% on. Needs --system-context or --monitor.',
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
  const rest = near.length > 1 ? `; ${String(near.length - 1)} more are near` : '';
  return {
    severity: share(worst) >= thresholds.limitReachedShare ? 'critical' : 'warning',
    summary: `${percent(share(worst))} of ${worst.what}${who === '' ? '' : ` of ${who}`} is used: ${worst.format(worst.used)} of ${worst.format(worst.most)}${rest}.`,
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
    ...fill('the streams', jetStream?.streams ?? 0, jetStream?.maxStreams, count),
    ...fill('the consumers', jetStream?.consumers ?? 0, jetStream?.maxConsumers, count),
  ];
}

function serverFills(server: ServerSettings): readonly Fill[] {
  const of = (what: string): string => `${what} of ${server.name}`;
  const { storageBytes, maxStorageBytes, memoryBytes, maxMemoryBytes } = server;
  return [
    ...fill(of('the connections'), server.connections, server.maxConnections, count),
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
    'The server takes very large messages. Each is held in memory whole, by the server and by every client, and whatever is behind it on a connection waits.',
  signs: 'max_payload is over 8 MiB, from where on the server itself warns when it starts.',
  advice:
    'Lower max_payload to what is needed, keep large bodies in an object store, and send where they are.',
  test: ({ connection: { maxPayloadBytes, server }, thresholds }) => {
    if (maxPayloadBytes <= thresholds.hugePayloadLimitBytes) return undefined;
    return {
      summary: `${server} takes messages of up to ${formatByteSize(maxPayloadBytes)}.`,
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
    'The way to the server is long. Whoever waits for each acknowledgement or fetches messages one by one is held to a few a second.',
  signs: 'The shortest of five round trips takes 50ms or more (a note), 250ms or more (a warning).',
  advice:
    'Connect to a server nearby (a leaf node, a gateway), publish with several messages in flight, and fetch in batches.',
  test: ({ connection: { rttMs, server, address }, thresholds }) => {
    if (rttMs < thresholds.rttNoteMs) return undefined;
    return {
      severity: rttMs >= thresholds.rttWarnMs ? 'warning' : 'info',
      summary: `A round trip to ${server} takes ${span(rttMs)}: one at a time is at most ${count(1000 / rttMs)} a second.`,
      evidence: { rtt_ms: rttMs, server, address },
    };
  },
  remedy: () => ['natsx rtt'],
};
