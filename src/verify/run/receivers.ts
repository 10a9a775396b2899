import type { ConsumerInfo } from '../../streams/model/consumer-info.js';
import type { ArrivalLog } from '../model/reader.js';
import { NumberSet } from '../model/number-set.js';
import { Reader } from '../model/reader.js';
import { Delivery } from '../../streams/model/delivery.js';
import { ReceiverTally } from '../model/receiver-tally.js';
import type { JetStreamApi } from '../../streams/run/api/jetstream-api.js';
import type { MessageView } from '../../wire/message-view.js';
import type { Session, SessionEvent } from '../../wire/session.js';
import { ConsumerPulls } from '../../streams/run/read/consumer-pulls.js';
import { TurnClock } from '../../messaging/run/turn-clock.js';
import type { Connections } from './connections.js';
import { ReadBack, type ReadBackOptions } from './read-back.js';
import type { ReceivedMessages } from './received-messages.js';

/** What is read, and by how many subscribers. */
export interface ReceiverPlan {
  readonly runId: string;
  /** What to subscribe to; with wildcards if subjects are mapped. */
  readonly pattern: string;
  /** Whether all messages there belong to this run. */
  readonly exclusive: boolean;
  /** Number of subscribers, or of members of each queue group. */
  readonly subscribers: number;
  /** Queue groups; if empty, each subscriber gets all messages. */
  readonly queues: readonly string[];
  readonly timeoutMs: number;
  readonly inboxPrefix: string;
}

/** A consumer to read from. */
export interface ConsumerPlan {
  readonly api: JetStreamApi;
  readonly info: Pick<ConsumerInfo, 'stream_name' | 'name' | 'config'>;
  /** Whether redeliveries of what was processed are recognized, and only acknowledged. */
  readonly remembers: boolean;
}

/** Foreign messages of a shared consumer are returned with a delay, so that other clients get them. */
const HAND_BACK = Buffer.from('-NAK {"delay":5000000000}');
const ACK = Buffer.alloc(0);
const BATCH = 500;
/** Pull requests sent in advance, so that the server never waits for the next one. */
const AHEAD = 2;
/** A pull request lost in a leader change is detected after a few missed heartbeats. */
const HEARTBEAT_MS = 1_000;

/**
 * Subscribes without JetStream; resolves when the servers have confirmed all subscriptions.
 *
 * @throws {NatsxError} connection, auth, timeout
 */
export async function subscribeAll(
  connections: Connections,
  plan: ReceiverPlan,
  received: ReceivedMessages,
  signal: AbortSignal,
): Promise<void> {
  const clock = new TurnClock();
  const groups = plan.queues.length > 0 ? plan.queues : [undefined];
  for (const queue of groups) {
    const shared = queue === undefined ? undefined : new ReceiverTally(`queue group ${queue}`);
    if (shared !== undefined) received.add(shared);
    for (let member = 1; member <= plan.subscribers; member++) {
      const tally = shared ?? new ReceiverTally(`subscriber ${member}`);
      if (shared === undefined) received.add(tally);
      const reader = readerOf(plan, tally, received.log, (publisher) =>
        received.noteProbe(tally.name, publisher),
      );
      const session = await connections.open(signal);
      session.subscribe(plan.pattern, { queue }, (view) => {
        reader.take(view, performance.timeOrigin + clock.nowMs());
      });
      await session.flush(plan.timeoutMs);
    }
  }
}

/**
 * Reads from a consumer with all subscribers, and acknowledges according to its ack policy.
 *
 * @throws {NatsxError} connection, auth
 */
export async function pullAll(
  connections: Connections,
  plan: ReceiverPlan & { readonly consumer: ConsumerPlan },
  received: ReceivedMessages,
  signal: AbortSignal,
): Promise<void> {
  const tally = new ReceiverTally(`consumer ${plan.consumer.info.name}`);
  received.add(tally);
  const { remembers, info } = plan.consumer;
  const processed = remembers ? new Processed(info.stream_name) : undefined;
  for (let member = 0; member < plan.subscribers; member++) {
    const held: { pulls?: ConsumerPulls } = {};
    const onEvent = (event: SessionEvent): void => {
      if (event.type === 'reconnected') held.pulls?.reconnected();
    };
    const session = await connections.open(signal, onEvent);
    const reader = readerOf(plan, tally, received.log);
    const pulls = pullInto(session, { ...plan, processed }, reader, received);
    held.pulls = pulls;
    received.onRelease(() => pulls.stop());
  }
}

