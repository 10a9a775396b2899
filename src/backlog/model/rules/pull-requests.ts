import { formatByteSize } from '../../../core/values/byte-size.js';
import { clientName, type ConsumerFacts } from '../consumer-facts.js';
import { heardPulls, isPull, nothingDelivered, setByFile, target } from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';
import { agree, formatCount, formatRate, messagesWait, plural } from '../../../core/wording.js';
import { formatDurationMs } from '../../../core/values/duration.js';

export const pullMaxBytesTooSmall: ConsumerRule = {
  id: 'PULL_MAX_BYTES_TOO_SMALL',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'The next message is larger than the max_bytes of the pull requests, so the server refuses every one of them and nothing moves.',
  signs:
    'Messages are pending, nothing is delivered, and the next message is larger than the consumer’s own limit or than the max_bytes of the pull requests that were observed; or pull requests appear and end without a delivery in front of an unusually large message.',
  advice: 'Raise max_bytes in the client (or the consumer’s limit), or remove the large message.',
  test: (facts) => {
    const { last, lookups } = facts;
    const next = lookups.next ?? lookups.oldest;
    const size = next?.sizeBytes;
    if (size === undefined || last.pending === 0) return undefined;
    if (!isPull(facts) || !nothingDelivered(facts)) return undefined;
    const asked = heardPulls(facts)?.minMaxBytes ?? last.config.maxBytes;
    const tooLarge = asked !== undefined && size > asked;
    if (!tooLarge && !pullsComeAndGo(facts, size)) return undefined;
    const limit =
      asked === undefined ? 'the pull requests allow' : `the ${formatByteSize(asked)} allowed`;
    return {
      summary: `The next message is ${formatByteSize(size)}, more than ${limit}; every pull request is refused, and ${messagesWait(last.pending)}.`,
      evidence: {
        next_size_bytes: size,
        next_seq: next?.seq,
        asked_max_bytes: asked,
        pending: last.pending,
      },
    };
  },
  remedy: (facts) => [
    `natsx backlog peek ${target(facts)}`,
    `natsx backlog ${target(facts)} --taps`,
  ],
};

/** Pull requests wait in some samples and not in others, nothing is delivered, and the next message is unusually large. */
function pullsComeAndGo(facts: ConsumerFacts, size: number): boolean {
  if (
    facts.last.paused ||
    facts.last.ackPending > 0 ||
    facts.last.config.priorityPolicy !== undefined
  )
    return false;
  const waiting = facts.samples.map((sample) => sample.waiting > 0);
  return (
    waiting.includes(true) && waiting.includes(false) && size > 2 * (facts.averageBytes ?? size)
  );
}

export const pullLimitRejects: ConsumerRule = {
  id: 'PULL_LIMIT_REJECTS',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'Clients request more than the consumer allows, and the server refuses those pull requests.',
  signs: 'Pull requests were observed with a batch above max_batch or an expiry above max_expires.',
  advice: 'Align the client’s settings with the consumer’s limits.',
  test: (facts) => {
    const { maxBatch, maxExpiresMs } = facts.last.config;
    const asked = heardPulls(facts);
    const { maxBatch: askedBatch = 0, maxExpiresMs: askedExpiresMs = 0 } = asked ?? {};
    let what: string;
    if (maxBatch !== undefined && askedBatch > maxBatch) {
      what = `batches of ${formatCount(askedBatch)}, and ${formatCount(maxBatch)} is the limit`;
    } else if (maxExpiresMs !== undefined && askedExpiresMs > maxExpiresMs) {
      what = `an expiry of ${formatDurationMs(askedExpiresMs)}, and ${formatDurationMs(maxExpiresMs)} is the limit`;
    } else return undefined;
    return {
      summary: `Clients ask for ${what}; the server refuses those pull requests.`,
      evidence: {
        asked_batch: asked?.maxBatch,
        max_batch: maxBatch,
        asked_expires_ms: asked?.maxExpiresMs,
        max_expires_ms: maxExpiresMs,
      },
    };
  },
  remedy: (facts) => {
    const { config } = facts.last;
    const { maxBatch = 0, maxExpiresMs = 0 } = heardPulls(facts) ?? {};
    if (config.maxBatch !== undefined && maxBatch > config.maxBatch)
      return [`natsx consumer edit ${target(facts)} --max-batch ${String(maxBatch)} --yes`];
    return [setByFile(facts, { max_expires: Math.round(maxExpiresMs) * 1_000_000 })];
  },
};

