import { NatsxError } from '../../../core/errors.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import { changesNow, configChanges, ignoredKeys } from '../../model/config-changes.js';
import type { ConfigOutcome } from '../../model/config-outcome.js';
import {
  becomesInterest,
  editLosses,
  narrowerAge,
  needsSubjects,
  type EditFacts,
} from '../../model/edit-losses.js';
import { totalLoss } from '../../model/losses.js';
import { checkStreamNeeds } from '../../../core/server-needs.js';
import { editedStream, STREAM_DEFAULTS } from '../../model/stream-config.js';
import { serverNowMs, type StreamConfig, type StreamInfo } from '../../model/stream-info.js';
import { checkStreamConfig, checkStreamEdit } from '../../model/stream-rules.js';
import type { Client } from '../../../connection/connect.js';
import { openBacklogRequests } from '../api/requests.js';
import { countStored, firstStoredAt } from '../api/count-stored.js';
import { openJetStreamApi, type JetStreamApi } from '../api/jetstream-api.js';
import { readStream, readSubjects } from '../api/jetstream-entities.js';
import { updateStream } from '../api/jetstream-streams.js';
import { consumersIfAllowed } from './other-consumers.js';
import { removedMessages } from './removed-messages.js';
import type { StreamWish } from './stream-create.js';

/**
 * Changes the wanted keys of a stream. All others stay as they are, including those that natsx does not know.
 *
 * @param apply false: only shows what would change
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
  const facts = await editFacts({ client, scope, api }, present, wanted);
  const found = editLosses(facts, wanted);
  const losses = found.map(({ text }) => text);
  const total = totalLoss(found, present.state.messages);
  const removes = total.most === 0 ? undefined : total;
  if (!apply) return { ...base, action: 'would-edit', losses, removes };
  await updateStream(api, wanted);
  const { config } = await readStream(api, wish.name);
  const removed = await removedMessages(api, present, total);
  const ignored = ignoredKeys(config, wanted, STREAM_DEFAULTS);
  return {
    ...base,
    action: ignored.length < changes.length ? 'edited' : 'unchanged',
    changes: changesNow(changes, config),
    losses,
    removes,
    removed,
    ignored,
    config,
  };
}

interface Access {
  readonly client: Client;
  readonly scope: JetStreamScope;
  readonly api: JetStreamApi;
}

/** Reads only what is needed to know what the change costs. */
async function editFacts(
  access: Access,
  info: StreamInfo,
  wanted: StreamConfig,
): Promise<EditFacts> {
  const { api } = access;
  const name = info.config.name;
  const nowMs = serverNowMs(info, Date.now());
  const held = info.state.messages > 0;
  return {
    info,
    nowMs,
    serverVersion: api.serverVersion,
    subjects: held && needsSubjects(info, wanted) ? await subjectsIfFew(api, info) : undefined,
    outlived: held ? await outlived(access, info, { wanted, nowMs }) : undefined,
    consumers: becomesInterest(info, wanted) ? await consumersIfAllowed(api, name) : undefined,
  };
}

const MOST_SUBJECTS = 200_000;

/** Messages by subject; undefined when there are too many subjects, or this user may not read them. */
export async function subjectsIfFew(
  api: JetStreamApi,
  { config, state }: StreamInfo,
): Promise<ReadonlyMap<string, number> | undefined> {
  if ((state.num_subjects ?? 0) > MOST_SUBJECTS) return undefined;
  try {
    return await readSubjects(api, config.name, '>');
  } catch (error) {
    if (error instanceof NatsxError && error.kind === 'auth') return undefined;
    throw error;
  }
}

/** How many messages are older than the new limit; undefined if that does not apply, or cannot be read. */
async function outlived(
  { client, scope, api }: Access,
  info: StreamInfo,
  { wanted, nowMs }: { readonly wanted: StreamConfig; readonly nowMs: number },
): Promise<number | undefined> {
  const ageNs = narrowerAge(info, wanted);
  if (ageNs === undefined) return undefined;
  try {
    const detailed = await readStream(api, info.config.name, { deleted_details: true });
    const to = await firstStoredAt(api, detailed, nowMs - ageNs / 1e6);
    const requests = openBacklogRequests(client.connection, scope);
    const question = { info: detailed, filters: [], from: info.state.first_seq, to };
    return await countStored({ api, requests }, question);
  } catch (error) {
    if (error instanceof NatsxError && error.kind === 'auth') return undefined;
    throw error;
  }
}
