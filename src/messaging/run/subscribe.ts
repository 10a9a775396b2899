import { NatsxError } from '../../core/errors.js';
import type { MessageInPlace } from '../../core/message/message-in-place.js';
import type {
  MessageSink,
  ReadingEnd,
  ReadingLimits,
  ReadingOutcome,
} from '../../core/message/reading.js';
import type { Session, SessionEvent } from '../../wire/session.js';
import { unlessAborted } from '../../connection/abortable.js';
import { ConnectionGaps } from '../../wire/connection-gaps.js';
import { FailureSignal } from '../../connection/failure-signal.js';
import { immediateHandling, type MessageHandling } from './message-handling.js';
import { openPatientSession, type SessionTarget } from '../../wire/open-session.js';
import { ReadingMeter } from './reading-meter.js';

/** Interest in one pattern. */
export interface Interest {
  readonly pattern: string;
  readonly queue?: string | undefined;
  /** Name of the member of the queue group, passed on with each message. */
  readonly member?: string | undefined;
  /** Handles the messages instead, without counting them, for subjects that serve another purpose. */
  readonly onMessage?: ((message: MessageInPlace) => void) | undefined;
}

export interface SubscribeRequest {
  /** One list for each connection. */
  readonly connections: readonly (readonly Interest[])[];
  readonly limits: ReadingLimits;
  /** Which messages are wanted; all when absent. */
  readonly accepts?: ((message: MessageInPlace) => boolean) | undefined;
  /** What happens before the sink; nothing if absent. */
  readonly handling?: MessageHandling | undefined;
}

/** How long messages that are on their way may take to arrive when the subscription ends. */
const DRAIN_MS = 5_000;
const UNWANTED_DRAIN_MS = 100;

/**
 * Subscribes and passes every message to the sink until a limit is reached or the signal aborts; then drains: messages
 * that the server has sent by then still arrive.
 *
 * @throws {NatsxError} connection; auth — refused, not permitted to subscribe, a credential that has expired
 * @throws the signal's reason when it aborts before the subscriptions are active
 */
export async function subscribe(
  target: SessionTarget,
  request: SubscribeRequest,
  sink: MessageSink,
  signal: AbortSignal,
): Promise<ReadingOutcome> {
  const subscriber = new Subscriber(request, sink);
  try {
    await subscriber.open(target, signal);
    const end = await subscriber.finish(signal);
    return subscriber.outcome(end);
  } finally {
    await subscriber.close();
  }
}

/** A connection, and the server process at its other end. */
interface Slot {
  session?: Session | undefined;
  serverId?: string | undefined;
}

class Subscriber {
  readonly #request: SubscribeRequest;
  readonly #sink: MessageSink;
  readonly #handling: MessageHandling;
  readonly #run: ReadingMeter;
  readonly #gaps = new ConnectionGaps();
  readonly #sessions: Session[] = [];
  readonly #failure = new FailureSignal();
  #waiting = false;
  #closing = false;
  #connected = true;
  #leftBehind = false;

