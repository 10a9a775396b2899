import type { ConsumerFacts } from '../consumer-facts.js';
import type { ConsumerSample } from '../../../streams/model/snapshot.js';
import { ackWaitMs, sinceAckMs, target } from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';
import { formatCount, formatPercent, formatRate, plural } from '../../../core/wording.js';
import { flagDuration, formatDurationMs } from '../../../core/values/duration.js';
import { shellWord } from '../../../core/printable.js';

/** Fewer deliveries than this are not a pattern. */
const PATTERN = 3;

/** Redeliveries are faster than expiring ack waits can explain: clients nak messages. */
function clientsNak({ last, pace, samples }: ConsumerFacts): boolean {
  if (pace === undefined) return false;
  const inFlight = Math.max(...samples.map((sample) => sample.ackPending), 1);
  const wait = last.config.backoffMs[0] ?? last.config.ackWaitMs;
  return pace.redeliverPerS > (2 * inFlight * 1000) / wait;
}

/** Fewer redeliveries than this may be those of a worker that is merely later than ack_wait. */
const CIRCLING = 10;

/** max_deliver is unlimited, the same messages make up most of the deliveries, and the floor does not move. */
function isLooping(facts: ConsumerFacts): boolean {
  const { last, motion, pace, thresholds } = facts;
  if (motion === undefined || pace === undefined || motion.deliveries < PATTERN) return false;
  if (pace.redeliveryShare < thresholds.redeliveryLoopShare || motion.floor > 0) return false;
  if (last.config.maxDeliver !== undefined || last.config.ackPolicy === 'none') return false;
  return motion.deliveries >= CIRCLING || nakCount(facts) > 0 || !finishesLately(facts);
}

/** Naks in the window: observed or announced, otherwise inferred. */
function nakCount(facts: ConsumerFacts): number {
  const { tap, advisories } = facts.lookups;
  if (tap !== undefined) return tap.naks;
  if (advisories !== undefined) return advisories.naked;
  return clientsNak(facts) ? (facts.motion?.redeliveries ?? 0) : 0;
}

/**
 * Most redelivered messages were nak'd. Messages in flight are then waiting for a retry instead of being processed,
 * so neither their number nor ack_wait says how long processing takes.
 */
export function mostlyNaks(facts: ConsumerFacts): boolean {
  const naks = nakCount(facts);
  return naks > 0 && 2 * naks >= (facts.motion?.redeliveries ?? 0);
}

/** The max_deliver that is advised. */
export const ADVISED_TRIES = 5;

/** What that limit would give up immediately, in words; empty if nothing. */
export function costOfLimit({ last: { redelivered } }: ConsumerFacts): string {
  if (redelivered === 0) return '';
  return ` With --max-deliver ${String(ADVISED_TRIES)}, messages that were delivered that often are given up immediately: ${redelivered === 1 ? 'at most 1' : `up to ${formatCount(redelivered)}`}.`;
}

/** Something was acknowledged within the last few rounds of redelivery. */
function finishesLately(facts: ConsumerFacts): boolean {
  const since = sinceAckMs(facts);
  return since !== undefined && since <= 2 * (facts.motion?.dtMs ?? 0) + 3 * ackWaitMs(facts);
}

/** Why they are redelivered, as far as it was observed. */
function whyLooping(facts: ConsumerFacts): string {
  const { tap, advisories } = facts.lookups;
  if (nakCount(facts) > 0) return ' because workers nak them';
  if (tap === undefined && advisories === undefined) return '';
  const none = facts.motion?.settled === 0 ? ', and nothing is acknowledged at all' : '';
  return ` because ack_wait (${formatDurationMs(ackWaitMs(facts))}) expires (no naks)${none}`;
}

