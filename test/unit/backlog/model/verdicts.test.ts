import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../src/backlog/model/diagnose.js';
import { explain } from '../../../../src/backlog/model/explain.js';
import type { FindingId } from '../../../../src/backlog/model/finding-id.js';
import type { Severity } from '../../../../src/core/findings/severity.js';
import { HOUR, MINUTE, still, T0, windowOf, type History } from './histories.js';

interface Case extends History {
  readonly why: string;
  /** Everything that is found, the verdict first. */
  readonly finds: readonly FindingId[];
  readonly severity: Severity;
}

const tap = {
  durationMs: 4000,
  acks: 0,
  naks: 0,
  delayedNaks: 0,
  inProgress: 0,
  terms: 0,
  lateAcks: 0,
  pulls: 0,
  pullers: 0,
};
const stored = (ageMs: number, sizeBytes?: number) => ({
  seq: 101,
  storedMs: T0 + 4000 - ageMs,
  subject: 'orders.new',
  sizeBytes,
  estimated: false,
});

/** Healthy whatever it looks like: an alarm for one of these at three in the morning is a defect. */
const HEALTHY: Readonly<Record<string, Case>> = {
  'nothing to do': {
    why: 'no backlog, workers wait',
    readings: still({ D: 100, W: 3, deliveredAt: -HOUR }),
    finds: ['OK'],
    severity: 'ok',
  },
  'nothing to do and nobody there': {
    why: 'an idle durable without a client is no backlog',
    readings: still({ D: 100, deliveredAt: -HOUR }),
    finds: ['OK'],
    severity: 'ok',
  },
  'busy, never a pull waiting': {
    why: 'a busy worker shows num_waiting 0 all the time; that alone says nothing',
    readings: [
      { P: 20, A: 10, D: 1000 },
      { P: 25, A: 10, D: 1200 },
      { P: 22, A: 10, D: 1400 },
    ],
    finds: ['OK'],
    severity: 'ok',
  },
  'sawtooth of a batch job, ending high': {
    why: 'it fell once and is not above its start by more than a batch',
    readings: [
      { P: 150, D: 1000 },
      { P: 30, D: 1240 },
      { P: 261, D: 1240 },
    ],
    finds: ['OK'],
    severity: 'ok',
  },
  'a few seconds of work': {
    why: '80 waiting at 20/s are four seconds',
    readings: [
      { P: 70, D: 100 },
      { P: 75, D: 140 },
      { P: 80, D: 180 },
    ],
    finds: ['OK'],
    severity: 'ok',
  },
  'a large backlog that drains': {
    why: 'it falls all the time',
    readings: [
      { P: 9000, D: 1000 },
      { P: 8000, D: 2200 },
      { P: 7000, D: 3400 },
    ],
    finds: ['OK'],
    severity: 'ok',
  },
  'one message just taken': {
    why: 'nothing waits, and what is in flight was delivered within the window',
    readings: [{ D: 100 }, { D: 100 }, { A: 1, D: 101 }],
    finds: ['OK'],
    severity: 'ok',
  },
  'small and fast at its ceiling': {
    why: 'one in flight at a time is a choice; it keeps up',
    readings: [
      { P: 3, A: 1, D: 100, W: 1 },
      { P: 2, A: 1, D: 160, W: 1 },
      { P: 3, A: 1, D: 220, W: 1 },
    ],
    config: { maxAckPending: 1 },
    finds: ['OK'],
    severity: 'ok',
  },
  'at-most-once, busy': {
    why: 'delivered counts as done where nothing is acknowledged',
    readings: [
      { P: 5, D: 100, F: 100 },
      { P: 5, D: 200, F: 200 },
      { P: 5, D: 300, F: 300 },
    ],
    config: { ackPolicy: 'none' },
    finds: ['OK'],
    severity: 'ok',
  },
  'ring buffer read in time': {
    why: 'the stream turns over six times in the window, and every message was delivered first',
    readings: [
      { D: 5000, firstSeq: 4801, messages: 200 },
      { D: 5600, firstSeq: 5401, messages: 200 },
      { D: 6200, firstSeq: 6001, messages: 200 },
    ],
    stream: { maxMessages: 200 },
    finds: ['OK'],
    severity: 'ok',
  },
  'short retention, reader at the head': {
    why: 'the age limit is a minute, the oldest unread message is milliseconds old',
    readings: [
      { P: 4, A: 2, D: 1000 },
      { P: 5, A: 2, D: 1200 },
      { P: 5, A: 2, D: 1400 },
    ],
    stream: { maxAgeMs: MINUTE },
    lookups: { oldest: stored(40), oldestAtStart: { ...stored(0), storedMs: T0 - 30 } },
    finds: ['OK'],
    severity: 'ok',
  },
  'after a restart, with nothing to do': {
    why: 'the server forgot when it delivered; that is no news about the consumer',
    readings: still({ D: 100, W: 1, deliveredAt: null }),
    finds: ['OK', 'JUST_RESTARTED'],
    severity: 'info',
  },
  'read before its messages expired': {
    why: 'everything was delivered and acknowledged; the stream is empty because their time to live is over',
    readings: still({ D: 50, F: 50, L: 50, firstSeq: 51, messages: 0, deliveredAt: -HOUR }),
    stream: { allowMsgTtl: true },
    finds: ['OK'],
    severity: 'ok',
  },
  'a filter that nothing matches': {
    why: 'right by the numbers; a hint for whoever wonders why nothing comes',
    readings: still({ L: 10, W: 1, deliveredAt: null }),
    config: { filters: ['orders.nwe'] },
    lookups: { unmatchedFilter: { nearest: ['orders.new'] } },
    finds: ['FILTER_MATCHES_NOTHING', 'OK'],
    severity: 'info',
  },
  'at the end of an empty stream': {
    why: 'a consumer of new messages begins at the last sequence, whatever is stored',
    readings: still({ S: 100, F: 100, L: 100, firstSeq: 101, messages: 0, deliveredAt: null }),
    config: { deliverPolicy: 'new' },
    finds: ['OK'],
    severity: 'ok',
  },
  'read a little later than its stream': {
    why: 'each message is delivered at once, and the stream was read before it came in',
    readings: [
      { D: 101, F: 101, L: 100, W: 1 },
      { D: 201, F: 201, L: 200, W: 1 },
      { D: 301, F: 301, L: 300, W: 1 },
    ],
    finds: ['OK'],
    severity: 'ok',
  },
  'read once, a little later than its stream': {
    why: 'its last delivery is younger than the reading of the stream',
    readings: [{ D: 101, F: 101, L: 100, W: 1, deliveredAt: 1 }],
    finds: ['OK'],
    severity: 'ok',
  },
  'beyond the end of a mirror that still copies': {
    why: 'it begins at a message that the mirror has yet to get',
    readings: still({ S: 999, F: 999, L: 8, deliveredAt: null }),
    streamSample: {
      upstreams: [{ kind: 'mirror', name: 'ORIGIN', lag: 5000, activeMs: 10 }],
    },
    finds: ['OK'],
    severity: 'ok',
  },
  'unused for weeks, nothing waits': {
    why: 'an orphan without a backlog is a note',
    readings: still({ D: 100, deliveredAt: -400 * HOUR }),
    finds: ['OK', 'ORPHANED_DURABLE'],
    severity: 'info',
  },
};

