import type { Rule } from '../../../core/findings/rule.js';
import { formatByteSize } from '../../../core/values/byte-size.js';
import type { FindingId } from '../finding-id.js';
import type { ScanWindow } from '../series.js';
import type { ApiFacts } from '../../../streams/model/snapshot.js';
import type { AccountSample, ServerSample, StorageUsage } from '../../../streams/model/snapshot.js';
import type { Thresholds } from '../thresholds.js';
import { agree, formatPercent, plural } from '../../../core/wording.js';
import { formatDurationMs } from '../../../core/values/duration.js';

export interface AccountFacts {
  readonly window: ScanWindow;
  readonly thresholds: Thresholds;
}

export type AccountRule = Rule<AccountFacts, FindingId>;

interface FillState {
  readonly usage: StorageUsage;
  readonly limitBytes: number;
  readonly share: number;
  readonly growthPerS: number;
  readonly fullInMs: number | undefined;
}

const storeNearLimit: AccountRule = {
  id: 'STORE_NEAR_LIMIT',
  severity: 'warning',
  scope: 'account',
  meaning: 'The account has nearly used up its storage. At the limit, publishes are rejected.',
  signs:
    'At least 90% of a storage limit is used, or at the current rate it will be full within four hours.',
  advice: 'Raise the limit, shorten the retention of the largest streams, or purge.',
  test: ({ window, thresholds }) => {
    const states = fillStates(window.account).filter((state) => nearFull(state, thresholds));
    const worst = states.toSorted((a, b) => b.share - a.share)[0];
    if (worst === undefined) return undefined;
    const tier = worst.usage.tier === undefined ? '' : ` of tier ${worst.usage.tier}`;
    const when =
      worst.fullInMs === undefined
        ? ''
        : `; at this rate it is full in ${formatDurationMs(worst.fullInMs)}`;
    return {
      summary: `${formatPercent(worst.share)} of the ${worst.usage.kind} storage${tier} is used: ${formatByteSize(worst.usage.usedBytes)} of ${formatByteSize(worst.limitBytes)}${when}.`,
      evidence: {
        used_bytes: worst.usage.usedBytes,
        limit_bytes: worst.limitBytes,
        share: worst.share,
        growth_bytes_per_s: worst.growthPerS,
        full_in_s: worst.fullInMs === undefined ? undefined : worst.fullInMs / 1000,
        tier: worst.usage.tier,
        biggest_streams: biggest(window),
      },
    };
  },
  remedy: () => ['natsx stream ls', 'natsx info'],
};

function fillStates(samples: readonly AccountSample[]): readonly FillState[] {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return [];
  return last.usages.flatMap((usage) => {
    const { limitBytes } = usage;
    if (limitBytes === undefined || limitBytes <= 0) return [];
    const before = first.usages.find(
      ({ tier, kind }) => tier === usage.tier && kind === usage.kind,
    );
    const seconds = (last.atMs - first.atMs) / 1000;
    const growthPerS =
      seconds > 0 ? (usage.usedBytes - (before?.usedBytes ?? usage.usedBytes)) / seconds : 0;
    const room = Math.max(0, limitBytes - usage.usedBytes);
    return [
      {
        usage,
        limitBytes,
        share: usage.usedBytes / limitBytes,
        growthPerS,
        fullInMs: growthPerS > 0 ? (1000 * room) / growthPerS : undefined,
      },
    ];
  });
}

/** A short burst must not alarm on an empty store, so the rate counts only from half full on. */
function nearFull({ share, fullInMs }: FillState, thresholds: Thresholds): boolean {
  if (share >= thresholds.storeFullShare) return true;
  return share >= 0.5 && fullInMs !== undefined && fullInMs < thresholds.storeFullWithinMs;
}

function biggest(window: ScanWindow): readonly string[] {
  return window.streams
    .flatMap(({ name, samples }) => samples.slice(-1).map(({ bytes }) => ({ name, bytes })))
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** The longest queue that was there in every sample. */
function steadyQueue(
  readings: readonly (readonly ServerSample[])[],
  { apiQueue }: Thresholds,
): { readonly server: string; readonly requests: number } | undefined {
  const long = (readings.at(-1) ?? []).flatMap(({ server }) => {
    const queues = readings.map(
      (servers) => servers.find((one) => one.server === server)?.apiQueue ?? 0,
    );
    const requests = Math.min(...queues);
    return requests > apiQueue ? [{ server, requests }] : [];
  });
  return long.toSorted((a, b) => b.requests - a.requests)[0];
}

/** How natsx's own requests fared, in words; undefined when they fared well. */
function ownTrouble(api: ApiFacts | undefined, { apiSlowMs }: Thresholds): string | undefined {
  if (api === undefined || api.requests === 0) return undefined;
  const mostlyLost = api.timeouts * 2 > api.requests;
  if (api.medianMs < apiSlowMs && !mostlyLost) return undefined;
  return `${formatDurationMs(api.medianMs)} for a typical request, ${plural(api.timeouts, 'request')} of ${String(api.requests)} without an answer`;
}

const apiOverloaded: AccountRule = {
  id: 'API_OVERLOADED',
  severity: 'warning',
  scope: 'account',
  meaning: 'The JetStream API answers slowly or not at all; its other users suffer as well.',
  signs:
    'The median request took over a second, or most requests timed out, or (with a system account or the monitoring port) many requests are queued at a server in every sample. If only a few time out, what they ask for has no leader instead.',
  advice: 'Find out who polls the API. natsx slows itself down.',
  test: ({ window, thresholds }) => {
    const { api, core } = window;
    const queue = steadyQueue(core.servers ?? [], thresholds);
    const own = ownTrouble(api, thresholds);
    if (own === undefined && queue === undefined) return undefined;
    const waiting =
      queue === undefined
        ? undefined
        : `${plural(queue.requests, 'request')} ${agree(queue.requests, 'is', 'are')} queued on server ${queue.server}`;
    return {
      summary: `The JetStream API is slow: ${[own, waiting].filter((part) => part !== undefined).join('; ')}.`,
      evidence: {
        requests: api?.requests,
        timeouts: api?.timeouts,
        median_ms: api?.medianMs,
        slowest_ms: api?.slowestMs,
        queue: queue?.requests,
        server: queue?.server,
      },
    };
  },
  remedy: () => ['nats server report jetstream', 'nats events --js-advisory'],
};

export const ACCOUNT_RULES: readonly AccountRule[] = [storeNearLimit, apiOverloaded];
