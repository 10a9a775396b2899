import type { ConsumerFacts } from '../consumer-facts.js';
import type { ConsumerSample } from '../../../streams/model/snapshot.js';
import {
  count,
  flagDuration,
  percent,
  plural,
  rate,
  span,
} from '../../../core/findings/wording.js';
import { shellWord } from '../../../core/shell-word.js';
import { ackWaitMs, sinceAckMs, target } from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';

/** Fewer deliveries than this are no pattern. */
const PATTERN = 3;

/** Redeliveries come faster than expiring acknowledgement waits can explain: clients refuse messages. */
function clientsRefuse({ last, pace, samples }: ConsumerFacts): boolean {
  if (pace === undefined) return false;
  const inFlight = Math.max(...samples.map((sample) => sample.ackPending), 1);
  const wait = last.config.backoffMs[0] ?? last.config.ackWaitMs;
  return pace.redeliverPerS > (2 * inFlight * 1000) / wait;
}

/** Fewer redeliveries than this may be a worker's that is merely later than ack_wait. */
const CIRCLING = 10;

/** Without a limit of tries the same messages make up most of the deliveries, and the floor stands. */
function goesRound(facts: ConsumerFacts): boolean {
  const { last, motion, pace, thresholds } = facts;
  if (motion === undefined || pace === undefined || motion.deliveries < PATTERN) return false;
  if (pace.redeliveryShare < thresholds.redeliveryLoopShare || motion.floor > 0) return false;
  if (last.config.maxDeliver !== undefined || last.config.ackPolicy === 'none') return false;
  return motion.deliveries >= CIRCLING || refusals(facts) > 0 || !finishesLately(facts);
}

/** Refusals in the window: heard or announced, else inferred. */
function refusals(facts: ConsumerFacts): number {
  const { tap, advisories } = facts.extras;
  if (tap !== undefined) return tap.naks;
  if (advisories !== undefined) return advisories.naked;
  return clientsRefuse(facts) ? (facts.motion?.redeliveries ?? 0) : 0;
}

/**
 * Most of what comes back was refused. Then the messages in flight are waiting for their next try, not in work, and
 * neither their number nor ack_wait says anything about how long work takes.
 */
export function mostlyRefused(facts: ConsumerFacts): boolean {
  const naks = refusals(facts);
  return naks > 0 && 2 * naks >= (facts.motion?.redeliveries ?? 0);
}

/** How many tries are advised. */
export const ADVISED_TRIES = 5;

/** What a limit of tries costs at once, in words; empty where nothing would be given up now. */
export function costOfLimit({ last: { redelivered } }: ConsumerFacts): string {
  if (redelivered === 0) return '';
  return ` A limit of ${String(ADVISED_TRIES)} tries gives up, at once, those that were delivered as often: ${redelivered === 1 ? 'at most 1 message' : `up to ${plural(redelivered, 'message')}`}.`;
}

/** Something was acknowledged a few rounds of redelivery ago at most. */
function finishesLately(facts: ConsumerFacts): boolean {
  const since = sinceAckMs(facts);
  return since !== undefined && since <= 2 * (facts.motion?.dtMs ?? 0) + 3 * ackWaitMs(facts);
}

/** Why they come back, as far as it was heard. */
function whyRound(facts: ConsumerFacts): string {
  const { tap, advisories } = facts.extras;
  if (refusals(facts) > 0) return ' because they are refused';
  if (tap === undefined && advisories === undefined) return '';
  const none = facts.motion?.settled === 0 ? ' and nothing is acknowledged at all' : '';
  return ` because ack_wait, ${span(ackWaitMs(facts))}, runs out (nobody refuses them)${none}`;
}

