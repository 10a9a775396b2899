import { performance } from 'node:perf_hooks';
import type { NatsxError } from '../../core/errors.js';
import { clockSince } from './clock.js';
import type { HostSetup, LaneHost, Trouble } from './host-setup.js';
import type { Link } from './link.js';
import { laneCells, latenciesIn } from './meters.js';
import type { LaneContext, LaneRole, LaneTask, Pass } from './role.js';
import { openLink } from './open-link.js';
import { CallerRole } from './roles/caller.js';
import { ConsumerRole } from './roles/consumer.js';
import { PublisherRole } from './roles/publisher.js';
import { ResponderRole } from './roles/responder.js';
import { SubscriberRole } from './roles/subscriber.js';

const SENDING = new Set(['publisher']);

/** The lanes of one thread. */
export class LaneGroup implements LaneHost {
  readonly #setup: HostSetup;
  readonly #onTrouble: (trouble: Trouble) => void;
  readonly #links: Link[] = [];
  readonly #roles: LaneRole[] = [];
  readonly #mayBlock: boolean;
  #closing = false;

  /** @param isWorker whether this thread is for the lanes alone */
  constructor(setup: HostSetup, onTrouble: (trouble: Trouble) => void, isWorker: boolean) {
    this.#setup = setup;
    this.#onTrouble = onTrouble;
    this.#mayBlock = isWorker && setup.tasks.every((task) => SENDING.has(task.role));
  }

  readonly connect = async (): Promise<void> => {
    for (const task of this.#setup.tasks) {
      const link = await openLink(this.#setup, task, this.#tell);
      this.#links.push(link);
      this.#roles.push(makeRole(this.#contextOf(task, link), (error) => this.#tell(error, false)));
    }
  };

  readonly ready = async (pass: Pass): Promise<void> => {
    await Promise.all(this.#roles.map((role) => role.ready(pass)));
  };

  readonly run = async (pass: Pass, startNs: number): Promise<number> => {
    const before = performance.eventLoopUtilization();
    await Promise.all(this.#roles.map((role) => role.run(pass, startNs)));
    return performance.eventLoopUtilization(before).utilization;
  };

  readonly close = async (): Promise<void> => {
    this.#closing = true;
    await Promise.all(this.#links.map((link) => link.close()));
  };

  readonly #tell = (error: NatsxError, fatal: boolean): void => {
    if (this.#closing) return;
    const { kind, message, hint } = error;
    this.#onTrouble({ kind, message, hint, fatal });
  };

  #contextOf(task: LaneTask, link: Link): LaneContext {
    const { plan, counters, control, latencies, epochS, stream } = this.#setup;
    return {
      task,
      plan,
      link,
      stream,
      cells: laneCells(counters, task.slot),
      control: new Float64Array(control),
      latencies: latenciesIn(latencies),
      clock: clockSince(epochS),
      mayBlock: this.#mayBlock,
    };
  }
}

/** The part that a client plays. */
function makeRole(context: LaneContext, onFailure: (error: NatsxError) => void): LaneRole {
  switch (context.task.role) {
    case 'publisher':
      return new PublisherRole(context);
    case 'subscriber':
      return new SubscriberRole(context);
    case 'requester':
      return new CallerRole(context, 'request', onFailure);
    case 'responder':
      return new ResponderRole(context);
    case 'js-publisher':
      return new CallerRole(context, 'js-pub', onFailure);
    case 'js-consumer':
      return new ConsumerRole(context);
    case 'js-getter':
      return new CallerRole(context, 'js-get', onFailure);
  }
}
