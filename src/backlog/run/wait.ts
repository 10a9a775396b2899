import { NatsxError } from '../../core/errors.js';
import type { Threshold } from '../../core/values/threshold.js';
import { checkTarget } from '../../streams/run/api/target.js';
import type { BacklogReport } from '../model/report.js';
import type { BacklogRequest } from '../model/request.js';
import { isMet, waitState, type WaitState } from '../model/wait.js';
import { followBacklog } from './backlog.js';
import type { BacklogPort } from './reader/window-reader.js';

export interface WaitPlan {
  readonly conditions: readonly Threshold[];
  readonly timeoutMs: number;
  readonly onReading: (report: BacklogReport, state: WaitState) => void;
}

export interface WaitOutcome {
  readonly met: boolean;
  /** Undefined if nothing was read in time. */
  readonly state: WaitState | undefined;
  readonly waitedMs: number;
}

/**
 * Reads the backlog again and again until every consumer meets every condition, the time is up, or the signal aborts.
 *
 * @throws {NatsxError} not-found — no such stream or consumer, or it was removed meanwhile; connection — lost for good
 */
export async function waitForBacklog(
  port: BacklogPort,
  request: BacklogRequest,
  plan: WaitPlan,
  signal: AbortSignal,
): Promise<WaitOutcome> {
  const startMs = performance.now();
  const deadline = AbortSignal.timeout(plan.timeoutMs);
  const isNamed = request.consumer !== undefined;
  let state: WaitState | undefined;
  for await (const report of followBacklog(port, request, AbortSignal.any([signal, deadline]))) {
    state = waitState(report, plan.conditions, isNamed);
    if (state.consumers === 0) await checkConsumers(port, request, state);
    plan.onReading(report, state);
    if (isMet(state)) return { met: true, state, waitedMs: performance.now() - startMs };
  }
  return { met: false, state, waitedMs: performance.now() - startMs };
}

/** Waiting for consumers that do not exist would never end. */
async function checkConsumers(
  port: BacklogPort,
  request: BacklogRequest,
  { unread }: WaitState,
): Promise<void> {
  await checkTarget(port, request);
  if (unread !== undefined) return;
  const { stream } = request;
  throw new NatsxError(
    'not-found',
    stream === undefined
      ? 'there are no consumers to wait for'
      : `${stream} has no consumers to wait for`,
    { hint: 'natsx consumer ls STREAM lists the consumers of a stream' },
  );
}
