import type { MessageInPlace } from '../../core/message/message-in-place.js';
import type { MessageSink, Taken } from '../../core/message/reading.js';

/** What is done with a message between its arrival and the sink. */
export interface MessageHandling {
  /** The message is valid until the call returns. `count`: its number, from 1. */
  take(message: MessageInPlace, count: number, member: string | undefined): Taken;
  /** Whether something that arrived has not been handled to its end. */
  readonly busy: boolean;
  /** Messages that were taken, but that the sink did not take in the end. */
  readonly droppedLate: number;
  /** Resolves when there is room again after `full`. */
  ready(): Promise<void>;
  /** Resolves when nothing is left to be handled. `hurry` gives up what only time could bring. */
  settled(hurry: boolean): Promise<void>;
}

/** The usual case: messages go to the sink as they come. */
export function immediateHandling(sink: MessageSink): MessageHandling {
  return {
    take: (message, count, member) => sink.message(message, count, member),
    busy: false,
    droppedLate: 0,
    ready: () => sink.ready(),
    settled: () => Promise.resolve(),
  };
}