/**
 * Reads a stream in order, from its start and as it grows.
 *
 * @throws {NatsxError} connection, auth, not-found, rejected, timeout
 */
export async function readInOrder(
  connections: Connections,
  plan: ReceiverPlan & {
    readonly stream: Pick<ReadBackOptions, 'api' | 'info' | 'faults'>;
  },
  received: ReceivedMessages,
  signal: AbortSignal,
): Promise<void> {
  const tally = new ReceiverTally('ordered consumer');
  received.add(tally);
  const held: { reading?: ReadBack } = {};
  const session = await connections.open(signal, ({ type }) => {
    if (type === 'reconnected') held.reading?.reconnected();
  });
  const reader = readerOf(plan, tally, received.log);
  const { pattern: subject, inboxPrefix } = plan;
  const reading = new ReadBack({ ...plan.stream, session, subject, inboxPrefix, reader });
  held.reading = reading;
  received.onRelease(() => void reading.close());
  await reading.start();
}

/** Places in a stream that were processed. */
class Processed {
  readonly #delivery: Delivery;
  readonly #places = new NumberSet();

  constructor(stream: string) {
    this.#delivery = new Delivery(stream);
  }

  /** @returns whether this message was processed before */
  has({ buffer, replyStart, replyEnd }: MessageView): boolean {
    const isPlaced = this.#delivery.read(buffer, replyStart, replyEnd);
    return isPlaced && !this.#places.add(this.#delivery.seq);
  }
}

function readerOf(
  plan: ReceiverPlan,
  tally: ReceiverTally,
  log: ArrivalLog,
  onProbe?: (publisher: number) => void,
): Reader {
  const { runId, exclusive } = plan;
  return new Reader({ runId, tally, log, exclusive, onProbe });
}

function pullInto(
  session: Session,
  plan: ReceiverPlan & {
    readonly consumer: ConsumerPlan;
    readonly processed: Processed | undefined;
  },
  reader: Reader,
  received: ReceivedMessages,
): ConsumerPulls {
  const { api, info } = plan.consumer;
  const clock = new TurnClock();
  const answer = answererOf(session, info.config.ack_policy ?? 'none');
  const disturbed = (reason: string): void => received.disturbed(info.name, reason);
  const pulls: ConsumerPulls = new ConsumerPulls(session, {
    api,
    inboxPrefix: plan.inboxPrefix,
    consumer: info,
    batch: BATCH,
    heartbeatMs: HEARTBEAT_MS,
    room: () => AHEAD * BATCH,
    message: (view) => {
      if (plan.processed?.has(view) === true) {
        answer(view, true);
        return;
      }
      const kind = reader.take(view, performance.timeOrigin + clock.nowMs());
      answer(view, kind === 'ours');
    },
    disturbed,
    // Missing messages are then lost, which the counts show.
    failed: ({ message }) => {
      disturbed(message);
      pulls.stop();
    },
  });
  return pulls;
}

/** How a message is acknowledged. With `all`, only the last message of a turn. */
function answererOf(
  session: Session,
  ackPolicy: string,
): (view: MessageView, isOurs: boolean) => void {
  if (ackPolicy === 'none') return () => undefined;
  const publish = (subject: string, payload: Uint8Array): void => {
    if (session.connected) session.publish({ subject, payload });
  };
  if (ackPolicy !== 'all') {
    return (view, isOurs) => publish(view.reply ?? '', isOurs ? ACK : HAND_BACK);
  }
  let last: string | undefined;
  return (view) => {
    if (last === undefined) {
      setImmediate(() => {
        publish(last ?? '', ACK);
        last = undefined;
      });
    }
    last = view.reply;
  };
}
