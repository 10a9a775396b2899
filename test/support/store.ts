import type { NatsConnection } from '@nats-io/transport-node';
import type { PubAck } from '@nats-io/jetstream';
import { patientClient } from './patient-jetstream.js';

/**
 * Stores one message and resolves with the server's acknowledgement. In a cluster a new stream is not known to every
 * server at once, and on a busy machine not for seconds: until then a publisher is told that nobody listens, and asks
 * again. For messages that a test sets up with, not for what it examines.
 */
export function store(
  connection: NatsConnection,
  subject: string,
  payload: string | Uint8Array = 'x',
): Promise<PubAck> {
  return patientClient(connection).publish(subject, payload, { retries: 12 });
}
