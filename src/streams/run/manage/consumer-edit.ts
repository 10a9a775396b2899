import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import { changesNow, configChanges, ignoredKeys } from '../../model/config-changes.js';
import type { ConfigOutcome } from '../../model/config-outcome.js';
import { consumerDefaults } from '../../model/consumer-config.js';
import { checkConsumerEdit, editedConsumer } from '../../model/consumer-edit.js';
import type { ConsumerConfig, ConsumerInfo } from '../../model/consumer-info.js';
import {
  consumerEditLosses,
  keepsInterest,
  narrowsFilter,
  type ConsumerLossFacts,
} from '../../model/consumer-losses.js';
import { totalLoss } from '../../model/losses.js';
import { rejectServersOwn } from '../../model/servers-own.js';
import { checkConsumerNeeds } from '../../../core/server-needs.js';
import type { Client } from '../../../connection/connect.js';
import { updateConsumer } from '../api/consumer-control.js';
import { openJetStreamApi, type JetStreamApi } from '../api/jetstream-api.js';
import { readConsumer } from '../api/jetstream-entities.js';
import { filterWarnings } from './filter-warnings.js';
import type { ConsumerWish } from './consumer-create.js';
import { otherConsumers, streamIfAllowed } from './other-consumers.js';
import { removedMessages } from './removed-messages.js';
import { subjectsIfFew } from './stream-edit.js';

/**
 * Changes the wanted keys of a consumer. All others stay as they are, including those that natsx does not know.
 *
 * @param apply false: only shows what would change
 * @throws {NatsxError} not-found — the stream or the consumer; usage — a key that cannot change; rejected — the server
 *   objects or is too old, or the consumer is internal to it
 */
export async function changeConsumer(
  client: Client,
  scope: JetStreamScope,
  { apply, ...wish }: ConsumerWish & { readonly apply: boolean },
): Promise<ConfigOutcome> {
  const { stream, name: consumer } = wish;
  const api = openJetStreamApi(client.connection, scope);
  const info = await readConsumer(api, stream, consumer);
  const present = info.config;
  rejectServersOwn({ stream, consumer }, present);
  const wanted = editedConsumer(consumer, present, wish);
  const defaults = consumerDefaults(wanted);
  const changes = configChanges(present, wanted, { defaults });
  const unchanged = { stream, consumer, changes, losses: [], ignored: [], config: present };
  if (changes.length === 0) return { ...unchanged, action: 'unchanged' };
  const warnings = changes.some(({ key }) => key.startsWith('filter_subject'))
    ? await filterWarnings(api, stream, wanted)
    : [];
  const base = { ...unchanged, warnings };
  checkConsumerEdit({ stream, consumer }, { present, wanted, flags: wish.flags }, changes);
  checkConsumerNeeds(wanted, api.serverVersion);
  const facts = await consumerFacts(api, info, wanted);
  const found = facts === undefined ? [] : consumerEditLosses(facts, wanted);
  const losses = found.map(({ text }) => text);
  const total = totalLoss(found, facts?.stream.state.messages ?? 0);
  const removes = total.most === 0 ? undefined : total;
  if (!apply) return { ...base, action: 'would-edit', losses, removes };
  await updateConsumer(api, { stream, consumer }, wanted);
  const { config } = await readConsumer(api, stream, consumer);
  const ignored = ignoredKeys(config, wanted, consumerDefaults(config));
  return {
    ...base,
    action: ignored.length < changes.length ? 'edited' : 'unchanged',
    changes: changesNow(changes, config),
    losses,
    removes,
    // Servers before 2.14 may remove messages although their stream's retention is limits, where it was interest before.
    ...((removes !== undefined || narrowsFilter(present, wanted)) &&
      facts !== undefined && { removed: await removedMessages(api, facts.stream, total) }),
    ignored,
    config,
  };
}

/** @returns undefined when this user may not read the stream */
async function consumerFacts(
  api: JetStreamApi,
  consumer: ConsumerInfo,
  wanted: ConsumerConfig,
): Promise<ConsumerLossFacts | undefined> {
  const stream = await streamIfAllowed(api, consumer.stream_name);
  if (stream === undefined) return undefined;
  const narrows = narrowsFilter(consumer.config, wanted);
  return {
    consumer,
    stream,
    serverVersion: api.serverVersion,
    others: narrows && keepsInterest(stream) ? await otherConsumers(api, consumer) : undefined,
    subjects: narrows ? await subjectsIfFew(api, stream) : undefined,
  };
}