const SICK: Readonly<Record<string, Case>> = {
  'about to expire unread': {
    why: 'nobody reads, and the next message ends by its own time to live in half a minute',
    readings: still({ P: 50, deliveredAt: null }),
    stream: { allowMsgTtl: true },
    lookups: { expiresMs: T0 + 34_000 },
    finds: ['NO_CLIENT', 'DATA_LOSS_IMMINENT'],
    severity: 'critical',
  },
  'expiring messages that are read in time': {
    why: 'the next message expires soon, and the consumer advances as fast as messages come in',
    readings: [
      { P: 900, A: 2, D: 1000 },
      { P: 900, A: 2, D: 1200 },
      { P: 900, A: 2, D: 1400 },
    ],
    stream: { allowMsgTtl: true },
    lookups: {
      oldest: { ...stored(0), storedMs: T0 - 4000 },
      oldestAtStart: { ...stored(0), storedMs: T0 - 8000 },
      expiresMs: T0 + 5000,
    },
    finds: ['SLOW_PROCESSING'],
    severity: 'warning',
  },
  'expired unread': {
    why: 'the stream has moved on, nothing was delivered, and nothing is pending',
    readings: still({ L: 50, firstSeq: 51, messages: 0, deliveredAt: null }),
    stream: { allowMsgTtl: true },
    finds: ['UNREAD_EVICTED'],
    severity: 'critical',
  },
  'refused, with a delay as long as ack_wait': {
    why: 'naks were counted: what is in flight waits for its next try and is not in work',
    readings: [
      { P: 500, A: 10, D: 100, S: 100, R: 4, F: 90 },
      { P: 506, A: 10, D: 106, S: 104, R: 4, F: 94 },
      { P: 512, A: 10, D: 112, S: 108, R: 4, F: 98 },
    ],
    config: { ackWaitMs: 4000 },
    lookups: {
      advisories: {
        durationMs: 4000,
        naked: 6,
        nakedSeqs: [91],
        exhaustedSeqs: [],
        deletedUnackedMs: [],
      },
    },
    finds: ['NAK_STORM'],
    severity: 'warning',
  },
  'beyond the end of the stream': {
    why: 'nothing is pending, because what is published is skipped',
    readings: still({ S: 999, F: 999, L: 8, deliveredAt: null }),
    finds: ['CURSOR_AHEAD'],
    severity: 'critical',
  },
  'beyond the end, while messages come in': {
    why: 'the stream grows, and the consumer stays where the stream is not yet',
    readings: [
      { S: 999, F: 999, L: 100, W: 1, deliveredAt: null },
      { S: 999, F: 999, L: 200, W: 1, deliveredAt: null },
      { S: 999, F: 999, L: 300, W: 1, deliveredAt: null },
    ],
    finds: ['CURSOR_AHEAD'],
    severity: 'critical',
  },
  'beyond the end, with work in flight': {
    why: 'what was delivered before the stream lost its end is still with a worker',
    readings: still({ S: 300, D: 300, A: 2, F: 298, L: 150, W: 1, deliveredAt: -2000 }),
    finds: ['CURSOR_AHEAD'],
    severity: 'critical',
  },
  'only the ack floor beyond the end': {
    why: 'messages up to the floor count as done',
    readings: still({ S: 100, D: 100, F: 300, L: 100, deliveredAt: -2000 }),
    finds: ['CURSOR_AHEAD'],
    severity: 'critical',
  },
  'beyond the end, read once': {
    why: 'no delivery since the stream was read can explain it',
    readings: [{ S: 999, F: 999, L: 8, deliveredAt: null }],
    finds: ['CURSOR_AHEAD'],
    severity: 'critical',
  },
  paused: {
    why: 'the first gate of delivery is closed',
    readings: still({ P: 40, D: 100, W: 2, deliveredAt: -30_000 }),
    sample: { paused: true, pauseRemainingMs: HOUR },
    finds: ['PAUSED'],
    severity: 'critical',
  },
  'push without subscriber': {
    why: 'a deliver subject that nobody listens to',
    readings: still({ P: 40, D: 0, deliveredAt: null }),
    config: { deliverSubject: 'push.here' },
    finds: ['PUSH_UNBOUND'],
    severity: 'critical',
  },
  'nobody ever came': {
    why: 'messages, no pull, no delivery ever',
    readings: still({ P: 40, deliveredAt: null }),
    finds: ['NO_CLIENT'],
    severity: 'critical',
  },
  'worker left two minutes ago': {
    why: 'longer than a batch job rests',
    readings: still({ P: 40, D: 100, deliveredAt: -2 * MINUTE }),
    finds: ['NO_CLIENT'],
    severity: 'critical',
  },
  'worker left just now, or rests': {
    why: 'a worker that left and a batch job between two runs look the same',
    readings: still({ P: 40, D: 100, deliveredAt: -5000 }),
    finds: ['UNKNOWN'],
    severity: 'unknown',
  },
  'worker left just now, nobody is connected': {
    why: 'the connection list is empty, so there is nothing to wait for',
    readings: still({ P: 40, D: 100, deliveredAt: -5000 }),
    core: { open: [[], []] },
    finds: ['NO_CLIENT'],
    severity: 'critical',
  },
  'one reading only': {
    why: 'without history nobody can say, and that is never healthy',
    readings: [{ P: 40, D: 100 }],
    finds: ['UNKNOWN'],
    severity: 'unknown',
  },
  'crashed with work, past ack_wait': {
    why: 'in flight, silent for longer than ack_wait, nobody pulls',
    readings: still({ P: 40, A: 10, D: 110, deliveredAt: -MINUTE }),
    finds: ['CLIENT_GONE_WITH_WORK'],
    severity: 'critical',
  },
  'hangs, within ack_wait': {
    why: 'in flight, silent, but the wait is not over',
    readings: still({ P: 40, A: 10, D: 110, deliveredAt: -8000 }),
    finds: ['CLIENT_HUNG'],
    severity: 'warning',
  },
  'one long job and nothing behind it': {
    why: 'looks like a hang; nothing waits, so nobody is woken',
    readings: still({ A: 1, D: 110, deliveredAt: -8000 }),
    finds: ['CLIENT_HUNG'],
    severity: 'info',
  },
  'hangs past ack_wait, its connection is open': {
    why: 'the connection whose last traffic was the last delivery is still there',
    readings: still({ P: 40, A: 10, D: 110, deliveredAt: -MINUTE }),
    core: {
      open: [0, 1].map(() => [
        {
          server: 'one',
          cid: 7,
          atMs: T0,
          name: 'billing',
          address: '10.0.0.7:5000',
          pendingBytes: 0,
          outMessages: 12,
          inMessages: 3,
          startMs: T0 - HOUR,
          lastActivityMs: T0 - MINUTE + 3,
          subscriptionCount: 1,
          subscriptions: ['_INBOX.x'],
        },
      ]),
    },
    finds: ['CLIENT_HUNG'],
    severity: 'critical',
  },
  'a long job that says "in progress"': {
    why: 'last_active moves without a delivery, so the worker lives; no cause can be named yet',
    readings: [
      { P: 4, A: 10, D: 110, deliveredAt: -8000 },
      { P: 4, A: 10, D: 110, deliveredAt: 1000 },
      { P: 4, A: 10, D: 110, deliveredAt: 3000 },
    ],
    finds: ['UNKNOWN'],
    severity: 'unknown',
  },
  'ceiling reached, nothing acknowledged': {
    why: 'requests wait while all places are taken',
    readings: still({ P: 40, A: 5, D: 105, W: 3, deliveredAt: -9000 }),
    config: { maxAckPending: 5 },
    finds: ['STALLED_MAX_ACK_PENDING'],
    severity: 'critical',
  },
  'ceiling reached, work goes on too slowly': {
    why: 'requests wait, and the backlog grows at 10/s',
    readings: [
      { P: 400, A: 5, D: 105, W: 3 },
      { P: 420, A: 5, D: 115, W: 4 },
      { P: 440, A: 5, D: 125, W: 6 },
    ],
    config: { maxAckPending: 5 },
    finds: ['STALLED_MAX_ACK_PENDING'],
    severity: 'critical',
  },
  'ceiling full of retries': {
    why: 'refused messages keep their place until their delay is over; they come back faster than ack_wait explains',
    readings: [
      { P: 40, A: 5, D: 105, S: 100, R: 5, W: 2, F: 95 },
      { P: 40, A: 5, D: 110, S: 100, R: 5, W: 2, F: 95 },
      { P: 40, A: 5, D: 115, S: 100, R: 5, W: 2, F: 95 },
    ],
    config: { maxAckPending: 5 },
    finds: ['DELAYED_NAK_FULL', 'REDELIVERY_LOOP', 'STALLED_MAX_ACK_PENDING', 'NAK_STORM'],
    severity: 'critical',
  },
  'too slow and growing': {
    why: '100/s come in, 50/s are done, nobody waits',
    readings: [
      { P: 1000, A: 10, D: 100 },
      { P: 1100, A: 10, D: 200 },
      { P: 1200, A: 10, D: 300 },
    ],
    finds: ['SLOW_PROCESSING'],
    severity: 'critical',
  },
  'too slow, batch as large as the ceiling': {
    why: 'all places are taken, but nobody asks for more: the worker is the limit, not the ceiling',
    readings: [
      { P: 1000, A: 10, D: 100 },
      { P: 1100, A: 10, D: 200 },
      { P: 1200, A: 10, D: 300 },
    ],
    config: { maxAckPending: 10 },
    finds: ['SLOW_PROCESSING'],
    severity: 'critical',
  },
  'ack_wait shorter than the work': {
    why: 'settled at 2/s with 10 in flight is five seconds a message, ack_wait is four, and a third are repeats',
    readings: [
      { P: 500, A: 10, D: 100, S: 100, R: 4, F: 90 },
      { P: 506, A: 10, D: 106, S: 104, R: 4, F: 94 },
      { P: 512, A: 10, D: 112, S: 108, R: 4, F: 98 },
    ],
    config: { ackWaitMs: 4000 },
    finds: ['ACK_WAIT_TOO_SHORT'],
    severity: 'critical',
  },
  'the same messages in circles': {
    why: 'refused at once, no limit of tries, the floor stands',
    readings: [
      { P: 90, A: 10, D: 1000, S: 110, R: 10, F: 100 },
      { P: 90, A: 10, D: 3000, S: 110, R: 10, F: 100 },
      { P: 90, A: 10, D: 5000, S: 110, R: 10, F: 100 },
    ],
    finds: ['REDELIVERY_LOOP', 'NAK_STORM'],
    severity: 'critical',
  },
  'refused at once, tries limited': {
    why: 'no endless loop, but most deliveries are refusals coming back',
    readings: [
      { P: 90, A: 10, D: 1000, S: 110, R: 10, F: 100 },
      { P: 90, A: 10, D: 3000, S: 110, R: 10, F: 100 },
      { P: 90, A: 10, D: 5000, S: 110, R: 10, F: 100 },
    ],
    config: { maxDeliver: 1000 },
    finds: ['NAK_STORM'],
    severity: 'warning',
  },
  'one message never finished': {
    why: 'others pass it; the lag is its own',
    readings: [
      { A: 1, D: 200, F: 100 },
      { A: 1, D: 240, F: 100 },
      { A: 1, D: 280, F: 100 },
    ],
    config: { ackWaitMs: 5000 },
    lookups: { oldest: stored(10 * MINUTE) },
    finds: ['POISON_AT_FLOOR'],
    severity: 'warning',
  },
  'given up after all tries': {
    why: 'nothing waits, and that is no health: five messages were never processed',
    readings: still({ D: 110, S: 105, R: 5, F: 105, deliveredAt: -MINUTE }),
    config: { maxDeliver: 2 },
    finds: ['EXHAUSTED'],
    severity: 'warning',
  },
  'given up on a queue whose server hides it': {
    why: 'with one try the redelivered count is hidden; the queue still stores the message',
    readings: still({ D: 5, F: 5, deliveredAt: -MINUTE, L: 5, messages: 5 }),
    config: { maxDeliver: 1 },
    stream: { retention: 'workqueue' },
    finds: ['EXHAUSTED'],
    severity: 'warning',
  },
  'pinned client does nothing': {
    why: 'another client waits while the pinned one takes nothing',
    readings: still({ P: 40, D: 100, W: 1, deliveredAt: -20_000 }),
    config: { priorityPolicy: 'pinned_client' },
    sample: { priorityGroups: [{ group: 'jobs', pinnedClientId: 'abc', pinnedMs: T0 - MINUTE }] },
    finds: ['PINNED_CLIENT_STUCK'],
    severity: 'critical',
  },
  'only standby clients': {
    why: 'they get messages only above their limit; as configured',
    readings: still({ P: 40, D: 100, W: 1, deliveredAt: -20_000 }),
    config: { priorityPolicy: 'overflow' },
    finds: ['OVERFLOW_NOT_REACHED'],
    severity: 'info',
  },
  'next message larger than any pull': {
    why: 'pulls are seen, each is refused',
    readings: still({ P: 40, D: 100, deliveredAt: -2 * MINUTE }),
    lookups: {
      next: stored(MINUTE, 50_000),
      tap: { ...tap, pulls: 4, pullers: 1, minMaxBytes: 1000 },
    },
    finds: ['PULL_MAX_BYTES_TOO_SMALL'],
    severity: 'critical',
  },
  'pulls above the limits': {
    why: 'a batch of 500 where 100 are allowed',
    readings: still({ P: 40, D: 100, deliveredAt: -2 * MINUTE }),
    config: { maxBatch: 100 },
    lookups: { tap: { ...tap, pulls: 4, pullers: 1, maxBatch: 500 } },
    finds: ['PULL_LIMIT_REJECTS'],
    severity: 'warning',
  },
  'too many pulls wait': {
    why: 'a third client is refused although nothing waits to be delivered',
    readings: still({ D: 100, W: 2, deliveredAt: -MINUTE }),
    config: { maxWaiting: 2 },
    finds: ['MAX_WAITING_FULL'],
    severity: 'warning',
  },
  'small batches over a long line': {
    why: 'one message per 100ms round trip is ten a second',
    readings: [
      { P: 400, A: 1, D: 100 },
      { P: 460, A: 1, D: 120 },
      { P: 520, A: 1, D: 140 },
    ],
    lookups: { tap: { ...tap, pulls: 40, pullers: 1, medianBatch: 1 } },
    core: {
      open: [0, 1].map(() => [
        {
          server: 'one',
          cid: 7,
          atMs: T0,
          name: 'w',
          address: 'a',
          rttMs: 110,
          pendingBytes: 0,
          outMessages: 0,
          inMessages: 0,
          subscriptionCount: 1,
          subscriptions: [],
        },
      ]),
    },
    finds: ['SMALL_BATCH_LATENCY', 'SLOW_PROCESSING'],
    severity: 'critical',
  },
  'flow control unanswered': {
    why: 'bound, room in flight, and nothing goes out',
    readings: still({ P: 4000, A: 20, D: 100, deliveredAt: -30_000 }),
    config: { deliverSubject: 'push.here', flowControl: true },
    sample: { pushBound: true },
    finds: ['FLOW_CONTROL_STALL'],
    severity: 'warning',
  },
  'rate limit used up': {
    why: '50 messages of 100 bytes a second are 40,000 bit/s, the limit',
    readings: [
      { P: 1000, D: 100 },
      { P: 1100, D: 200 },
      { P: 1200, D: 300 },
    ],
    config: { deliverSubject: 'push.here', rateLimitBitsPerS: 40_000 },
    sample: { pushBound: true },
    finds: ['RATE_LIMITED'],
    severity: 'warning',
  },
  'replay at the original pace': {
    why: 'the oldest message advances four seconds in four seconds',
    readings: [
      { P: 1000, D: 100 },
      { P: 1010, D: 110 },
      { P: 1020, D: 120 },
    ],
    config: { deliverSubject: 'push.here', replayOriginal: true },
    sample: { pushBound: true },
    lookups: { oldest: stored(HOUR), oldestAtStart: { ...stored(0), storedMs: T0 - HOUR } },
    finds: ['REPLAY_ORIGINAL'],
    severity: 'warning',
  },
  'all gates open, nothing flows': {
    why: 'requests wait for longer than any gate explains',
    readings: still({ P: 40, D: 100, W: 2, deliveredAt: -MINUTE }),
    finds: ['SERVER_STUCK'],
    severity: 'critical',
  },
  'all gates open, for a moment': {
    why: 'too short to accuse the server',
    readings: still({ P: 40, D: 100, W: 2, deliveredAt: -1000 }),
    finds: ['UNKNOWN'],
    severity: 'unknown',
  },
  'steady load above capacity': {
    why: 'an hour of the same rate; waiting does not help',
    readings: [
      { P: 1000, A: 10, D: 100 },
      { P: 1100, A: 10, D: 200 },
      { P: 1200, A: 10, D: 300 },
    ],
    lookups: { history: { perSecondLastMinute: 100, perSecondLastHour: 95, coveredMs: HOUR } },
    finds: ['SLOW_PROCESSING', 'SUSTAINED_OVERLOAD'],
    severity: 'critical',
  },
  'burst that is worked off': {
    why: 'three times the usual rate, and it falls',
    readings: [
      { P: 9000, D: 1000 },
      { P: 8000, D: 2200 },
      { P: 7000, D: 3400 },
    ],
    lookups: { history: { perSecondLastMinute: 300, perSecondLastHour: 20, coveredMs: HOUR } },
    finds: ['BURST', 'OK'],
    severity: 'info',
  },
  'dead worker and a short retention': {
    why: 'the cause stays the verdict, the loss is told with it',
    readings: still({ P: 40, D: 100, deliveredAt: -50 * MINUTE }),
    stream: { maxAgeMs: HOUR },
    lookups: { oldest: stored(40 * MINUTE) },
    finds: ['NO_CLIENT', 'DATA_LOSS_IMMINENT'],
    severity: 'critical',
  },
  'lost unread already': {
    why: 'the stream starts above what this consumer would read next',
    readings: still({ P: 5, D: 0, L: 12, firstSeq: 8, messages: 5, deliveredAt: null }),
    stream: { maxMessages: 5 },
    finds: ['NO_CLIENT', 'UNREAD_EVICTED'],
    severity: 'critical',
  },
  'all expired unread': {
    why: 'no backlog is left because all of it is lost; that is not health',
    readings: still({ P: 0, D: 10, L: 50, firstSeq: 51, messages: 0, deliveredAt: -HOUR }),
    stream: { maxAgeMs: MINUTE },
    finds: ['UNREAD_EVICTED'],
    severity: 'critical',
  },
  'overrun ring buffer': {
    why: '300/s come in, 15/s are read, the rest is thrown away: not 300/s of work',
    readings: [
      { P: 199, A: 1, D: 1000, S: 5000, firstSeq: 5000, messages: 200, L: 5199 },
      { P: 199, A: 1, D: 1030, S: 5600, firstSeq: 5600, messages: 200, L: 5799 },
      { P: 199, A: 1, D: 1060, S: 6200, firstSeq: 6200, messages: 200, L: 6399 },
    ],
    stream: { maxMessages: 200 },
    finds: ['SLOW_PROCESSING', 'DATA_LOSS_IMMINENT', 'UNREAD_EVICTED'],
    severity: 'critical',
  },
  'orphan with a backlog': {
    why: 'nobody has used it for weeks and messages wait',
    readings: still({ P: 40, D: 100, deliveredAt: -400 * HOUR }),
    finds: ['NO_CLIENT', 'ORPHANED_DURABLE'],
    severity: 'critical',
  },
  'marked as one that may lag': {
    why: 'its owner said so',
    readings: still({ P: 40, D: 100, deliveredAt: -HOUR }),
    config: { metadata: { 'io.natsx.ignore': 'true' } },
    finds: ['LEFT_BEHIND_BY_DESIGN'],
    severity: 'info',
  },
  'hot subject behind a dead worker': {
    why: 'a note beside the cause',
    readings: still({ P: 40, D: 100, deliveredAt: -HOUR }),
    lookups: {
      subjects: [
        { subject: 'orders.a', messages: 30 },
        { subject: 'orders.b', messages: 10 },
      ],
    },
    finds: ['NO_CLIENT', 'HOT_SUBJECT'],
    severity: 'critical',
  },
  'made anew during the window': {
    why: 'no deltas across two lives of a consumer',
    readings: [
      { P: 40, D: 900 },
      { P: 90, D: 10 },
    ],
    finds: ['UNKNOWN'],
    severity: 'unknown',
  },
  'filtered, everything redelivered is unknown': {
    why: 'with a filter and redeliveries first deliveries are bounded by what pending lost',
    readings: [
      { P: 90, A: 10, D: 1000, S: 110, R: 10, F: 100, L: 200 },
      { P: 90, A: 10, D: 3000, S: 110, R: 10, F: 100, L: 200 },
    ],
    config: { filters: ['orders.a'] },
    finds: ['REDELIVERY_LOOP', 'NAK_STORM'],
    severity: 'critical',
  },
};