export const maxWaitingFull: ConsumerRule = {
  id: 'MAX_WAITING_FULL',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'The consumer has as many waiting pull requests as it allows. Further ones are refused, or silently dropped if they ask for heartbeats.',
  signs: 'The number of waiting pull requests is max_waiting.',
  advice:
    'Let fewer clients pull, or use larger batches. The limit cannot be edited: recreate the consumer with a larger one.',
  test: ({ last, ...facts }) => {
    if (!isPull({ last, ...facts }) || last.waiting < last.config.maxWaiting) return undefined;
    return {
      summary: `${plural(last.waiting, 'pull request')} ${agree(last.waiting, 'is', 'are')} waiting, and the limit is ${formatCount(last.config.maxWaiting)}; further ones are refused.`,
      evidence: { waiting: last.waiting, max_waiting: last.config.maxWaiting },
    };
  },
  remedy: (facts) => [
    `natsx backlog ${target(facts)} --taps`,
    `nats consumer copy ${target(facts)} ${facts.name}-wide --max-waiting=${String(4 * facts.last.config.maxWaiting)}`,
  ],
};

interface RoundTripLimit {
  readonly batch: number;
  readonly rttMs: number;
  readonly workMs: number;
  readonly ceilingPerS: number;
}

interface SmallPulls {
  readonly batch: number;
  readonly rttMs: number;
  readonly pullers: number;
}

/** As observed. Otherwise inferred from the traffic of a single client, if no more than a batch is in flight. */
function smallPulls({ clients, lookups: { tap }, samples }: ConsumerFacts): SmallPulls | undefined {
  if (tap !== undefined) {
    const rttMs = clients.pullerRttMs ?? clients.medianRttMs;
    if (tap.medianBatch === undefined || rttMs === undefined) return undefined;
    return { batch: tap.medianBatch, rttMs, pullers: Math.max(1, tap.pullers) };
  }
  const { puller } = clients;
  if (puller === undefined || samples.some(({ ackPending }) => ackPending > 2 * puller.batch))
    return undefined;
  return { batch: puller.batch, rttMs: puller.rttMs, pullers: 1 };
}

/** The rate that this batch size and round trip allow; undefined for large batches, or if it was not measured. */
function roundTripLimit(facts: ConsumerFacts): RoundTripLimit | undefined {
  const { pace, thresholds } = facts;
  const pulls = smallPulls(facts);
  if (pace === undefined || pulls === undefined) return undefined;
  const { batch, rttMs, pullers } = pulls;
  if (batch > thresholds.smallBatch || pace.settlePerS === 0) return undefined;
  // One round trip between delivery and acknowledgement is not work.
  const workMs = Math.max(0, (pace.serviceMs ?? 0) - rttMs);
  const ceilingPerS = ((1000 * batch) / (rttMs + workMs)) * pullers;
  return { batch, rttMs, workMs, ceilingPerS };
}

export const smallBatchLatency: ConsumerRule = {
  id: 'SMALL_BATCH_LATENCY',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'Clients fetch few messages at a time and wait for the network between batches. The round trip is the limit, not the work.',
  signs:
    'Pull requests for ten messages or fewer were observed (or inferred, if the traffic of exactly one client fits small pull requests for what was delivered), and the rate is what batch size and round trip allow.',
  advice:
    'Request larger batches, let pull requests overlap, or move the worker closer to the leader.',
  test: (facts) => {
    const limit = roundTripLimit(facts);
    const { pace, clients, keepsUp, last } = facts;
    if (limit === undefined || pace === undefined || keepsUp || last.pending === 0)
      return undefined;
    const { batch, rttMs: rtt, workMs: work, ceilingPerS: ceiling } = limit;
    if (rtt < work || Math.abs(pace.settlePerS - ceiling) > 0.3 * ceiling) return undefined;
    return {
      summary: `Batches of ${formatCount(batch)} with a round trip of ${formatDurationMs(rtt)} allow at most ${formatRate(ceiling)}${facts.lookups.tap === undefined && clients.puller !== undefined ? ` (${clients.puller.name}, judging by its traffic)` : ''}.`,
      evidence: {
        median_batch: batch,
        rtt_ms: rtt,
        work_ms: work,
        ceiling_per_s: ceiling,
        settle_per_s: pace.settlePerS,
        clients: clients.serving?.slice(0, 5).map(clientName) ?? clients.puller?.name,
      },
    };
  },
  remedy: (facts) => [`natsx backlog ${target(facts)} --taps`],
};
