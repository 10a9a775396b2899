import type { JsonObject } from '../../core/message/exact-json.js';
import type { ClusterInfo } from './stream-info.js';

/** A consumer's configuration in the server's format: snake_case, durations in nanoseconds. Keys of newer servers are kept. */
export interface ConsumerConfig extends JsonObject {
  readonly name?: string;
  readonly durable_name?: string;
  readonly deliver_policy?: string;
  readonly ack_policy?: string;
  readonly ack_wait?: number;
  readonly max_deliver?: number;
  readonly backoff?: readonly number[];
  readonly filter_subject?: string;
  readonly filter_subjects?: readonly string[];
  readonly max_ack_pending?: number;
  readonly max_waiting?: number;
  readonly deliver_subject?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A place in a consumer's work: its own count of deliveries, and the stream's sequence. */
export interface ConsumerPosition {
  readonly consumer_seq: number;
  readonly stream_seq: number;
  readonly last_active?: string;
}

/** The answer to `CONSUMER.INFO`. */
export interface ConsumerInfo {
  readonly stream_name: string;
  readonly name: string;
  readonly config: ConsumerConfig;
  readonly created: string;
  readonly delivered: ConsumerPosition;
  readonly ack_floor: ConsumerPosition;
  /** Delivered and not yet acknowledged. */
  readonly num_ack_pending: number;
  readonly num_redelivered: number;
  /** Pull requests that wait for messages. */
  readonly num_waiting: number;
  /** Not yet delivered. */
  readonly num_pending: number;
  /** Whether its delivery is paused, and for how many more nanoseconds; 2.11 and newer. */
  readonly paused?: boolean;
  readonly pause_remaining?: number;
  /** A push consumer: whether a client is subscribed to its subject. */
  readonly push_bound?: boolean;
  /** Absent on a server that is not in a cluster. */
  readonly cluster?: ClusterInfo;
  readonly priority_groups?: readonly PriorityGroupInfo[];
  /** The server's clock when it answered; 2.10 and newer. */
  readonly ts?: string;
}

/** A group of clients that share a consumer by priority; 2.11 and newer. */
export interface PriorityGroupInfo {
  readonly group: string;
  /** The client that gets the messages of the group. */
  readonly pinned_client_id?: string;
  readonly pinned_ts?: string;
}

/** An entry of `CONSUMER.LIST`: of a consumer that does not answer there is only its configuration. */
export type ListedConsumer = Partial<ConsumerInfo> & Pick<ConsumerInfo, 'config'>;

export function isAnswered(consumer: ListedConsumer): consumer is ConsumerInfo {
  return consumer.delivered !== undefined;
}
