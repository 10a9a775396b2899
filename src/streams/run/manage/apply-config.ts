import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import type { Client } from '../../../connection/connect.js';
import type { ConfigDocument } from '../../model/config-document.js';
import { editFailure, type ConfigOutcome } from '../../model/config-outcome.js';
import { openJetStreamApi } from '../api/jetstream-api.js';
import { findConsumer, findStream } from '../api/jetstream-entities.js';
import { changeConsumer } from './consumer-edit.js';
import { makeConsumer } from './consumer-create.js';
import { changeStream } from './stream-edit.js';
import { makeStream } from './stream-create.js';

interface ApplyRequest {
  readonly documents: readonly ConfigDocument[];
  /** False: only shows what would be created or changed. */
  readonly apply: boolean;
}

/**
 * Creates the streams of the documents that do not exist, and changes the others, one after the other.
 *
 * @throws {NatsxError} as `makeStream` and `changeStream`; earlier documents are applied by then
 */
export async function* applyStreams(
  client: Client,
  scope: JetStreamScope,
  { documents, apply }: ApplyRequest,
): AsyncGenerator<ConfigOutcome> {
  const api = openJetStreamApi(client.connection, scope);
  for (const { name, file } of documents) {
    const wish = { name, file, flags: {}, apply };
    const exists = (await findStream(api, name)) !== undefined;
    yield* checked(await (exists ? changeStream : makeStream)(client, scope, wish));
  }
}

/** The same for consumers. @throws {NatsxError} as `makeConsumer` and `changeConsumer` */
export async function* applyConsumers(
  client: Client,
  scope: JetStreamScope,
  { documents, apply }: ApplyRequest,
): AsyncGenerator<ConfigOutcome> {
  const api = openJetStreamApi(client.connection, scope);
  for (const { stream = '', name, file } of documents) {
    const wish = { stream, name, file, flags: {}, apply };
    const exists = (await findConsumer(api, stream, name)) !== undefined;
    yield* checked(await (exists ? changeConsumer : makeConsumer)(client, scope, wish));
  }
}

/** Ends at a change that the server did not make as wanted, after it has been reported. */
function* checked(outcome: ConfigOutcome): Generator<ConfigOutcome> {
  yield outcome;
  const failure = editFailure(outcome);
  if (failure !== undefined) throw failure;
}