  constructor(request: SubscribeRequest, sink: MessageSink) {
    this.#request = request;
    this.#sink = sink;
    this.#handling = request.handling ?? immediateHandling(sink);
    this.#run = new ReadingMeter({
      limits: request.limits,
      accepts: request.accepts,
      handling: this.#handling,
      onFull: () => void this.#pauseReading(),
    });
  }

  async open(target: SessionTarget, signal: AbortSignal): Promise<void> {
    for (const interests of this.#request.connections) {
      const slot: Slot = {};
      const onEvent = (event: SessionEvent): void => this.#happened(event, slot);
      const session = await openPatientSession(target, signal, onEvent);
      slot.session = session;
      slot.serverId = session.info?.server_id;
      this.#sessions.push(session);
      void session.closed.then((error) => this.#lost(error));
      for (const interest of interests) this.#subscribe(session, interest);
    }
    const answers = this.#sessions.map((session) => session.flush(target.dial.timeoutMs));
    await this.#failure.orFailed(Promise.all(answers));
    // The server reports refused subscriptions before it answers a flush.
    if (this.#failure.hasFailed) await this.#failure.failed;
    this.#run.start();
    this.#sink.subscribed();
  }

  /** Waits for the end, then for messages that are on their way. */
  async finish(signal: AbortSignal): Promise<ReadingEnd> {
    const ended = this.#failure.orFailed(this.#run.ended);
    const end = (await unlessAborted(ended, signal)) ?? 'stopped';
    this.#run.stop();
    this.#connected = this.#sessions.every((session) => session.connected);
    const hurry = end === 'stopped';
    if (end === 'count') {
      // The messages are there, but perhaps not their replies, or they are not completely handled.
      await unlessAborted(this.#failure.orFailed(this.#handling.settled(hurry)), signal);
    } else {
      this.#closing = true;
      await this.#drain();
      await this.#handling.settled(hurry);
    }
    return end;
  }

  async #drain(): Promise<void> {
    const timeoutMs = this.#sink.closed === true ? UNWANTED_DRAIN_MS : DRAIN_MS;
    const failures = await Promise.all(this.#sessions.map((session) => session.drain(timeoutMs)));
    this.#leftBehind = failures.some((failure) => failure?.kind === 'timeout');
  }

  outcome(end: ReadingEnd): ReadingOutcome {
    const { gaps, gapMs, slowConsumerCuts } = this.#gaps;
    const connected = this.#connected;
    const counts = this.#run.counts;
    const late = this.#handling.droppedLate;
    return {
      end,
      ...counts,
      messages: counts.messages - late,
      dropped: counts.dropped + late,
      gaps,
      gapMs,
      slowConsumerCuts,
      connected,
      leftBehind: this.#leftBehind,
    };
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#run.stop();
    this.#gaps.stop();
    await Promise.all(this.#sessions.map((session) => session.close()));
  }

  #subscribe(session: Session, interest: Interest): void {
    const { pattern, queue, member, onMessage } = interest;
    const run = this.#run;
    const gaps = this.#gaps;
    const take = onMessage ?? ((message: MessageInPlace) => run.arrived(message, member));
    const arrived: typeof take = (message) => {
      gaps.reading();
      take(message);
    };
    const subscription = session.subscribe(pattern, { queue }, arrived);
    const { count } = this.#request.limits;
    // If the server knows the limit, it does not send messages that would be thrown away here, and that other members of
    // a queue group could have received.
    if (count !== undefined && this.#countIsServers) subscription.unsubscribe(count);
  }

  /** Whether the server can count: all messages of the only subscription are wanted. */
  get #countIsServers(): boolean {
    const interests = this.#request.connections.flat();
    return interests.length === 1 && this.#request.accepts === undefined;
  }

  #happened(event: SessionEvent, slot: Slot): void {
    if (event.type === 'disconnected') this.#gaps.disconnected();
    if (event.type === 'reconnected') {
      const serverId = slot.session?.info?.server_id;
      this.#gaps.reconnected(event.gapMs, serverId !== undefined && serverId === slot.serverId);
      slot.serverId = serverId;
    }
    if (event.type !== 'async-error') return;
    // Without its subscription the command would wait forever.
    const { kind } = event.error;
    if (kind === 'auth' || kind === 'rejected') this.#failure.fail(event.error);
  }

  #lost(error: NatsxError | undefined): void {
    if (this.#closing) return;
    this.#failure.fail(error ?? new NatsxError('connection', 'the connection was closed'));
  }

  /** Stops reading until the sink has room: the messages wait in the kernel, then in the server. */
  async #pauseReading(): Promise<void> {
    if (this.#waiting || this.#closing) return;
    this.#waiting = true;
    this.#gaps.paused();
    for (const session of this.#sessions) session.pause();
    await this.#handling.ready();
    for (const session of this.#sessions) session.resume();
    this.#gaps.resumed();
    this.#waiting = false;
  }
}