export const redeliveryLoop: ConsumerRule = {
  id: 'REDELIVERY_LOOP',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'The same messages are redelivered endlessly: workers nak them or crash on them, and nothing limits the deliveries.',
  signs:
    'At least half of the deliveries are redeliveries, the ack floor does not move, and max_deliver is unlimited.',
  advice:
    'Terminate input that can never succeed, nak with a delay, and limit the deliveries. Messages that have already reached the limit are given up immediately and stay stored (EXHAUSTED shows where). The advisory MAX_DELIVERIES announces each of them.',
  test: (facts) => {
    const { last, pace } = facts;
    if (pace === undefined || !isLooping(facts)) return undefined;
    return {
      summary: `The same messages are redelivered over and over${whyLooping(facts)}: ${formatPercent(pace.redeliveryShare)} of the ${formatRate(pace.deliverPerS)} delivered are redeliveries, and the ack floor stays at ${formatCount(last.ackFloor.streamSeq)}.${costOfLimit(facts)}`,
      evidence: {
        deliver_per_s: pace.deliverPerS,
        redeliver_per_s: pace.redeliverPerS,
        redelivery_share: pace.redeliveryShare,
        ack_floor_seq: last.ackFloor.streamSeq,
        ack_pending: last.ackPending,
        pending: last.pending,
        given_up_by_limit_at_most: last.redelivered,
      },
    };
  },
  remedy: (facts) => [
    ...(nakCount(facts) > 0 || facts.lookups.tap !== undefined
      ? []
      : [`natsx backlog ${target(facts)} --taps`]),
    `natsx backlog peek ${target(facts)}`,
    `natsx consumer edit ${target(facts)} --max-deliver ${String(ADVISED_TRIES)} --yes`,
  ],
};

export const ackWaitTooShort: ConsumerRule = {
  id: 'ACK_WAIT_TOO_SHORT',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'Processing takes longer than ack_wait, so the server redelivers messages that are still being processed. Work is done twice.',
  signs:
    'Messages are settled, a message takes at least 80% of ack_wait, and 5% or more of the deliveries are redeliveries, no faster than expiry explains and mostly not naks. doctor: a warning even if nothing was redelivered yet.',
  advice:
    'Raise ack_wait to three times the processing time (with a backoff, raise its steps, because they override ack_wait), send "in progress" from long jobs, or fetch smaller batches.',
  test: (facts) => {
    const { pace, thresholds } = facts;
    const work = workTimeMs(facts);
    if (pace === undefined || work === undefined) return undefined;
    const wait = ackWaitMs(facts);
    if (work < thresholds.ackWaitShare * wait) return undefined;
    if (pace.redeliveryShare < thresholds.redeliveryShare || isOtherwise(facts)) return undefined;
    const about = pace.serviceMs === undefined ? 'over' : 'about';
    return {
      summary: `ack_wait is too short: a message takes ${about} ${formatDurationMs(work)}, ack_wait is ${formatDurationMs(wait)}, and ${formatPercent(pace.redeliveryShare)} of the deliveries are redeliveries.`,
      evidence: {
        service_ms: work,
        ack_wait_ms: wait,
        redelivery_share: pace.redeliveryShare,
        settle_per_s: pace.settlePerS,
        late_acks: facts.lookups.tap?.lateAcks,
      },
    };
  },
  remedy: (facts) => {
    const neededMs = 3 * (workTimeMs(facts) ?? ackWaitMs(facts));
    const seconds = Math.ceil(neededMs / 1000);
    const { backoffMs } = facts.last.config;
    if (backoffMs.length > 0) {
      const steps = backoffMs.map((ms) => flagDuration(Math.max(ms, neededMs))).join(',');
      return [`natsx consumer edit ${target(facts)} --backoff ${steps} --yes`];
    }
    return [`natsx consumer edit ${target(facts)} --ack-wait ${String(seconds)}s --yes`];
  },
};

/** Chance, naks, a loop, or a silent member of the group: these look like slow processing, too. */
function isOtherwise(facts: ConsumerFacts): boolean {
  if ((facts.motion?.redeliveries ?? 0) < 1) return true;
  return (
    isLooping(facts) ||
    clientsNak(facts) ||
    mostlyNaks(facts) ||
    (facts.clients.silentMembers?.length ?? 0) > 0
  );
}

