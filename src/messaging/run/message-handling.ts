import type { MessageInPlace } from '../../core/message/message-in-place.js';
import type { MessageSink, Taken } from '../../core/message/reading.js';

/** What happens to a message between its arrival and the sink. */
export interface MessageHandling {
  /** The message is valid until the call returns. `count`: its number, from 1. */
  take(message: MessageInPlace, count: number, member: string | undefined): Taken;
  /** Whether messages have arrived that are not completely handled. */
  readonly busy: boolean;
  /** Messages that were taken here, but dropped by the sink later. */
  readonly droppedLate: number;
  /** Resolves when there is room again after `full`. */
  ready(): Promise<void>;
  /** Resolves when everything is handled. `hurry`: do not wait for replies that have not arrived. */
  settled(hurry: boolean): Promise<void>;
}

/** The usual case: messages go to the sink as they arrive. */
export function immediateHandling(sink: MessageSink): MessageHandling {
  return {
    take: (message, count, member) => sink.message(message, count, member),
    busy: false,
    droppedLate: 0,
    ready: () => sink.ready(),
    settled: () => Promise.resolve(),
  };
}
