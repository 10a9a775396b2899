import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { DialOptions } from '../../connection/model/dial.js';
import { payloadSource } from '../model/payload-source.js';
import type { NatsxError } from '../../core/errors.js';
import { connectClient } from '../../connection/connect.js';
import type { Client } from '../../connection/connect.js';
import { clientHeaders, loadJetStream } from '../../connection/load-jetstream.js';
import type { LoadJetStream } from '../../connection/load-jetstream.js';
import { translateError } from '../../connection/translate-error.js';
import { subjectOf } from './frame-block.js';
import type { FrameBlock } from './frame-block.js';
import type { WorkerSetup } from './worker-setup.js';
import { alreadyStoredError } from './link.js';
import type {
  AnswerHandler,
  CallKind,
  Calls,
  Delivered,
  DeliveryHandler,
  Link,
  PullRequest,
  RespondRequest,
} from './link.js';
import type { WorkerJob } from '../model/client-job.js';

/** The client buffers without a limit; after this many bytes, a round trip confirms that the server has them. */
const UNFLUSHED_BYTES = 256 * 1024;
/** A silent server ends the run after `--idle`; calls that failed at the same time would count as activity. */
const CALL_MARGIN_MS = 1_000;

export interface ClientLinkTools {
  readonly dial: DialOptions;
  readonly report: (error: NatsxError, fatal: boolean) => void;
}

/** Connects one client of a run through the `@nats-io` client. */
export async function openClientLink(
  setup: WorkerSetup,
  job: WorkerJob,
  tools: ClientLinkTools,
): Promise<Link> {
  const { dial, report } = tools;
  const policy = {
    waitForServerMs: 0,
    giveUpAfterMs: 0,
    onEvent: (event: { readonly type: string; readonly error?: NatsxError }) => {
      if (event.type === 'error' && event.error !== undefined) report(event.error, false);
    },
  };
  const client = await connectClient(dial, policy, new AbortController().signal);
  client.lost.addEventListener('abort', () => report(client.lost.reason as NatsxError, true));
  const jetStream =
    setup.stream === undefined
      ? undefined
      : await loadJetStream(client.connection, setup.jsApiPrefix, dial.timeoutMs);
  return new ClientLink(client, { setup, job, jetStream, report });
}

interface ClientLinkContext {
  readonly setup: WorkerSetup;
  readonly job: WorkerJob;
  readonly jetStream: LoadJetStream | undefined;
  readonly report: (error: NatsxError, fatal: boolean) => void;
}

/** The engine that shows what a Node.js service can reach: it uses only the client's API. */
class ClientLink implements Link {
  readonly kind = 'client';
  readonly #client: Client;
  readonly #nc: NatsConnection;
  readonly #context: ClientLinkContext;
  readonly #headers: ReturnType<typeof clientHeaders> | undefined;
  #unflushed = 0;
  #stopPull: (() => void) | undefined;

  constructor(client: Client, context: ClientLinkContext) {
    this.#client = client;
    this.#nc = client.connection;
    this.#context = context;
    const { headers } = context.setup.plan;
    this.#headers = headers.length === 0 ? undefined : clientHeaders(headers);
  }

  readonly sendFrames = (block: FrameBlock, from: number, to: number): boolean => {
    const options = this.#headers === undefined ? undefined : { headers: this.#headers };
    for (let frame = from; frame < to; frame++) {
      // The client encodes the message before it returns, so the block may change afterwards.
      const body = block.bytes.subarray(block.bodies[frame], (block.starts[frame + 1] ?? 0) - 2);
      this.#nc.publish(block.subjects[frame] ?? '', body, options);
    }
    this.#unflushed += (block.starts[to] ?? 0) - (block.starts[from] ?? 0);
    return this.#unflushed < UNFLUSHED_BYTES;
  };

  readonly writable = async (): Promise<void> => {
    this.#unflushed = 0;
    await this.#flushed();
  };

