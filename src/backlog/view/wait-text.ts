import { formatDurationMs } from '../../core/values/duration.js';
import { formatCount } from '../../core/wording.js';
import { unmetText, type WaitState } from '../model/wait.js';

/** One line of progress: what is left, and for how long it has been waiting. */
export function waitProgress(state: WaitState, waitedMs: number): string {
  return `waiting until ${unmetText(state)} · ${formatDurationMs(1000 * Math.floor(waitedMs / 1000))}`;
}

/** `backlog<1 for 3 consumers of ORDERS after 12s`. */
export function reachedText(
  { consumers }: WaitState,
  conditions: readonly string[],
  target: string,
  waitedMs: number,
): string {
  const whose = consumers === 1 ? target : `${formatCount(consumers)} consumers of ${target}`;
  return `${conditions.join(' and ')} for ${whose} after ${formatDurationMs(waitedMs)}`;
}

/** The result as `--json` prints it. */
export function waitJson(
  {
    met,
    state,
    waitedMs,
  }: { readonly met: boolean; readonly state: WaitState | undefined; readonly waitedMs: number },
  conditions: readonly string[],
): object {
  return {
    met,
    until: conditions,
    waited_ms: Math.round(waitedMs),
    consumers: state?.consumers ?? null,
    left: (state?.left ?? []).map(({ stream, consumer, condition, value }) => ({
      stream,
      consumer,
      condition,
      value: value !== undefined && Number.isFinite(value) ? value : null,
    })),
  };
}
