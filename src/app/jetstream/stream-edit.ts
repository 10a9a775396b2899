import type { JetStreamScope } from '../../domain/jetstream/api-scope.js';
import { configChanges, ignoredKeys } from '../../domain/jetstream/config-changes.js';
import type { ConfigOutcome } from '../../domain/jetstream/config-outcome.js';
import { editLosses } from '../../domain/jetstream/edit-losses.js';
import { checkStreamNeeds } from '../../domain/jetstream/server-needs.js';
import { editedStream, STREAM_DEFAULTS } from '../../domain/jetstream/stream-config.js';
import { checkStreamConfig, checkStreamEdit } from '../../domain/jetstream/stream-rules.js';
import type { Client } from '../../nats/connect.js';
import { openJetStreamApi } from '../../nats/jetstream/jetstream-api.js';
import { readStream } from '../../nats/jetstream/jetstream-entities.js';
import { updateStream } from '../../nats/jetstream/jetstream-streams.js';
import type { StreamWish } from './stream-create.js';

/**
 * Changes the wished keys of a stream and leaves the others as they are, also those that natsx does not know.
 *
 * @param apply false only looks at what would change
 * @throws {NatsxError} not-found — the stream; usage — a key that cannot change; rejected — the server objects or is too old
 */
export async function changeStream(
  client: Client,
  scope: JetStreamScope,
  { apply, ...wish }: StreamWish & { readonly apply: boolean },
): Promise<ConfigOutcome> {
  const api = openJetStreamApi(client.connection, scope);
  const present = await readStream(api, wish.name);
  const wanted = editedStream(present.config, wish.flags, wish.file);
  const changes = configChanges(present.config, wanted, { defaults: STREAM_DEFAULTS });
  const base = { stream: wish.name, changes, ignored: [], config: present.config };
  if (changes.length === 0) return { ...base, action: 'unchanged', losses: [] };
  checkStreamEdit(wish.name, changes);
  checkStreamConfig(wanted);
  checkStreamNeeds(wanted, api.serverVersion);
  const nowMs = present.ts === undefined ? Date.now() : Date.parse(present.ts);
  const losses = editLosses(present, wanted, nowMs);
  if (!apply) return { ...base, action: 'would-edit', losses };
  const { config } = await updateStream(api, wanted);
  const ignored = ignoredKeys(config, wanted, STREAM_DEFAULTS);
  return { ...base, action: 'edited', losses, ignored, config };
}
