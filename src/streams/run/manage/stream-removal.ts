import { NatsxError } from '../../../core/errors.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import { feedsFrom } from '../../model/stream-config.js';
import { listStreams } from '../api/stream-list.js';
import type { StreamRemoval } from '../../model/removal.js';
import type { Client } from '../../../connection/connect.js';
import { openJetStreamApi, type JetStreamApi } from '../api/jetstream-api.js';
import { readStream } from '../api/jetstream-entities.js';
import { consumerNames } from '../api/jetstream-names.js';
import { deleteStream } from '../api/jetstream-streams.js';

/** @param apply false: only shows what would be removed. @throws {NatsxError} not-found — the stream */
export async function removeStream(
  client: Client,
  scope: JetStreamScope,
  { stream, apply }: { readonly stream: string; readonly apply: boolean },
): Promise<StreamRemoval> {
  const api = openJetStreamApi(client.connection, scope);
  const { state } = await readStream(api, stream);
  const { messages, bytes, consumer_count: consumerCount } = state;
  const consumers = consumerCount === 0 ? [] : await namesIfAllowed(api, stream);
  const dependents = await dependentsIfAllowed(api, stream);
  if (apply) await deleteStream(api, stream);
  return { stream, messages, bytes, consumerCount, consumers, dependents, done: apply };
}

/** Streams of the account that copy from this one; undefined when this user may not list them. */
async function dependentsIfAllowed(
  api: JetStreamApi,
  stream: string,
): Promise<readonly string[] | undefined> {
  try {
    const all = await listStreams(api);
    return all.filter(({ config }) => feedsFrom(config, stream)).map(({ config }) => config.name);
  } catch (error) {
    if (error instanceof NatsxError && error.kind === 'auth') return undefined;
    throw error;
  }
}

/** A user who may remove a stream may not be allowed to list its consumers. */
async function namesIfAllowed(
  api: JetStreamApi,
  stream: string,
): Promise<readonly string[] | undefined> {
  try {
    return await consumerNames(api, stream);
  } catch (error) {
    if (error instanceof NatsxError && error.kind === 'auth') return undefined;
    throw error;
  }
}
