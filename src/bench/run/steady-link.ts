import { setTimeout as sleep } from 'node:timers/promises';

import { NatsxError } from '../../core/errors.js';
import { Notifier } from '../../connection/notifier.js';
import type { Lane, LaneHandlers } from '../../wire/lane.js';
import type { MessageView } from '../../wire/message-view.js';
import type { FirstCopies } from './first-copies.js';
import type { FrameBlock } from './frame-block.js';
import type {
  AnswerHandler,
  CallKind,
  Calls,
  DeliveryHandler,
  Link,
  PullRequest,
  RespondRequest,
} from './link.js';
import { SteadyCalls } from './steady-calls.js';
import type { WireLinkOptions } from './wire-calls.js';
import { WireLink } from './wire-link.js';

export interface SteadyLinkOptions {
  /** Opens another connection. @throws {NatsxError} connection, auth */
  readonly connect: (handlers: LaneHandlers) => Promise<Lane>;
  readonly wire: Omit<WireLinkOptions, 'onFailure'>;
  readonly report: (error: NatsxError, fatal: boolean) => void;
  /** How much later than usual answers may be, in milliseconds. */
  readonly delayMs: number;
  /** How long the connection may be away, in milliseconds. */
  readonly giveUpAfterMs: number;
  /** Bytes per second that the line carries. */
  readonly lineBytesPerS: number;
  /** Absent if nothing is pulled from a stream. */
  readonly firstCopies: FirstCopies | undefined;
}

/** A pause between two attempts; the clients of a run do not all come at once. */
const PAUSE_MS = 50;
/** Before a pull that the server refused is repeated. */
const PULL_AGAIN_MS = 250;
/** How much longer than usual a round trip may take. */
const FLUSH_MS = 10_000;
const UNCONFIRMED_S = 0.1;
const LEAST_UNCONFIRMED_BYTES = 4 * 1024;

interface HeldFrames {
  readonly block: FrameBlock;
  readonly from: number;
  readonly to: number;
}

interface ActivePull {
  readonly request: PullRequest;
  readonly handler: DeliveryHandler;
  taken: number;
}

/** A link of the default engine that connects again after a fault, and goes on. */
export class SteadyLink implements Link {
  readonly kind = 'wire';
  readonly #options: SteadyLinkOptions;
  readonly #changed = new Notifier();
  readonly #setups: ((link: Link) => void)[] = [];
  readonly #calls: { readonly kind: CallKind; readonly steady: SteadyCalls }[] = [];
  #link: WireLink | undefined;
  #held: HeldFrames | undefined;
  #pull: ActivePull | undefined;
  #isClosing = false;
  #unconfirmedBytes = 0;

  private constructor(options: SteadyLinkOptions) {
    this.#options = options;
  }

  /** @throws {NatsxError} connection, auth */
  static async open(options: SteadyLinkOptions): Promise<SteadyLink> {
    const link = new SteadyLink(options);
    await link.#connect();
    return link;
  }

  readonly sendFrames = (block: FrameBlock, from: number, to: number): boolean => {
    this.#unconfirmedBytes += (block.starts[to] ?? 0) - (block.starts[from] ?? 0);
    if (this.#link !== undefined) {
      return this.#link.sendFrames(block, from, to) && !this.#mustConfirm;
    }
    // The sender waits for `writable` before it changes the block.
    this.#held = { block, from, to };
    return false;
  };

  readonly writable = (): Promise<void> =>
    this.#persistently(Infinity, async (link) => {
      const held = this.#held;
      this.#held = undefined;
      if (held !== undefined) link.sendFrames(held.block, held.from, held.to);
      await link.writable();
      if (!this.#mustConfirm) return;
      // What waits in sockets would be counted as sent long before it passes a slow line.
      await link.flush(this.#options.giveUpAfterMs);
      this.#unconfirmedBytes = 0;
    });

  readonly subscribe = (
    subject: string,
    queue: string | undefined,
    handler: DeliveryHandler,
  ): void => this.#setUp((link) => link.subscribe(subject, queue, handler));

  readonly respond = (request: RespondRequest): void =>
    this.#setUp((link) => link.respond(request));

