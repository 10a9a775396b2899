import type { NatsxError } from '../../core/errors.js';
import { openLane } from '../../wire/open-lane.js';
import type { WorkerSetup } from './worker-setup.js';
import type { Link } from './link.js';
import type { WorkerJob } from './role.js';
import { WireLink } from './wire-link.js';

/** @param fatal whether the connection is gone */
export type OnLinkTrouble = (error: NatsxError, fatal: boolean) => void;

/**
 * Connects one client of a run through the plan's engine.
 * @throws {NatsxError} connection, auth
 */
export async function openLink(
  setup: WorkerSetup,
  job: WorkerJob,
  tell: OnLinkTrouble,
): Promise<Link> {
  const { plan, credentials, version } = setup;
  const dial = { ...setup.dial, credentials: (place = 0) => credentials[place] ?? {} };
  if (plan.engine === 'client') {
    // The client costs as much time to load as a short run; the default engine does without it.
    const { openClientLink } = await import('./client-link.js');
    return openClientLink(setup, job, { dial, tell });
  }
  const lane = await openLane(dial, {
    version,
    asyncError: (error) => tell(error, false),
    closed: (error) => {
      if (error !== undefined) tell(error, true);
    },
  });
  return new WireLink(lane, {
    plan,
    stream: setup.stream,
    streamNumber: job.slot,
    inboxPrefix: dial.inboxPrefix,
    jsApiPrefix: setup.jsApiPrefix,
    stored: setup.stored,
    onFailure: (error) => tell(error, false),
  });
}