export const redeliveryLoop: ConsumerRule = {
  id: 'REDELIVERY_LOOP',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'The same messages are delivered again and again without end: workers refuse them or die on them, and nothing limits the tries.',
  signs:
    'At least half of the deliveries are redeliveries, the ack floor stands still, and max_deliver is unlimited.',
  advice:
    'Terminate input that can never succeed, refuse with a delay, and limit the tries: what was delivered that often is given up at once and stays stored (EXHAUSTED says where). Collect it by the advisory MAX_DELIVERIES.',
  test: (facts) => {
    const { last, pace } = facts;
    if (pace === undefined || !goesRound(facts)) return undefined;
    return {
      summary: `The same messages go round in circles${whyRound(facts)}: ${percent(pace.redeliveryShare)} of the ${rate(pace.deliverPerS)} delivered are redeliveries, and the ack floor stands at ${count(last.ackFloor.streamSeq)}.${costOfLimit(facts)}`,
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
    ...(refusals(facts) > 0 || facts.extras.tap !== undefined
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
    'Work takes longer than ack_wait, so that the server hands messages out again while they are still worked on. Work is done twice.',
  signs:
    'Messages are settled, a message takes at least 80% of ack_wait, and 5% or more of the deliveries are redeliveries, no faster than expiry explains and not most of them refused. doctor: a warning already when nothing was delivered again yet.',
  advice:
    'Raise ack_wait to three times the time a message takes (with a backoff: its steps, as they override ack_wait), say "in progress" from long jobs, or fetch smaller batches.',
  test: (facts) => {
    const { pace, thresholds } = facts;
    const work = workTimeMs(facts);
    if (pace === undefined || work === undefined) return undefined;
    const wait = ackWaitMs(facts);
    if (work < thresholds.ackWaitShare * wait) return undefined;
    if (pace.redeliveryShare < thresholds.redeliveryShare || isOtherwise(facts)) return undefined;
    const about = pace.serviceMs === undefined ? 'over' : 'about';
    return {
      summary: `ack_wait is too short: a message takes ${about} ${span(work)}, ack_wait is ${span(wait)}, and ${percent(pace.redeliveryShare)} of the deliveries are repeats.`,
      evidence: {
        service_ms: work,
        ack_wait_ms: wait,
        redelivery_share: pace.redeliveryShare,
        settle_per_s: pace.settlePerS,
        late_acks: facts.extras.tap?.lateAcks,
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

/** Chance, refused, in circles, or let expire by a deaf member of the group: that looks like slow work of them all. */
function isOtherwise(facts: ConsumerFacts): boolean {
  if ((facts.motion?.redeliveries ?? 0) < 1) return true;
  return (
    goesRound(facts) ||
    clientsRefuse(facts) ||
    mostlyRefused(facts) ||
    (facts.clients.deafMembers?.length ?? 0) > 0
  );
}

/** From delivery to acknowledgement; where nothing was acknowledged in the window, the time since the last one. */
function workTimeMs(facts: ConsumerFacts): number | undefined {
  if (facts.pace?.serviceMs !== undefined) return facts.pace.serviceMs;
  return refusals(facts) === 0 && finishesLately(facts) ? sinceAckMs(facts) : undefined;
}

/** Messages that were given up can keep the floor where it is: then nobody knows which one stands there. */
function hidesGivenUp({ config, redelivered, ackPending }: ConsumerSample): boolean {
  return config.maxDeliver !== undefined && redelivered > ackPending;
}

export const poisonAtFloor: ConsumerRule = {
  id: 'POISON_AT_FLOOR',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'One message is never finished while others pass it. The lag in seconds is that of this message, not of the queue.',
  signs:
    'The ack floor stands still while messages are settled, and the message above the floor is older than three times ack_wait (or the time that work takes).',
  advice: 'Look at that message. Repair its handling, or remove it from the stream.',
  test: (facts) => {
    const { last, motion, pace, oldestAgeMs, thresholds, extras } = facts;
    if (motion === undefined || pace === undefined || last.ackPending === 0) return undefined;
    if (motion.floor > 0 || motion.settled === 0 || oldestAgeMs === undefined) return undefined;
    if (hidesGivenUp(last)) return undefined;
    const patience =
      thresholds.poisonAckWaits * Math.max(last.config.ackWaitMs, pace.serviceMs ?? 0);
    if (oldestAgeMs <= patience) return undefined;
    const seq = extras.oldest?.seq ?? last.ackFloor.streamSeq + 1;
    return {
      summary: `Message ${count(seq)} has been unfinished for ${span(oldestAgeMs)} while ${plural(motion.settled, 'other')} passed it.`,
      evidence: {
        seq,
        subject: extras.oldest?.subject,
        size_bytes: extras.oldest?.sizeBytes,
        age_ms: oldestAgeMs,
        ack_pending: last.ackPending,
        settled_beyond: motion.settled,
        window_ms: motion.dtMs,
      },
    };
  },
  remedy: (facts) => {
    const seq = String(facts.extras.oldest?.seq ?? facts.last.ackFloor.streamSeq + 1);
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
  meaning: 'Workers refuse a large part of what they get, and it comes back at once.',
  signs:
    'Refusals (seen by listening, or redeliveries faster than ack_wait explains) are a fifth of the deliveries or more.',
  advice:
    'Look for the error behind the refusals, and let the workers refuse with a delay: what is refused without one comes back at once, also where a backoff is configured.',
  test: (facts) => {
    const { motion, pace, thresholds, extras } = facts;
    if (motion === undefined || pace === undefined || motion.deliveries < PATTERN) return undefined;
    const seen = extras.tap ?? undefined;
    const announced = extras.advisories;
    const naksPerS =
      seen !== undefined
        ? (1000 * seen.naks) / seen.durationMs
        : announced !== undefined
          ? (1000 * announced.naked) / announced.durationMs
          : clientsRefuse(facts)
            ? pace.redeliverPerS
            : 0;
    if (naksPerS < thresholds.nakShare * pace.deliverPerS || naksPerS === 0) return undefined;
    return {
      summary: `Workers refuse ${rate(naksPerS)} of the ${rate(pace.deliverPerS)} delivered.`,
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
