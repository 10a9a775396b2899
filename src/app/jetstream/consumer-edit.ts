import type { JetStreamScope } from '../../domain/jetstream/api-scope.js';
import { configChanges, ignoredKeys } from '../../domain/jetstream/config-changes.js';
import type { ConfigOutcome } from '../../domain/jetstream/config-outcome.js';
import { consumerDefaults } from '../../domain/jetstream/consumer-config.js';
import { checkConsumerEdit, editedConsumer } from '../../domain/jetstream/consumer-edit.js';
import { rejectServersOwn } from '../../domain/jetstream/servers-own.js';
import { checkConsumerNeeds } from '../../domain/jetstream/server-needs.js';
import type { Client } from '../../nats/connect.js';
import { updateConsumer } from '../../nats/jetstream/consumer-control.js';
import { openJetStreamApi } from '../../nats/jetstream/jetstream-api.js';
import { readConsumer } from '../../nats/jetstream/jetstream-entities.js';
import type { ConsumerWish } from './consumer-create.js';

/**
 * Changes the wished keys of a consumer and leaves the others as they are, also those that natsx does not know.
 *
 * @param apply false only looks at what would change
 * @throws {NatsxError} not-found — the stream or the consumer; usage — a key that cannot change; rejected — the server objects or is too old
 */
export async function changeConsumer(
  client: Client,
  scope: JetStreamScope,
  { apply, ...wish }: ConsumerWish & { readonly apply: boolean },
): Promise<ConfigOutcome> {
  const { stream, name: consumer } = wish;
  const api = openJetStreamApi(client.connection, scope);
  const { config: present } = await readConsumer(api, stream, consumer);
  rejectServersOwn({ stream, consumer }, present);
  const wanted = editedConsumer(consumer, present, wish);
  const defaults = consumerDefaults(wanted);
  const changes = configChanges(present, wanted, { defaults });
  const base = { stream, consumer, changes, losses: [], ignored: [], config: present };
  if (changes.length === 0) return { ...base, action: 'unchanged' };
  checkConsumerEdit({ stream, consumer }, { present, wanted }, changes);
  checkConsumerNeeds(wanted, api.serverVersion);
  if (!apply) return { ...base, action: 'would-edit' };
  const { config } = await updateConsumer(api, { stream, consumer }, wanted);
  return { ...base, action: 'edited', ignored: ignoredKeys(config, wanted, defaults), config };
}
