import { NatsxError } from '../../../core/errors.js';
import { notKeptBy, type NotKept } from '../../model/not-kept.js';
import type { StoredSubjects } from '../../model/stored-subjects.js';
import { readStream } from '../api/jetstream-entities.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import { consumerConfigs } from '../api/jetstream-consumers.js';

/**
 * Which messages were acknowledged and not kept, by interest streams without a consumer for them. What may not be asked
 * is left out. Never rejects for want of an answer.
 */
export async function lookForKept(
  api: JetStreamApi,
  stored: StoredSubjects,
): Promise<readonly NotKept[]> {
  const looks = stored.streams.map((stream) => lookAt(api, stream, stored));
  return (await Promise.all(looks)).filter((one) => one !== undefined);
}

async function lookAt(
  api: JetStreamApi,
  stream: string,
  stored: StoredSubjects,
): Promise<NotKept | undefined> {
  try {
    const info = await readStream(api, stream);
    if (info.config.retention !== 'interest') return undefined;
    const consumers = info.state.consumer_count === 0 ? [] : await consumerConfigs(api, stream);
    return notKeptBy(info, consumers, stored.of(stream));
  } catch (error) {
    if (error instanceof NatsxError) return undefined;
    throw error;
  }
}