/** From delivery to acknowledgement; if nothing was acknowledged in the window, the time since the last one. */
function workTimeMs(facts: ConsumerFacts): number | undefined {
  if (facts.pace?.serviceMs !== undefined) return facts.pace.serviceMs;
  return nakCount(facts) === 0 && finishesLately(facts) ? sinceAckMs(facts) : undefined;
}

/** Given-up messages can hold the floor in place: then it is unknown which message is at the floor. */
function mayHideGivenUp({ config, redelivered, ackPending }: ConsumerSample): boolean {
  return config.maxDeliver !== undefined && redelivered > ackPending;
}

export const poisonAtFloor: ConsumerRule = {
  id: 'POISON_AT_FLOOR',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'One message is never finished while others pass it. The lag in seconds is that of this message, not of the queue.',
  signs:
    'The ack floor does not move while messages are settled, and the message above the floor is older than three times ack_wait (or the processing time, if that is longer).',
  advice: 'Inspect that message. Fix how it is processed, or remove it from the stream.',
  test: (facts) => {
    const { last, motion, pace, oldestAgeMs, thresholds, lookups } = facts;
    if (motion === undefined || pace === undefined || last.ackPending === 0) return undefined;
    if (motion.floor > 0 || motion.settled === 0 || oldestAgeMs === undefined) return undefined;
    if (mayHideGivenUp(last)) return undefined;
    const patience =
      thresholds.poisonAckWaits * Math.max(last.config.ackWaitMs, pace.serviceMs ?? 0);
    if (oldestAgeMs <= patience) return undefined;
    const seq = lookups.oldest?.seq ?? last.ackFloor.streamSeq + 1;
    return {
      summary: `Message ${formatCount(seq)} has been unfinished for ${formatDurationMs(oldestAgeMs)} while ${plural(motion.settled, 'other')} passed it.`,
      evidence: {
        seq,
        subject: lookups.oldest?.subject,
        size_bytes: lookups.oldest?.sizeBytes,
        age_ms: oldestAgeMs,
        ack_pending: last.ackPending,
        settled_beyond: motion.settled,
        window_ms: motion.dtMs,
      },
    };
  },
  remedy: (facts) => {
    const seq = String(facts.lookups.oldest?.seq ?? facts.last.ackFloor.streamSeq + 1);
    return [
      `natsx backlog peek ${target(facts)}`,
      `natsx stream get ${shellWord(facts.stream)} ${seq}`,
      `natsx stream rm-msg ${shellWord(facts.stream)} ${seq}`,
    ];
  },
};

export const nakStorm: ConsumerRule = {
  id: 'NAK_STORM',
  severity: 'warning',
  scope: 'consumer',
  meaning: 'Workers nak a large part of what they receive, and it is redelivered immediately.',
  signs:
    'Naks (observed, or inferred from redeliveries faster than ack_wait explains) are 20% or more of the deliveries.',
  advice:
    'Find the error behind the naks, and nak with a delay: without one, a message is redelivered immediately, even if a backoff is configured.',
  test: (facts) => {
    const { motion, pace, thresholds, lookups } = facts;
    if (motion === undefined || pace === undefined || motion.deliveries < PATTERN) return undefined;
    const seen = lookups.tap ?? undefined;
    const announced = lookups.advisories;
    const naksPerS =
      seen !== undefined
        ? (1000 * seen.naks) / seen.durationMs
        : announced !== undefined
          ? (1000 * announced.naked) / announced.durationMs
          : clientsNak(facts)
            ? pace.redeliverPerS
            : 0;
    if (naksPerS < thresholds.nakShare * pace.deliverPerS || naksPerS === 0) return undefined;
    return {
      summary: `Workers nak ${formatRate(naksPerS)} of the ${formatRate(pace.deliverPerS)} delivered.`,
      evidence: {
        naks_per_s: naksPerS,
        deliver_per_s: pace.deliverPerS,
        redeliver_per_s: pace.redeliverPerS,
        top_seqs: announced?.nakedSeqs.slice(0, 5) ?? [],
        inferred: seen === undefined && announced === undefined,
      },
    };
  },
  remedy: (facts) => [
    `natsx backlog peek ${target(facts)}`,
    `natsx backlog ${target(facts)} --taps`,
  ],
};
