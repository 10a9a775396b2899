import type { ConsumerInfo } from '../../streams/model/consumer-info.js';
import type { ArrivalLog } from '../model/reader.js';
import { Reader } from '../model/reader.js';
import { ReceiverTally } from '../model/receiver-tally.js';
import type { JetStreamApi } from '../../streams/run/api/jetstream-api.js';
import type { MessageView } from '../../wire/message-view.js';
import type { Session, SessionEvent } from '../../wire/session.js';
import { ConsumerPulls } from '../../streams/run/read/consumer-pulls.js';
import { TurnClock } from '../../messaging/run/turn-clock.js';
import type { Connections } from './connections.js';
import type { Harvest } from './harvest.js';

/** Which messages are read, and by how many. */
export interface ReceiverPlan {
  readonly runId: string;
  /** What to subscribe to; a wildcard where the system changes subjects on the way. */
  readonly pattern: string;
  /** Whether all that comes there is of this run. */
  readonly exclusive: boolean;
  /** Subscribers, in each queue group. */
  readonly subscribers: number;
  /** Empty: each subscriber gets all messages. */
  readonly queues: readonly string[];
  readonly timeoutMs: number;
  readonly inboxPrefix: string;
}

/** A consumer to read from. */
export interface ConsumerPlan {
  readonly api: JetStreamApi;
  readonly info: Pick<ConsumerInfo, 'stream_name' | 'name' | 'config'>;
}

/** Foreign messages of a shared consumer are handed back, and not at once, so that others get them. */
const HAND_BACK = Buffer.from('-NAK {"delay":5000000000}');
const ACK = Buffer.alloc(0);
const BATCH = 500;
/** Requests that are made ahead, so that the server never waits for the next one. */
const AHEAD = 2;
/** A request that a server forgot in a change of leaders is noticed after some of them. */
const HEARTBEAT_MS = 1_000;

/**
 * Subscribes without JetStream; resolves when the servers have all subscriptions.
 *
 * @throws {NatsxError} connection, auth, timeout
 */
export async function subscribeAll(
  connections: Connections,
  plan: ReceiverPlan,
  harvest: Harvest,
  signal: AbortSignal,
): Promise<void> {
  const clock = new TurnClock();
  const groups = plan.queues.length > 0 ? plan.queues : [undefined];
  for (const queue of groups) {
    const shared = queue === undefined ? undefined : new ReceiverTally(`queue group ${queue}`);
    if (shared !== undefined) harvest.add(shared);
    for (let member = 1; member <= plan.subscribers; member++) {
      const tally = shared ?? new ReceiverTally(`subscriber ${member}`);
      if (shared === undefined) harvest.add(tally);
      const reader = readerOf(plan, tally, harvest.log, (publisher) =>
        harvest.probed(tally.name, publisher),
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
 * Reads from a consumer with all subscribers, and acknowledges as its policy wants it.
 *
 * @throws {NatsxError} connection, auth
 */
export async function pullAll(
  connections: Connections,
  plan: ReceiverPlan & { readonly consumer: ConsumerPlan },
  harvest: Harvest,
  signal: AbortSignal,
): Promise<void> {
  const tally = new ReceiverTally(`consumer ${plan.consumer.info.name}`);
  harvest.add(tally);
  for (let member = 0; member < plan.subscribers; member++) {
    const held: { pulls?: ConsumerPulls } = {};
    const onEvent = (event: SessionEvent): void => {
      if (event.type === 'reconnected') held.pulls?.reconnected();
    };
    const session = await connections.open(signal, onEvent);
    const reader = readerOf(plan, tally, harvest.log);
    const pulls = pullInto(session, plan, reader, harvest);
    held.pulls = pulls;
    harvest.own(() => pulls.stop());
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
  plan: ReceiverPlan & { readonly consumer: ConsumerPlan },
  reader: Reader,
  harvest: Harvest,
): ConsumerPulls {
  const { api, info } = plan.consumer;
  const clock = new TurnClock();
  const answer = answererOf(session, info.config.ack_policy ?? 'none');
  const disturbed = (reason: string): void => harvest.disturbed(info.name, reason);
  const pulls: ConsumerPulls = new ConsumerPulls(session, {
    api,
    inboxPrefix: plan.inboxPrefix,
    consumer: info,
    batch: BATCH,
    heartbeatMs: HEARTBEAT_MS,
    room: () => AHEAD * BATCH,
    message: (view) => {
      const kind = reader.take(view, performance.timeOrigin + clock.nowMs());
      answer(view, kind === 'ours');
    },
    disturbed,
    // What is missing then is lost, which the counts tell.
    failed: ({ message }) => {
      disturbed(message);
      pulls.stop();
    },
  });
  return pulls;
}

/** How a message is acknowledged. With `all`, the last message of a turn stands for those before it. */
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
