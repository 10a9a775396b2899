import { setTimeout as sleep } from 'node:timers/promises';

import type { RemovedMessages } from '../../model/config-outcome.js';
import type { LossRange } from '../../model/losses.js';
import type { StreamInfo } from '../../model/stream-info.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import { readStream } from '../api/jetstream-entities.js';

/** Servers remove messages that lost their consumer a moment after they have answered. */
const LONGEST_MS = 2_000;
const AGAIN_MS = 50;

/**
 * How many messages were removed since a stream was read, compared with the expected number.
 *
 * @throws as `readStream`
 */
export async function removedMessages(
  api: JetStreamApi,
  before: StreamInfo,
  expected: LossRange,
): Promise<RemovedMessages> {
  const endMs = performance.now() + LONGEST_MS;
  for (;;) {
    const after = await readStream(api, before.config.name);
    const arrived = after.state.last_seq - before.state.last_seq;
    const count = before.state.messages + arrived - after.state.messages;
    if (count < expected.least && performance.now() < endMs) {
      await sleep(AGAIN_MS);
      continue;
    }
    const quiet = arrived === 0;
    const fewer = count < expected.least;
    const more = count > expected.most && !goesByItself(after);
    return { count: Math.max(0, count), unexpected: quiet && (fewer || more) };
  }
}

/** Whether messages are removed all the time, by age or by acknowledgements. */
function goesByItself({ config }: StreamInfo): boolean {
  return (
    (config.retention ?? 'limits') !== 'limits' ||
    (config.max_age ?? 0) > 0 ||
    config['allow_msg_ttl'] === true
  );
}
