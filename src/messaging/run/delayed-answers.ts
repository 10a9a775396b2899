import { setTimeout as sleep } from 'node:timers/promises';

import type { Answerer } from '../../core/message/answer.js';
import type { ReplyDelay } from '../../core/values/reply-delay.js';
import { drawDelayMs } from '../../core/values/reply-delay.js';

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
