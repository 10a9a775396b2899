import {
  jetstream,
  JetStreamApiError,
  jetstreamManager,
  type JetStreamClient,
  type JetStreamManager,
  type JetStreamManagerOptions,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { eventually } from './eventually.js';

/** The client gives up after 5 s; a busy machine takes longer for a stream with replicas, or while a leader is chosen. */
const timeout = 30_000;

/** Makes, reads and removes streams and consumers. For what a test sets up and looks up, not for what it examines. */
export async function patientManager(
  connection: NatsConnection,
  options: JetStreamManagerOptions = {},
): Promise<JetStreamManager> {
  const manager = await jetstreamManager(connection, { timeout, ...options });
  const add = manager.streams.add.bind(manager.streams);
  manager.streams.add = (config) => whenPlaced(() => add(config));
  return manager;
}

/** The server's code for a stream that no servers can be found for. */
const NO_PEERS = 10_005;

/** A cluster that has just begun does not know yet what its members have room for. */
async function whenPlaced<T>(make: () => Promise<T>): Promise<T> {
  const outcome = await eventually('the members are known to their leader', async () => {
    try {
      return { made: await make() };
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === NO_PEERS) throw error;
      return { error };
    }
  });
  if ('made' in outcome) return outcome.made;
  throw outcome.error;
}

/** Publishes to streams and opens consumers. For what a test sets up, not for what it examines. */
export function patientClient(connection: NatsConnection): JetStreamClient {
  return jetstream(connection, { timeout });
}
