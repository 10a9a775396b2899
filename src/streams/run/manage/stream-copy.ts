import type { JsonObject } from '../../../core/message/exact-json.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import type { Client } from '../../../connection/connect.js';
import type { ConfigOutcome } from '../../model/config-outcome.js';
import { openJetStreamApi } from '../api/jetstream-api.js';
import { readStream } from '../api/jetstream-entities.js';
import { makeStream } from './stream-create.js';

interface CopyRequest {
  readonly from: string;
  readonly name: string;
  /** Keys from flags, in the server's format; they override those of the original. */
  readonly flags: JsonObject;
  readonly apply: boolean;
}

/**
 * Creates a stream with the configuration of another one, and without its messages.
 *
 * @throws {NatsxError} not-found — the original; as {@link makeStream}
 */
export async function copyStream(
  client: Client,
  scope: JetStreamScope,
  { from, ...wish }: CopyRequest,
): Promise<ConfigOutcome> {
  const { config } = await readStream(openJetStreamApi(client.connection, scope), from);
  // A sealed stream would stay empty, and the first sequence belongs to the messages.
  const copied = { ...config, sealed: undefined, first_seq: undefined };
  return makeStream(client, scope, { ...wish, file: { config: copied } });
}
