import { formatByteSize } from '../../../core/values/byte-size.js';
import { clientName, type ConsumerFacts } from '../consumer-facts.js';
import { count, messagesWait, plural, rate, span } from '../../../core/findings/wording.js';
import { heardPulls, isPull, nothingDelivered, setByFile, target } from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';

export const pullMaxBytesTooSmall: ConsumerRule = {
  id: 'PULL_MAX_BYTES_TOO_SMALL',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'The next message is larger than what the clients ask for at most, so that the server refuses every pull and nothing moves.',
  signs:
    'Messages pending, nothing delivered, and the next message is larger than the consumer’s own limit or than the max_bytes of the pulls that were seen; or pulls come and go without a delivery in front of an unusually large message.',
  advice: 'Raise max_bytes in the client (or the consumer’s limit), or remove the giant message.',
  test: (facts) => {
    const { last, extras } = facts;
    const next = extras.next ?? extras.oldest;
    const size = next?.sizeBytes;
    if (size === undefined || last.pending === 0) return undefined;
    if (!isPull(facts) || !nothingDelivered(facts)) return undefined;
    const asked = heardPulls(facts)?.minMaxBytes ?? last.config.maxBytes;
    const tooLarge = asked !== undefined && size > asked;
    if (!tooLarge && !pullsComeAndGo(facts, size)) return undefined;
    const limit = asked === undefined ? 'what clients ask for' : formatByteSize(asked);
    return {
      summary: `The next message has ${formatByteSize(size)}, more than ${limit}; every pull is refused and ${messagesWait(last.pending)}.`,
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

/** Pulls were waiting in some samples and not in others although nothing was delivered, before an unusual message. */
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
  meaning: 'Clients ask for more than the consumer allows, and those pulls are refused.',
  signs: 'Pulls were seen with a batch above max_batch or an expiry above max_expires.',
  advice: 'Bring the client’s settings and the consumer’s limits together.',
  test: (facts) => {
    const { maxBatch, maxExpiresMs } = facts.last.config;
    const asked = heardPulls(facts);
    const { maxBatch: askedBatch = 0, maxExpiresMs: askedExpiresMs = 0 } = asked ?? {};
    let what: string;
    if (maxBatch !== undefined && askedBatch > maxBatch) {
      what = `batches of ${count(askedBatch)} where ${count(maxBatch)} are allowed`;
    } else if (maxExpiresMs !== undefined && askedExpiresMs > maxExpiresMs) {
      what = `an expiry of ${span(askedExpiresMs)} where ${span(maxExpiresMs)} is allowed`;
    } else return undefined;
    return {
      summary: `Clients ask for ${what}; the server refuses those pulls.`,
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
    'As many pulls wait as the consumer allows; further ones are refused, or dropped without a word when they ask for heartbeats.',
  signs: 'Waiting pulls at max_waiting.',
  advice:
    'Let fewer clients pull, or with larger batches. The limit itself cannot be edited: make the consumer anew with a larger one.',
  test: ({ last, ...facts }) => {
    if (!isPull({ last, ...facts }) || last.waiting < last.config.maxWaiting) return undefined;
    return {
      summary: `${plural(last.waiting, 'pull')} wait and ${count(last.config.maxWaiting)} may; further clients are refused.`,
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

/** As heard. Without listening, only the traffic of one client alone can tell; then no more than a batch is in flight. */
function smallPulls({ clients, extras: { tap }, samples }: ConsumerFacts): SmallPulls | undefined {
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

/** What batches of this size allow over this distance; undefined for large batches and where it was not measured. */
function roundTripLimit(facts: ConsumerFacts): RoundTripLimit | undefined {
  const { pace, thresholds } = facts;
  const pulls = smallPulls(facts);
  if (pace === undefined || pulls === undefined) return undefined;
  const { batch, rttMs, pullers } = pulls;
  if (batch > thresholds.smallBatch || pace.settlePerS === 0) return undefined;
  // From delivery to acknowledgement there is one round trip that is not work.
  const workMs = Math.max(0, (pace.serviceMs ?? 0) - rttMs);
  const ceilingPerS = ((1000 * batch) / (rttMs + workMs)) * pullers;
  return { batch, rttMs, workMs, ceilingPerS };
}

export const smallBatchLatency: ConsumerRule = {
  id: 'SMALL_BATCH_LATENCY',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'Clients fetch few messages at a time and wait for the network between batches; the round trip is the limit, not the work.',
  signs:
    'Pulls of ten messages or fewer were seen (by listening, or because exactly one client’s traffic is that of small pulls for what was delivered), and the rate is what batch size and round trip allow.',
  advice: 'Ask for larger batches, let pulls overlap, or move the worker closer to the leader.',
  test: (facts) => {
    const limit = roundTripLimit(facts);
    const { pace, clients, keepsUp, last } = facts;
    if (limit === undefined || pace === undefined || keepsUp || last.pending === 0)
      return undefined;
    const { batch, rttMs: rtt, workMs: work, ceilingPerS: ceiling } = limit;
    if (rtt < work || Math.abs(pace.settlePerS - ceiling) > 0.3 * ceiling) return undefined;
    return {
      summary: `Batches of ${count(batch)} over a round trip of ${span(rtt)} allow ${rate(ceiling)} and no more${facts.extras.tap === undefined && clients.puller !== undefined ? ` (${clients.puller.name}, by its traffic)` : ''}.`,
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
