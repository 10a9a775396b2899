import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { ReplyTotals, Answerer } from '../../core/message/answer.js';
import { NatsxError } from '../../core/errors.js';
import { formatDurationMs } from '../../core/values/duration.js';
import { sleepUntil } from '../../connection/pause-until.js';
import type { Session, SessionEvent } from '../../wire/session.js';
import { unlessAborted } from '../../connection/abortable.js';
import { type SessionTarget, openPatientSession } from '../../wire/open-session.js';
import { type ReplyPlan, Responder } from './responder.js';
import { type ReplyDelay, drawDelayMs } from '../../core/values/reply-delay.js';

export interface ReplyResult extends ReplyTotals {
  /** Whether the duration has ended it. */
  readonly isTimeUp: boolean;
  /** What ended it or, if answers were refused, why. */
  readonly failure: NatsxError | undefined;
}

/**
 * Answers requests until the count or time is reached or the signal aborts, then finishes the requests that have arrived.
 *
 * @throws {NatsxError} connection, auth — the first connection
 */
export async function answerRequests(
  target: SessionTarget,
  plan: ReplyPlan,
  signal: AbortSignal,
): Promise<ReplyResult> {
  const stop = new AbortController();
  let refusal: NatsxError | undefined;
  let refused = 0;
  const onEvent = (event: SessionEvent): void => {
    if (event.type !== 'async-error') return;
    if (event.error.details?.['operation'] !== 'publish') stop.abort(event.error);
    else if (refused++ === 0) {
      refusal = event.error;
      plan.onRefused(event.error);
    }
  };
  const session = await openPatientSession(target, signal, onEvent);
  void session.closed.then((error) => {
    if (error !== undefined) stop.abort(error);
  });
  let isTimeUp = false;
  const responder = new Responder(session, plan, () => stop.abort());
  try {
    await session.flush(target.dial.timeoutMs).catch(() => undefined);
    const either = AbortSignal.any([signal, stop.signal]);
    if (!either.aborted) plan.onReady();
    const end = plan.durationMs === undefined ? Infinity : performance.now() + plan.durationMs;
    await sleepUntil(end, either);
    isTimeUp = !either.aborted;
    await finish(session, responder, plan.drainMs);
  } finally {
    await session.close();
  }
  const reason: unknown = stop.signal.reason;
  const failure = reason instanceof NatsxError ? reason : refusal;
  const totals = responder.totals;
  return { ...totals, answered: totals.answered - refused, refused, isTimeUp, failure };
}

/** Accepts no more requests, handles those that are on their way, and waits for their answers up to a limit. */
async function finish(session: Session, responder: Responder, drainMs: number): Promise<void> {
  const deadline = AbortSignal.timeout(Math.max(1, drainMs));
  responder.endInterest();
  await session.flush(drainMs).catch(() => undefined);
  await turn();
  await unlessAborted(responder.idle(), deadline);
  await responder.giveUp();
  await session.flush(drainMs).catch(() => undefined);
}

/** When answering ends by itself. */
interface ReplyGoal {
  readonly count: number | undefined;
  /** In milliseconds. */
  readonly duration: number | undefined;
}

/** Whether it ended because of its count or its time; always true if it has neither. */
export function hasReachedGoal(result: ReplyResult, { count, duration }: ReplyGoal): boolean {
  if (count !== undefined) return result.answered + result.unanswered >= count;
  return duration === undefined || result.isTimeUp;
}

/** The failure to report at the end, if any. */
export function replyFailure(result: ReplyResult, goal: ReplyGoal): NatsxError | undefined {
  if (result.failure !== undefined) return result.failure;
  if (!result.isTimeUp || hasReachedGoal(result, goal)) return undefined;
  const { count = 0, duration = 0 } = goal;
  const handled = result.answered + result.unanswered;
  return new NatsxError(
    'timeout',
    `only ${handled} of ${count} requests arrived within ${formatDurationMs(duration)}`,
    { details: { requests: handled, wanted: count } },
  );
}

/** Waits before it answers. @param random from 0 up to, not including, 1 */
export function delayed(
  delay: ReplyDelay | undefined,
  random: () => number,
  answerer: Answerer,
): Answerer {
  if (delay === undefined) return answerer;
  return async (request, number, signal) => {
    await sleep(drawDelayMs(delay, random()), undefined, { signal });
    return answerer(request, number, signal);
  };
}
