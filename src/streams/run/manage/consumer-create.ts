import type { JsonObject } from '../../../core/message/exact-json.js';
import { API_CODE, apiCodeOf } from '../../model/api-failure.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import { configChanges, ignoredKeys } from '../../model/config-changes.js';
import type { ConfigOutcome } from '../../model/config-outcome.js';
import { consumerDefaults, wantedConsumer } from '../../model/consumer-config.js';
import type { ConsumerConfig } from '../../model/consumer-info.js';
import { checkConsumerConfig } from '../../model/consumer-rules.js';
import { checkConsumerNeeds } from '../../../core/server-needs.js';
import { unwrapConfig } from '../../model/stream-config.js';
import type { Client } from '../../../connection/connect.js';
import { filterWarnings } from './filter-warnings.js';
import { openJetStreamApi, type JetStreamApi } from '../api/jetstream-api.js';
import { canOnlyCreate, createConsumer } from '../api/jetstream-consumers.js';
import { findConsumer } from '../api/jetstream-entities.js';

/** A consumer as the user wants it. */
export interface ConsumerWish {
  readonly stream: string;
  readonly name: string;
  /** Keys from flags, in the server's format. */
  readonly flags: JsonObject;
  /** Keys of a file; flags override them. */
  readonly file: JsonObject | undefined;
}

/**
 * Creates a consumer. If the stream has one of that name, only compares the two.
 *
 * @param apply false: only shows what would be created
 * @throws {NatsxError} not-found — the stream; usage — an impossible configuration; rejected — the server objects or is too old
 */
export async function makeConsumer(
  client: Client,
  scope: JetStreamScope,
  { apply, ...wish }: ConsumerWish & { readonly apply: boolean },
): Promise<ConfigOutcome> {
  const { stream, name } = wish;
  const wanted = { ...wantedConsumer(name, wish.flags, wish.file), name };
  checkConsumerConfig(wanted, wish.flags);
  const api = openJetStreamApi(client.connection, scope);
  checkConsumerNeeds(wanted, api.serverVersion);
  const present = await findConsumer(api, stream, name);
  if (present !== undefined) return compare(api, { present: present.config, wanted, wish });
  const warnings = await filterWarnings(api, stream, wanted);
  if (!apply) return { ...outcome('would-create', wish, wanted), warnings };
  const made = await createConsumer(api, stream, wanted);
  const ignored = ignoredKeys(made.config, wanted, consumerDefaults(wanted));
  return { ...outcome('created', wish, made.config), ignored, warnings };
}

interface Comparison {
  readonly present: ConsumerConfig;
  readonly wanted: ConsumerConfig & { readonly name: string };
  readonly wish: ConsumerWish;
}

async function compare(
  api: JetStreamApi,
  { present, wanted, wish }: Comparison,
): Promise<ConfigOutcome> {
  const keys = Object.keys({ ...unwrapConfig(wish.file ?? {}), ...wish.flags });
  const defaults = consumerDefaults(wanted);
  const changes = configChanges(present, wanted, { defaults });
  if (changes.length === 0) return outcome('unchanged', wish, present);
  const different = outcome('different', wish, present, changes);
  const asked = configChanges(present, wanted, { defaults, keys });
  // Older servers would change the existing consumer instead of comparing.
  if (asked.length > 0 || !canOnlyCreate(api)) return different;
  try {
    const same = await createConsumer(api, wish.stream, wanted);
    return outcome('unchanged', wish, same.config);
  } catch (error) {
    if (apiCodeOf(error) === API_CODE.consumerExists) return different;
    throw error;
  }
}

function outcome(
  action: ConfigOutcome['action'],
  { stream, name }: ConsumerWish,
  config: ConsumerConfig,
  changes: ConfigOutcome['changes'] = [],
): ConfigOutcome {
  return { action, stream, consumer: name, changes, losses: [], ignored: [], config };
}
