import type { NatsxError } from '../../core/errors.js';
import { threadLoad } from '../../connection/thread-load.js';
import { batchModeOf } from '../model/plan.js';
import { ROLES } from '../model/scenario.js';
import { openLane } from '../../wire/open-lane.js';
import { clockSince } from './clock.js';
import type { ClockShift } from './clock.js';
import type { WorkerSetup, Worker, Trouble } from './worker-setup.js';
import type { Link } from './link.js';
import { FaultClock } from './fault-clock.js';
import { FirstCopies } from './first-copies.js';
import { clientCells, latenciesIn } from './meters.js';
import type { Latencies } from './meters.js';
import type { RoleContext, Role, Pass } from './role.js';
import type { WorkerJob } from '../model/client-job.js';
import { BatchPublisherRole } from './roles/batch-publisher.js';
import { CallerRole } from './roles/caller.js';
import { ConsumerRole } from './roles/consumer.js';
import { PublisherRole } from './roles/publisher.js';
import { ResponderRole } from './roles/responder.js';
import { SubscriberRole } from './roles/subscriber.js';
import { SteadyLink } from './steady-link.js';
import { WireLink } from './wire-link.js';
import type { Lane, LaneHandlers } from '../../wire/lane.js';
import { lineBytesPerS } from '../../faults/model/fault-plan.js';
import { faultDelayMs } from '../model/plan.js';

/** How long a server may be away under faults, besides the time that the faults take. */
const GIVE_UP_AFTER_MS = 30_000;

/** Runs its clients in this thread. */
export class LocalWorker implements Worker {
  readonly #setup: WorkerSetup;
  readonly #onTrouble: (trouble: Trouble) => void;
  readonly #links: Link[] = [];
  readonly #roles: Role[] = [];
  readonly #mayBlock: boolean;
  readonly #shift: ClockShift = { ns: 0 };
  readonly #latencies: Latencies;
  readonly #faultClock: FaultClock | undefined;
  #closing = false;

  /** @param isWorker whether this thread runs nothing else */
  constructor(setup: WorkerSetup, onTrouble: (trouble: Trouble) => void, isWorker: boolean) {
    this.#setup = setup;
    this.#onTrouble = onTrouble;
    this.#latencies = latenciesIn(setup.latencies);
    this.#faultClock = FaultClock.of(setup.plan, this.#latencies);
    this.#mayBlock = isWorker && setup.jobs.every(({ role }) => ROLES[role].counts === 'sent');
  }

  readonly connect = async (): Promise<void> => {
    for (const job of this.#setup.jobs) {
      const link = await openLink(this.#setup, job, this.#report);
      this.#links.push(link);
      this.#roles.push(makeRole(this.#contextOf(job, link), (error) => this.#report(error, false)));
    }
  };

  readonly ready = async (pass: Pass): Promise<void> => {
    this.#shift.ns = pass.shiftNs;
    await Promise.all(this.#roles.map((role) => role.ready(pass)));
  };

  readonly run = async (pass: Pass, startNs: number): Promise<number> => {
    const load = threadLoad();
    this.#faultClock?.begin(pass.number, startNs);
    await Promise.all(this.#roles.map((role) => role.run(pass, startNs)));
    return load();
  };

  readonly close = async (): Promise<void> => {
    this.#closing = true;
    await Promise.all(this.#links.map((link) => link.close()));
  };

  readonly #report = (error: NatsxError, fatal: boolean): void => {
    if (this.#closing) return;
    const { kind, message, hint } = error;
    this.#onTrouble({ kind, message, hint, fatal });
  };

  #contextOf(job: WorkerJob, link: Link): RoleContext {
    const { plan, counters, control, epochS, stream } = this.#setup;
    return {
      job,
      plan,
      link,
      stream,
      cells: clientCells(counters, job.slot),
      control: new Float64Array(control),
      latencies: this.#latencies,
      clock: clockSince(epochS, this.#shift),
      mayBlock: this.#mayBlock,
      faultClock: this.#faultClock,
    };
  }
}

/** The role of a client. */
function makeRole(context: RoleContext, onFailure: (error: NatsxError) => void): Role {
  switch (context.job.role) {
    case 'publisher':
      return new PublisherRole(context);
    case 'subscriber':
      return new SubscriberRole(context);
    case 'requester':
      return new CallerRole(context, 'request', onFailure);
    case 'responder':
      return new ResponderRole(context);
    case 'js-publisher':
      return batchModeOf(context.plan) === undefined
        ? new CallerRole(context, 'store', onFailure)
        : new BatchPublisherRole(context);
    case 'js-consumer':
      return new ConsumerRole(context);
    case 'js-getter':
      return new CallerRole(context, 'read', onFailure);
  }
}

/** @param fatal whether the connection is lost */
export type OnLinkTrouble = (error: NatsxError, fatal: boolean) => void;

/**
 * Connects one client of a run through the plan's engine.
 * @throws {NatsxError} connection, auth
 */
async function openLink(setup: WorkerSetup, job: WorkerJob, report: OnLinkTrouble): Promise<Link> {
  const { plan, credentials, version } = setup;
  const dial = { ...setup.dial, credentials: (place = 0) => credentials[place] ?? {} };
  if (plan.engine === 'client') {
    // Loading the client takes as long as a short run; the default engine does not need it.
    const { openClientLink } = await import('./client-link.js');
    return openClientLink(setup, job, { dial, report });
  }
  const wire = {
    plan,
    stream: setup.stream,
    streamNumber: job.slot,
    inboxPrefix: dial.inboxPrefix,
    jsApiPrefix: setup.jsApiPrefix,
    stored: setup.stored,
  };
  const connect = (handlers: LaneHandlers): Promise<Lane> =>
    openLane(dial, { version, ...handlers });
  if (plan.faults !== undefined) {
    const { firstCopies: memory, stored, stream = '' } = setup;
    return SteadyLink.open({
      connect,
      wire,
      report,
      delayMs: faultDelayMs(plan),
      lineBytesPerS: lineBytesPerS(plan.faults),
      giveUpAfterMs: GIVE_UP_AFTER_MS + faultDelayMs(plan),
      firstCopies: memory === undefined ? undefined : new FirstCopies(memory, stored, stream),
    });
  }
  const lane = await connect({
    asyncError: (error) => report(error, false),
    closed: (error) => {
      if (error !== undefined) report(error, true);
    },
  });
  return new WireLink(lane, { ...wire, onFailure: (error) => report(error, false) });
}
