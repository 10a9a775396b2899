import { formatDurationMs } from '../values/duration.js';
import { NatsxError } from '../errors.js';
import type { ReceivedMessage } from './message.js';
import type { MessageInPlace } from './message-in-place.js';
import { agree } from '../wording.js';

/** When reading ends by itself; without any of these it goes on until it is stopped. */
export interface ReadingLimits {
  /** The number of messages to read. */
  readonly count?: number | undefined;
  /** End when nothing has arrived for this long. */
  readonly idleMs?: number | undefined;
  /** End this long after subscribing. */
  readonly durationMs?: number | undefined;
}

/**
 * What brought reading to its end; `stopped` is a signal, or a reader of our output that went away; `reached` is the
 * end of what was asked for of a stream.
 */
export type ReadingEnd = 'count' | 'idle' | 'duration' | 'stopped' | 'reached';

/** What became of a message: `full` took it too, but wants no more until it is ready again. */
export type Taken = 'taken' | 'full' | 'dropped';

/** Where messages go. */
export interface MessageSink {
  /** The subscriptions are active: what is published from now on arrives. */
  subscribed(): void;
  /**
   * @param message valid until the call returns
   * @param count number of the message since the start, from 1
   * @param member which member of a queue group received it
   */
  message(message: MessageInPlace, count: number, member: string | undefined): Taken;
  /** Resolves when there is room again. */
  ready(): Promise<void>;
  /** Whether nothing more is wanted. */
  readonly closed?: boolean;
}

/** What became of a request that was seen. */
export type ExchangeOutcome =
  | 'replied'
  | 'no-reply'
  | 'no-responders'
  | 'no-reply-wanted'
  /** Its reply subject is none of the inboxes that are watched. */
  | 'reply-elsewhere';

/** A request that was seen, with one of its replies if there was any. */
export interface Exchange {
  readonly request: ReceivedMessage;
  /** Number of the request since the start, from 1. */
  readonly count: number;
  readonly outcome: ExchangeOutcome;
  readonly reply?: ReceivedMessage | undefined;
  /** From the arrival of the request here to the arrival of the reply here. */
  readonly latencyNs?: number | undefined;
  /** Which reply to this request it is, from 1. */
  readonly replyNumber?: number | undefined;
}

/** The outcome of a run of reading. */
export interface ReadingOutcome {
  readonly end: ReadingEnd;
  /** Arrived, passed the filter, and handed on. */
  readonly messages: number;
  /** Payload bytes of those. */
  readonly bytes: number;
  /** Arrived and left out by a filter. */
  readonly skipped: number;
  /** Arrived and dropped because they were not taken in time. */
  readonly dropped: number;
  /** From the time of subscribing to the end. */
  readonly elapsedMs: number;
  /** From the first message to the last. */
  readonly activeMs: number;
  /** How often the connection was lost, for how long in all, and how often because we did not read quickly enough. */
  readonly gaps: number;
  readonly gapMs: number;
  readonly slowConsumerCuts: number;
  /** Whether there was a connection at the end. */
  readonly connected: boolean;
  /** Whether the server still held something for us when we left. */
  readonly leftBehind: boolean;
}

/** For readers that miss nothing: what was lost with a connection is read or delivered again. */
export const NOTHING_MISSED = {
  gaps: 0,
  gapMs: 0,
  slowConsumerCuts: 0,
  leftBehind: false,
} as const satisfies Partial<ReadingOutcome>;

/** Whether a signal before the end is an interruption, not the way to end it. */
export function hasGoal(limits: ReadingLimits): boolean {
  return limits.count !== undefined || limits.durationMs !== undefined;
}

/**
 * Why the outcome is not what was asked for, if it is not: too few messages, no server, or an output with holes.
 * A signal is the caller's to judge.
 */
export function readingFailure(
  outcome: ReadingOutcome,
  limits: ReadingLimits,
): NatsxError | undefined {
  return endFailure(outcome, limits) ?? lossFailure(outcome);
}

function endFailure(outcome: ReadingOutcome, limits: ReadingLimits): NatsxError | undefined {
  const { end, messages } = outcome;
  if (end === 'reached') return tooFew(outcome, limits);
  if (end !== 'idle' && end !== 'duration') return undefined;
  if (!outcome.connected) {
    return new NatsxError('connection', 'the connection was lost and not restored by the end', {
      hint: 'look at the server; messages may have been missed',
      details: { messages },
    });
  }
  if (limits.count === undefined) return undefined;
  const arrived = `only ${messages} of ${limits.count} messages arrived`;
  const why =
    end === 'idle'
      ? `nothing more arrived for ${formatDurationMs(limits.idleMs ?? 0)}`
      : `${formatDurationMs(limits.durationMs ?? 0)} have passed`;
  return new NatsxError('timeout', `${arrived}: ${why}`, {
    hint: 'check the subject and its publisher, or allow more time',
    details: { messages, wanted: limits.count },
  });
}

/** A stream that ended before there were as many messages as were asked for. */
function tooFew(
  { messages, skipped }: ReadingOutcome,
  { count }: ReadingLimits,
): NatsxError | undefined {
  if (count === undefined || messages >= count) return undefined;
  const others = skipped === 0 ? '' : `, and ${skipped} were filtered out`;
  return new NatsxError(
    'timeout',
    `only ${messages} of ${count} messages are there: the end was reached${others}`,
    {
      hint: skipped === 0 ? 'check the subject and the range' : 'check --filter and --ignore',
      details: { messages, wanted: count },
    },
  );
}

function lossFailure(outcome: ReadingOutcome): NatsxError | undefined {
  const { messages, dropped, slowConsumerCuts } = outcome;
  if (dropped > 0) {
    const what = agree(dropped, 'message was', 'messages were');
    return new NatsxError(
      'unhealthy',
      `${dropped} ${what} dropped: they arrived faster than they could be written`,
      {
        hint: 'write to a file or read faster; --slow wait makes the server wait instead of dropping',
        details: { messages, dropped },
      },
    );
  }
  if (slowConsumerCuts === 0) return undefined;
  return new NatsxError(
    'unhealthy',
    'the connection was cut because messages were not read quickly enough; what the server held was lost',
    {
      hint: 'write to a file or read faster',
      details: { messages, slow_consumer_cuts: slowConsumerCuts },
    },
  );
}

/** Which time a message is shown with: of day, since the start, or since the message before. */
export type Timestamps = 'none' | 'absolute' | 'relative' | 'delta';
