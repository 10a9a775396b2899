import { setTimeout as sleep } from 'node:timers/promises';

import { EnvelopeWriter } from '../model/envelope.js';
import type { ReceivedMessages } from './received-messages.js';
import type { RunSubject } from './prepare-stream.js';
import type { RunPublishers } from './sending.js';

const AGAIN_AFTER_MS = 20;
const NO_FILLER = new Uint8Array(0);

/**
 * Checks, without JetStream, that messages of each publisher reach each receiver before anything counts: in a cluster, a
 * new subscription takes a moment to propagate.
 *
 * @returns a note for each publisher whose probes did not arrive everywhere in time; the run begins all the same
 */
export async function probeWays(
  sending: RunPublishers,
  received: ReceivedMessages,
  way: RunSubject & { readonly runId: string; readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const endMs = performance.now() + way.timeoutMs;
  const notes: string[] = [];
  for (const [index, session] of sending.sessions.entries()) {
    const publisher = index + 1;
    const probe = new EnvelopeWriter(way.runId, publisher, NO_FILLER, 'probe');
    while (
      received.unprobed(publisher).length > 0 &&
      performance.now() < endMs &&
      !signal.aborted
    ) {
      const payload = probe.write(0, performance.timeOrigin + performance.now());
      if (session.connected) session.publish({ subject: way.subject, payload });
      await sleep(AGAIN_AFTER_MS);
    }
    const unheard = received.unprobed(publisher);
    if (unheard.length > 0 && !signal.aborted) {
      notes.push(
        `messages of publisher ${publisher} did not reach ${unheard.join(', ')} before the start${mapping(way)}`,
      );
    }
  }
  return notes;
}

/** The likely reason, if no subject for receiving was given. */
function mapping({ subject, arrivesAt }: RunSubject): string {
  return subject === arrivesAt
    ? `; if a server maps ${subject} to another subject, name that with --receive-subject`
    : `: nothing that was published to ${subject} arrived on ${arrivesAt}`;
}
