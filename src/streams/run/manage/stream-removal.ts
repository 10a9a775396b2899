import { NatsxError } from '../../../core/errors.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import { checkExactSequences } from '../../model/sequence.js';
import { feedsFrom } from '../../model/stream-config.js';
import type { StreamInfo } from '../../model/stream-info.js';
import { openBacklogRequests } from '../api/requests.js';
import { countStored } from '../api/count-stored.js';
import { listStreams } from '../api/stream-list.js';
import { purgeCount } from '../../model/purge-count.js';
import type { MessageRemoval, StreamPurge, StreamRemoval } from '../../model/removal.js';
import type { MessageChoice, PurgeChoice, StoredMessage } from '../../model/stored-message.js';
import type { Client } from '../../../connection/connect.js';
import { openJetStreamApi, type JetStreamApi } from '../api/jetstream-api.js';
import { readStream, readSubjects } from '../api/jetstream-entities.js';
import { consumerNames } from '../api/jetstream-names.js';
import { deleteMessage, deleteStream, purgeStream, readMessage } from '../api/jetstream-streams.js';

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

interface PurgeRequest {
  readonly stream: string;
  readonly choice: PurgeChoice;
  /** False: only counts. */
  readonly apply: boolean;
}

/** @throws {NatsxError} not-found — the stream; rejected — the stream denies it */
export async function purge(
  client: Client,
  scope: JetStreamScope,
  { stream, choice, apply }: PurgeRequest,
): Promise<StreamPurge> {
  const api = openJetStreamApi(client.connection, scope);
  const details = choice.seq === undefined ? undefined : { deleted_details: true };
  const info = await readStream(api, stream, details);
  const { state } = info;
  if (choice.seq !== undefined) checkExactSequences(info);
  const matching =
    choice.filter === undefined ? undefined : sum(await readSubjects(api, stream, choice.filter));
  const expected =
    purgeCount(state, choice, matching) ??
    (await countBefore({ client, scope, api }, info, choice));
  const before = { stream, choice, messages: state.messages, bytes: state.bytes, expected };
  if (!apply) return { ...before, purged: undefined, purgedBytes: undefined, unexpected: false };
  const purged = await purgeBefore(api, stream, choice);
  const { state: after } = await readStream(api, stream);
  // New messages have a size as well, and may have been purged with the others.
  const quiet = after.last_seq === state.last_seq;
  return {
    ...before,
    purged,
    purgedBytes: quiet ? Math.max(0, state.bytes - after.bytes) : undefined,
    unexpected: quiet && expected !== undefined && purged !== expected,
  };
}

interface Access {
  readonly client: Client;
  readonly scope: JetStreamScope;
  readonly api: JetStreamApi;
}

/** Messages of the subject before the sequence; undefined when counting takes too long. */
function countBefore(
  { client, scope, api }: Access,
  info: StreamInfo,
  { filter, seq = 0 }: PurgeChoice,
): Promise<number | undefined> {
  const requests = openBacklogRequests(client.connection, scope);
  const filters = filter === undefined ? [] : [filter];
  const question = { info, filters, from: info.state.first_seq, to: seq };
  return countStored({ api, requests }, question);
}

/** No message is before sequence 1, but to servers 0, and to older ones also 1, means "no sequence": they would purge everything. */
async function purgeBefore(
  api: JetStreamApi,
  stream: string,
  choice: PurgeChoice,
): Promise<number> {
  return choice.seq !== undefined && choice.seq <= 1 ? 0 : purgeStream(api, stream, choice);
}

function sum(counts: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}

interface MessageRemovalRequest {
  readonly stream: string;
  readonly seq: number;
  /** Also overwrite the bytes in the store. */
  readonly erase: boolean;
  readonly apply: boolean;
}

/** @throws {NatsxError} not-found — the stream or the message; rejected — the stream denies it */
export async function removeMessage(
  client: Client,
  scope: JetStreamScope,
  { stream, seq, erase, apply }: MessageRemovalRequest,
): Promise<MessageRemoval> {
  const api = openJetStreamApi(client.connection, scope);
  const stored = await readMessage(api, stream, { by: 'seq', seq });
  if (apply) await deleteMessage(api, stream, { seq, erase });
  return { stored, done: apply };
}

/** @throws {NatsxError} not-found — the stream, or the message with the stream's range */
export function getMessage(
  client: Client,
  scope: JetStreamScope,
  { stream, choice }: { readonly stream: string; readonly choice: MessageChoice },
): Promise<StoredMessage> {
  return readMessage(openJetStreamApi(client.connection, scope), stream, choice);
}
