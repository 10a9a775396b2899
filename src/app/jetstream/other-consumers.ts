import { NatsxError } from '../../domain/errors.js';
import type { ConsumerInfo } from '../../domain/jetstream/consumer-info.js';
import type { JetStreamApi } from '../../nats/jetstream/jetstream-api.js';
import { readConsumers } from '../../nats/jetstream/jetstream-entities.js';

/** All other consumers of the same stream; undefined when this user may not list them. */
export async function otherConsumers(
  api: JetStreamApi,
  { stream_name: stream, name }: Pick<ConsumerInfo, 'stream_name' | 'name'>,
): Promise<readonly ConsumerInfo[] | undefined> {
  const all = await consumersIfAllowed(api, stream);
  return all?.filter((one) => one.name !== name);
}

/** All consumers of a stream; undefined when this user may not list them. */
export async function consumersIfAllowed(
  api: JetStreamApi,
  stream: string,
): Promise<readonly ConsumerInfo[] | undefined> {
  try {
    return await readConsumers(api, stream);
  } catch (error) {
    if (error instanceof NatsxError && error.kind === 'auth') return undefined;
    throw error;
  }
}
