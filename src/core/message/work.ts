import type { NatsxError } from '../errors.js';
import type { ReceivedMessage } from './message.js';
import type { MessageSink, ReadingOutcome } from './reading.js';
import type { WorkVerdict } from './verdict.js';

/** When a message is acknowledged: when the output has it, never, or as a program's exit code says. */
export type AckMode = 'after-print' | 'none' | 'manual';

/** The consumer that is meant. */
export interface ConsumerChoice {
  readonly durable: string;
  /** Creates it when it is missing. */
  readonly create: boolean;
  /** Its filters; any when empty. */
  readonly filters: readonly string[];
  /** Undefined: whatever the consumer is for. */
  readonly ack: AckMode | undefined;
  readonly concurrency: number;
}

/** A delivered message, for a program. */
export interface Job {
  readonly message: ReceivedMessage;
  readonly stream: string;
  readonly consumer: string;
  readonly seq: number;
  /** How often it was delivered, this time included. */
  readonly delivered: number;
  /** The consumer's own waits between deliveries, in nanoseconds. */
  readonly backoffNs: readonly number[] | undefined;
}

/** What is done with messages. */
export type Work =
  | {
      readonly type: 'print';
      readonly sink: MessageSink;
      /** Resolves when the output has taken everything, or its reader has gone (then the sink is closed). */
      readonly drained: () => Promise<void>;
    }
  /** Never rejects. */
  | { readonly type: 'job'; readonly run: (job: Job) => Promise<WorkVerdict> };

/** The outcome of a run of working as a consumer. */
export interface WorkOutcome extends ReadingOutcome {
  /** Acknowledged, as the server has confirmed. */
  readonly acked: number;
  /** Given back to the consumer, to be delivered again; confirmed too. */
  readonly naked: number;
  /** Acknowledged after the ack wait, so that each may have been delivered once more by then. */
  readonly late: number;
  /** Acknowledgements that could not be sent without a connection. */
  readonly unsent: number;
  /** Acknowledgements that were sent and not confirmed. */
  readonly unconfirmed: number;
  /** Why that is so. */
  readonly unsettled: NatsxError | undefined;
  /** Why the consumer delivers nothing, where nothing arrived at the end. */
  readonly idleReason?: string | undefined;
}