describe('the verdict on a consumer', () => {
  it.each(Object.entries({ ...HEALTHY, ...SICK }))('%s', (_name, one) => {
    const report = diagnose(windowOf(one)).streams[0]?.consumers.find(
      ({ name }) => name === 'worker',
    );
    expect(
      report?.findings.map(({ id }) => id),
      one.why,
    ).toEqual(one.finds);
    expect(report?.severity).toBe(one.severity);
    expect(report?.verdict).toBe(one.finds[0]);
  });

  it('calls no healthy consumer anything worse than a note', () => {
    const alarmed = Object.entries(HEALTHY).filter(([, one]) =>
      diagnose(windowOf(one)).streams.some(({ consumers }) =>
        consumers.some(({ severity }) => severity !== 'ok' && severity !== 'info'),
      ),
    );
    expect(alarmed.map(([name]) => name)).toEqual([]);
  });

  it('tells the loss in the headline of whatever the cause is', () => {
    const dead = SICK['dead worker and a short retention']!;
    expect(diagnose(windowOf(dead)).streams[0]?.consumers[0]?.headline).toMatchInlineSnapshot(
      `"No client is pulling: the last delivery was 50m ago, and 40 messages wait, and unread messages are lost in 20m."`,
    );
  });
});

describe('the commands of a verdict', () => {
  const remedyOf = (history: History, id: FindingId): readonly string[] => {
    const [worker] = diagnose(windowOf(history)).streams[0]!.consumers;
    return worker!.findings.find((one) => one.id === id)?.remedy ?? [];
  };

  it('raise the steps of a backoff, which overrides ack_wait', () => {
    const history: History = {
      readings: [
        { P: 500, A: 10, D: 100, S: 100, R: 4, F: 90 },
        { P: 506, A: 10, D: 106, S: 104, R: 4, F: 94 },
        { P: 512, A: 10, D: 112, S: 108, R: 4, F: 98 },
      ],
      config: { ackWaitMs: 4000, backoffMs: [4000, 60_000], maxDeliver: 5 },
    };
    expect(remedyOf(history, 'ACK_WAIT_TOO_SHORT')).toEqual([
      'natsx consumer edit ORDERS worker --backoff 15s,1m --yes',
    ]);
  });

  it('lead to the messages that were given up, and bring them back', () => {
    const history: History = {
      readings: still({ D: 110, S: 105, R: 5, F: 99, deliveredAt: -MINUTE }),
      config: { maxDeliver: 2, filters: ['orders.>'] },
    };
    expect(remedyOf(history, 'EXHAUSTED')).toEqual([
      "natsx sub 'orders.>' --stream ORDERS --from-seq 100 --to-seq 105 --until-end",
      'natsx consumer skip ORDERS worker --to 100 --yes',
    ]);
  });

  it('say how many messages a limit of tries gives up', () => {
    const history: History = {
      readings: [
        { P: 90, A: 10, D: 1000, S: 110, R: 10, F: 100 },
        { P: 90, A: 10, D: 3000, S: 110, R: 10, F: 100 },
        { P: 90, A: 10, D: 5000, S: 110, R: 10, F: 100 },
      ],
    };
    const [worker] = diagnose(windowOf(history)).streams[0]!.consumers;
    const [loop] = worker!.findings;
    expect(loop?.id).toBe('REDELIVERY_LOOP');
    expect(loop?.summary).toContain('given up immediately: up to 10.');
    expect(loop?.remedy.join(' ')).toContain('--max-deliver 5');
  });

  it('answer to an id of before', () => {
    expect(explain('ACK_WAIT_SHORT')?.id).toBe('ACK_WAIT_TOO_SHORT');
  });
});