  readonly subscribe = (
    subject: string,
    queue: string | undefined,
    handler: DeliveryHandler,
  ): void => {
    this.#nc.subscribe(subject, {
      ...(queue === undefined ? {} : { queue }),
      callback: (error, message) => {
        if (error === null) handler(delivered(message));
        else this.#report(error, `subscribing to ${subject}`);
      },
    });
  };

  readonly respond = (request: RespondRequest): void => {
    const { subject, queue, delayMs, onAnswered } = request;
    const answer = (message: Msg): void => {
      if (message.respond(message.data)) onAnswered(message.data.length);
    };
    this.#nc.subscribe(subject, {
      queue,
      callback: (error, message) => {
        if (error !== null) this.#report(error, `answering on ${subject}`);
        else if (delayMs > 0) setTimeout(() => answer(message), delayMs);
        else answer(message);
      },
    });
  };

  readonly openCalls = (kind: CallKind, onAnswer: AnswerHandler): Calls => {
    const { setup, job } = this.#context;
    const { plan } = setup;
    const nextBody = payloadSource({
      size: plan.size,
      fixed: plan.payload,
      seed: plan.seed,
      streamNumber: job.slot,
    });
    let calls = 0;
    return {
      send: (number) => {
        const index = calls++;
        const body = kind === 'read' ? new Uint8Array(0) : nextBody();
        this.#call(kind, index, body).then(
          (bytesRead) => onAnswer(number, undefined, bytesRead),
          (error: unknown) =>
            onAnswer(number, translateError(error, `a call on ${plan.subject}`), 0),
        );
        return body.length;
      },
    };
  };

  readonly openBatches = (): never => {
    throw new Error('only the wire engine has batches');
  };

  /** @returns payload bytes read */
  async #call(kind: CallKind, index: number, body: Uint8Array): Promise<number> {
    const { setup, jetStream } = this.#context;
    const { plan, stream = '', stored } = setup;
    const subject = subjectOf(plan, index);
    switch (kind) {
      case 'request':
        await this.#nc.request(subject, body, {
          timeout: plan.idleMs + CALL_MARGIN_MS,
          ...(this.#headers === undefined ? {} : { headers: this.#headers }),
        });
        return 0;
      case 'store':
        if ((await jetStream?.publish(subject, body, this.#headers)) === false)
          throw alreadyStoredError();
        return 0;
      case 'read':
        return (
          (await jetStream?.directGet(
            stream,
            stored.first + (index % (stored.last - stored.first + 1)),
          )) ?? 0
        );
    }
  }

  readonly pull = async (request: PullRequest, handler: DeliveryHandler): Promise<void> => {
    const { jetStream, setup } = this.#context;
    // The client pulls ahead, so one client may hold messages that another one is waiting for.
    const limit = setup.plan.subscribers > 1 ? Infinity : request.limit;
    let seen = 0;
    this.#stopPull = await jetStream?.consume({
      ...request,
      onMessage: (message) => {
        if (seen >= limit) return;
        seen++;
        handler(delivered(message));
        if (request.ack === 'explicit' || (request.ack === 'all' && seen % request.batch === 0))
          message.ack();
      },
    });
  };

  readonly stopPulling = (): void => this.#stopPull?.();

  /** The client flushes its buffer by itself. */
  readonly push = (): void => undefined;

  readonly flush = (): Promise<void> => this.#flushed();

  readonly close = (): Promise<void> => this.#client.close();

  async #flushed(): Promise<void> {
    try {
      await this.#nc.flush();
    } catch (error) {
      // The cause of a lost connection is more helpful than the fact.
      const { lost } = this.#client;
      throw lost.aborted ? lost.reason : translateError(error, 'flushing published messages');
    }
  }

  #report(error: unknown, what: string): void {
    this.#context.report(translateError(error, what), false);
  }
}

function delivered(message: { readonly data: Uint8Array }): Delivered {
  return { buffer: message.data, payloadStart: 0, payloadEnd: message.data.length };
}
