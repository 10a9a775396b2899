import type { MessageInPlace } from '../../../core/message/message-in-place.js';
import {
  NOTHING_MISSED,
  type MessageSink,
  type ReadingEnd,
  type ReadingLimits,
  type ReadingOutcome,
  type Taken,
} from '../../../core/message/reading.js';
import type { ReplayPace } from '../../../core/values/pace.js';
import { StreamMessage } from '../../model/stream-message.js';
import { immediateHandling } from '../../../messaging/run/message-handling.js';
import type { SessionTarget } from '../../../wire/open-session.js';
import { PacedDelivery } from './paced-delivery.js';
import {
  readStreamRange,
  type OpenedStream,
  type StreamReadOutcome,
  type StreamReadRequest,
} from './read-stream.js';
import { ReadingMeter } from '../../../messaging/run/reading-meter.js';
import type { StreamDelivery } from './stream-reader.js';

export interface SubscribeStreamRequest {
  readonly read: Omit<StreamReadRequest, 'window'>;
  readonly limits: ReadingLimits;
  readonly accepts: ((message: MessageInPlace) => boolean) | undefined;
  readonly pace: ReplayPace;
  readonly opened: (stream: OpenedStream) => void;
}

/** Messages that wait for their time are kept in memory, so only a few are requested at once. */
const PACED_WINDOW = { messages: 200, bytes: 2 * 1024 * 1024 };

/**
 * Passes the messages of a stream to a sink, as `subscribe` does with published messages.
 *
 * @throws {NatsxError} as `readStreamRange`
 */
export async function subscribeStream(
  target: SessionTarget,
  request: SubscribeStreamRequest,
  sink: MessageSink,
  signal: AbortSignal,
): Promise<ReadingOutcome> {
  return new StreamSubscriber(request, sink).read(target, signal);
}

class StreamSubscriber {
  readonly #request: SubscribeStreamRequest;
  readonly #sink: MessageSink;
  readonly #run: ReadingMeter;
  readonly #paced: PacedDelivery | undefined;
  readonly #limit = new AbortController();
  #shown: StreamMessage | undefined;
  #full = false;

  constructor(request: SubscribeStreamRequest, sink: MessageSink) {
    this.#request = request;
    this.#sink = sink;
    const { limits, accepts, pace } = request;
    this.#run = new ReadingMeter({
      limits,
      accepts,
      handling: immediateHandling(sink),
      onFull: () => (this.#full = true),
    });
    if (pace.type !== 'unlimited') {
      this.#paced = new PacedDelivery(pace, (message) => this.#run.arrived(message, undefined));
    }
  }

  async read(target: SessionTarget, signal: AbortSignal): Promise<ReadingOutcome> {
    let limitedBy: ReadingEnd | undefined;
    void this.#run.ended.then((end) => {
      limitedBy = end;
      this.#limit.abort();
    });
    const stop = AbortSignal.any([signal, this.#limit.signal]);
    stop.addEventListener('abort', () => this.#paced?.stop(), { once: true });
    try {
      const outcome = await this.#readRange(target, stop);
      await this.#paced?.empty();
      return this.#outcome(limitedBy ?? (signal.aborted ? 'stopped' : outcome.end), outcome);
    } finally {
      this.#run.stop();
      this.#paced?.stop();
    }
  }

  #readRange(target: SessionTarget, stop: AbortSignal): Promise<StreamReadOutcome> {
    const window = this.#paced === undefined ? undefined : PACED_WINDOW;
    return readStreamRange(
      target,
      { ...this.#request.read, window },
      {
        opened: (stream) => {
          this.#request.opened(stream);
          this.#run.start();
          this.#sink.subscribed();
        },
        message: (message, place) => this.#take(message, place),
        ready: () => this.#ready(),
      },
      stop,
    );
  }

  #take(message: MessageInPlace, place: StreamDelivery): Taken {
    this.#shown ??= new StreamMessage(message, place);
    this.#shown.show(message, place);
    if (this.#paced !== undefined) return this.#paced.take(this.#shown) ? 'taken' : 'full';
    this.#run.arrived(this.#shown, undefined);
    return this.#takeFull() ? 'full' : 'taken';
  }

  /** Whether the last message filled the sink. */
  #takeFull(): boolean {
    const full = this.#full;
    this.#full = false;
    return full;
  }

  async #ready(): Promise<void> {
    await this.#paced?.ready();
    await this.#sink.ready();
  }

  #outcome(end: ReadingEnd, { connected }: StreamReadOutcome): ReadingOutcome {
    return {
      end,
      ...this.#run.counts,
      ...NOTHING_MISSED,
      connected,
    };
  }
}
