import {
  jetstream,
  jetstreamManager,
  type JetStreamClient,
  type JetStreamManager,
  type JetStreamManagerOptions,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

/** The client gives up after 5 s; a busy machine takes longer for a stream with replicas, or while a leader is chosen. */
const timeout = 30_000;

/** Makes, reads and removes streams and consumers. For what a test sets up and looks up, not for what it examines. */
export function patientManager(
  connection: NatsConnection,
  options: JetStreamManagerOptions = {},
): Promise<JetStreamManager> {
  return jetstreamManager(connection, { timeout, ...options });
}

/** Publishes to streams and opens consumers. For what a test sets up, not for what it examines. */
export function patientClient(connection: NatsConnection): JetStreamClient {
  return jetstream(connection, { timeout });
}