  readonly openCalls = (kind: CallKind, onAnswer: AnswerHandler): Calls => {
    const { delayMs, giveUpAfterMs } = this.#options;
    const steady = new SteadyCalls({ onAnswer, delayMs, forgetAfterMs: giveUpAfterMs });
    this.#calls.push({ kind, steady });
    if (this.#link !== undefined) attach(this.#link, kind, steady);
    return steady;
  };

  /** A batch ends with its connection, so there is nothing to go on with. */
  readonly openBatches = (): never => {
    throw new Error('batches are refused together with faults');
  };

  readonly pull = async (request: PullRequest, handler: DeliveryHandler): Promise<void> => {
    this.#pull = { request, handler, taken: 0 };
    await this.#pullOn();
  };

  readonly stopPulling = (): void => {
    this.#pull = undefined;
    this.#link?.stopPulling();
  };

  readonly push = (): void => this.#link?.push();

  readonly flush = (timeoutMs: number): Promise<void> => {
    const patienceMs = timeoutMs + this.#options.delayMs + FLUSH_MS;
    const endMs = performance.now() + patienceMs;
    return this.#persistently(patienceMs, (link) =>
      link.flush(Math.max(1, endMs - performance.now())),
    );
  };

  readonly close = async (): Promise<void> => {
    this.#isClosing = true;
    for (const { steady } of this.#calls) steady.close();
    this.#changed.notify();
    await this.#link?.close();
  };

  get #mustConfirm(): boolean {
    const most = Math.max(LEAST_UNCONFIRMED_BYTES, UNCONFIRMED_S * this.#options.lineBytesPerS);
    return this.#unconfirmedBytes > most;
  }

  async #connect(): Promise<void> {
    const lane = await this.#options.connect({
      asyncError: (error) => this.#options.report(error, false),
      closed: (error) => {
        if (!this.#isClosing && error !== undefined) void this.#reconnect(error);
      },
    });
    const link = new WireLink(lane, {
      ...this.#options.wire,
      onFailure: (error) => this.#failed(error),
    });
    if (this.#isClosing) {
      await link.close();
      return;
    }
    this.#link = link;
    for (const setUp of this.#setups) setUp(link);
    for (const { kind, steady } of this.#calls) attach(link, kind, steady);
    await this.#pullOn();
    this.#changed.notify();
  }

  async #reconnect(lost: NatsxError): Promise<void> {
    this.#link = undefined;
    for (const { steady } of this.#calls) steady.detach();
    const endMs = performance.now() + this.#options.giveUpAfterMs;
    while (!this.#isClosing) {
      await sleep(PAUSE_MS * (0.5 + Math.random()));
      try {
        await this.#connect();
        return;
      } catch (error) {
        const isFinal = !(error instanceof NatsxError) || error.kind !== 'connection';
        if (!isFinal && performance.now() < endMs) continue;
        this.#options.report(error instanceof NatsxError ? error : lost, true);
        return;
      }
    }
  }

  #setUp(setUp: (link: Link) => void): void {
    this.#setups.push(setUp);
    if (this.#link !== undefined) setUp(this.#link);
  }

  async #pullOn(): Promise<void> {
    const pull = this.#pull;
    const { firstCopies } = this.#options;
    if (pull === undefined || this.#link === undefined) return;
    const { request } = pull;
    await this.#link.pull(
      { ...request, limit: request.limit - pull.taken },
      (view: MessageView) => {
        if (firstCopies?.isFirst(view) === false) return;
        pull.taken += 1;
        pull.handler(view);
      },
    );
  }

  /** The stream or its leader is away for a moment; whatever else the server refuses ends the run. */
  #failed(error: NatsxError): void {
    if (error.kind !== 'not-found' && error.kind !== 'timeout') {
      this.#options.report(error, false);
      return;
    }
    const link = this.#link;
    setTimeout(() => {
      if (link !== this.#link || this.#isClosing) return;
      link?.stopPulling();
      void this.#pullOn();
    }, PULL_AGAIN_MS);
  }

  /** Does `work` on a connection, and again on the next one if that is lost meanwhile. */
  async #persistently(timeoutMs: number, work: (link: WireLink) => Promise<void>): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      if (this.#isClosing) throw new NatsxError('connection', 'the connection is closed');
      const link = this.#link;
      if (link === undefined) {
        await this.#nextChange(endMs);
        continue;
      }
      try {
        await work(link);
        return;
      } catch (error) {
        const isLost = error instanceof NatsxError && error.kind === 'connection';
        if (!isLost || performance.now() >= endMs) throw error;
        // The end of the connection is noticed in a turn of its own.
        await sleep(1);
      }
    }
  }

  async #nextChange(endMs: number): Promise<void> {
    const leftMs = endMs - performance.now();
    if (leftMs <= 0) throw new NatsxError('timeout', 'the connection was not restored in time');
    if (leftMs === Infinity) await this.#changed.next();
    else await this.#changed.next(AbortSignal.timeout(leftMs));
  }
}

function attach(link: WireLink, kind: CallKind, steady: SteadyCalls): void {
  steady.attach(link.openCalls(kind, steady.answered), link.push);
}
