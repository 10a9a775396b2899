import { randomBytes } from 'node:crypto';

import type { InferredFlags } from '@oclif/core/interfaces';

import { usageError } from '../../core/errors.js';
import { parseQueueGroup, parseConsumerName, parseStreamName } from '../../core/entity-name.js';
import { parsePublishSubject, parseSubscriptionPattern } from '../../core/subject/subject.js';
import type { FaultPlan } from '../../faults/model/fault-plan.js';
import { firstRoundMs } from '../../faults/model/fault-schedule.js';
import { ENVELOPE_BYTES } from '../model/envelope.js';
import { parseRunId } from '../model/run-id.js';
import type { verifySendFlags } from './flags.js';

const DEFAULT_MESSAGES = 10_000;
const DEFAULT_SIZE_BYTES = 128;
/** The envelope cannot distinguish more. */
const MOST_PUBLISHERS = 1_000;
/** Numbers in reply subjects repeat after this many. */
const MOST_MESSAGES_EACH = 1e8 - 1;

type SendFlagValues = Omit<InferredFlags<typeof verifySendFlags>, 'json'>;

/** Checks the flags for sending. @throws {NatsxError} usage */
export function sendOptions(flags: SendFlagValues) {
  const { pubs, msgs, rate, duration, size = DEFAULT_SIZE_BYTES, window } = flags;
  if (pubs > MOST_PUBLISHERS) throw usageError(`--pubs ${pubs} is more than ${MOST_PUBLISHERS}`);
  if (msgs === 0) throw usageError('--msgs 0 would verify nothing');
  if (duration === 0) throw usageError('--duration 0 would verify nothing');
  if (size < ENVELOPE_BYTES) {
    throw usageError(
      `--size ${size} is too small for the message number and checksum`,
      `use ${ENVELOPE_BYTES} bytes or more`,
    );
  }
  const messages = msgs ?? (duration === undefined ? DEFAULT_MESSAGES : undefined);
  if ((messages ?? 0) / pubs > MOST_MESSAGES_EACH) {
    throw usageError(`--msgs ${messages ?? 0} is too many for ${pubs} publishers`);
  }
  return {
    publishers: Math.min(pubs, messages ?? pubs),
    messages,
    durationMs: duration,
    ratePerSecond: rate,
    sizeBytes: size,
    window,
    messageIds: flags['msg-id'] && flags.mode === undefined,
    mode: flags.mode,
  };
}

/** Sending goes on for a while after each fault has happened once, so that the report shows how messages flow again. */
const AFTER_FAULTS = 1.25;

/**
 * Spreads the messages over the time that the faults need, if no other time is given: sent as fast as possible, most of
 * them would be through before the first fault.
 */
export function spreadOverFaults<
  Options extends Pick<ReturnType<typeof sendOptions>, 'messages' | 'durationMs' | 'ratePerSecond'>,
>(options: Options, faults: FaultPlan | undefined): Options {
  const { messages, durationMs, ratePerSecond } = options;
  const neededMs = faults === undefined ? 0 : AFTER_FAULTS * firstRoundMs(faults);
  const isTimed = durationMs !== undefined || ratePerSecond !== undefined;
  if (neededMs === 0 || isTimed || messages === undefined) return options;
  return { ...options, ratePerSecond: (messages * 1000) / neededMs };
}

/** The given run id, or a new one. @throws {NatsxError} usage */
export function runIdOf(given: string | undefined): string {
  return given === undefined ? randomBytes(4).toString('hex') : parseRunId(given);
}

/** The subject on which messages arrive. @throws {NatsxError} usage */
export function patternOf(given: string | undefined): string | undefined {
  return given === undefined ? undefined : parseSubscriptionPattern(given);
}

/** Checks the given names. @throws {NatsxError} usage */
export function namesOf(given: {
  readonly subject?: string | undefined;
  readonly stream?: string | undefined;
  readonly durable?: string | undefined;
  readonly queue?: readonly string[] | undefined;
}) {
  const { subject, stream, durable, queue = [] } = given;
  return {
    subject: subject === undefined ? undefined : parsePublishSubject(subject),
    stream: stream === undefined ? undefined : parseStreamName(stream),
    durable: durable === undefined ? undefined : parseConsumerName(durable),
    queues: [...new Set(queue.map(parseQueueGroup))],
  };
}

/** Silence after which missing messages count as lost. */
export const SETTLE_MS = 3_000;
/** How long a receiver waits for the first message of the sender. */
export const IDLE_MS = 30_000;
const ACK_WAIT_MS = 5_000;

interface ConsumerFlagValues {
  readonly ack?: 'explicit' | 'all' | 'none' | undefined;
  readonly 'ack-wait'?: number | undefined;
  readonly 'max-deliver'?: number | undefined;
}

/** The consumer to read with: an existing one, or a temporary one with these policies. */
export function consumerChoice(durable: string | undefined, flags: ConsumerFlagValues) {
  if (durable !== undefined) return { kind: 'existing', name: durable } as const;
  return {
    kind: 'own',
    ackPolicy: flags.ack ?? 'explicit',
    ackWaitMs: flags['ack-wait'] ?? ACK_WAIT_MS,
    maxDeliver: flags['max-deliver'] ?? -1,
  } as const;
}
