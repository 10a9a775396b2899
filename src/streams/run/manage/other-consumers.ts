import { NatsxError } from '../../../core/errors.js';
import type { ConsumerInfo } from '../../model/consumer-info.js';
import type { StreamInfo } from '../../model/stream-info.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import { readConsumers, readStream } from '../api/jetstream-entities.js';

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
  return ifAllowed(readConsumers(api, stream));
}

/** The stream; undefined when this user, who may change a consumer, may not read it. */
export async function streamIfAllowed(
  api: JetStreamApi,
  stream: string,
): Promise<StreamInfo | undefined> {
  return ifAllowed(readStream(api, stream));
}

async function ifAllowed<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NatsxError && error.kind === 'auth') return undefined;
    throw error;
  }
}
