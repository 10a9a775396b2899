import { setTimeout as sleep } from 'node:timers/promises';

import { EnvelopeWriter } from '../model/envelope.js';
import type { Harvest } from './harvest.js';
import type { RunSubject } from './prepare-stream.js';
import type { RunPublishers } from './sending.js';

const AGAIN_AFTER_MS = 20;
const NO_FILLER = new Uint8Array(0);

/**
 * Makes sure, without JetStream, that what each publisher sends reaches each receiver before anything counts: in a
 * cluster, word of a new subscription takes a moment to get around.
 *
 * @returns a note for each publisher that somebody did not hear of in time; counting begins all the same
 */
export async function probeWays(
  sending: RunPublishers,
  harvest: Harvest,
  way: RunSubject & { readonly runId: string; readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const endMs = performance.now() + way.timeoutMs;
  const notes: string[] = [];
  for (const [index, session] of sending.sessions.entries()) {
    const publisher = index + 1;
    const probe = new EnvelopeWriter(way.runId, publisher, NO_FILLER, 'probe');
    while (harvest.unprobed(publisher).length > 0 && performance.now() < endMs && !signal.aborted) {
      const payload = probe.write(0, performance.timeOrigin + performance.now());
      if (session.connected) session.publish({ subject: way.subject, payload });
      await sleep(AGAIN_AFTER_MS);
    }
    const unheard = harvest.unprobed(publisher);
    if (unheard.length > 0 && !signal.aborted) {
      notes.push(
        `publisher ${publisher} was not heard by ${unheard.join(', ')} before the start${mapping(way)}`,
      );
    }
  }
  return notes;
}

/** The likely reason, where no subject but the one of publishing was named. */
function mapping({ subject, arrivesAt }: RunSubject): string {
  return subject === arrivesAt
    ? `; if a server maps ${subject} to another subject, --receive-subject names that`
    : `: nothing came at ${arrivesAt} of what was published at ${subject}`;
}
