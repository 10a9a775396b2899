import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import { checkExactSequences } from '../../model/sequence.js';
import { purgeCount, type PurgeChoice, type StreamPurge } from '../../model/purge.js';
import type { StreamInfo } from '../../model/stream-info.js';
import { openBacklogRequests } from '../api/requests.js';
import { countStored, firstStoredAt } from '../api/count-stored.js';
import type { Client } from '../../../connection/connect.js';
import { openJetStreamApi, type JetStreamApi } from '../api/jetstream-api.js';
import { readStream, readSubjects } from '../api/jetstream-entities.js';
import { purgeStream } from '../api/jetstream-streams.js';

interface PurgeRequest {
  readonly stream: string;
  readonly choice: PurgeChoice;
  /** Only messages that were stored before this time, in milliseconds since the epoch; instead of a sequence. */
  readonly beforeMs?: number | undefined;
  /** False: only counts. */
  readonly apply: boolean;
}

/** @throws {NatsxError} not-found — the stream; rejected — the stream denies it */
export async function purge(
  client: Client,
  scope: JetStreamScope,
  { stream, choice: given, beforeMs, apply }: PurgeRequest,
): Promise<StreamPurge> {
  const api = openJetStreamApi(client.connection, scope);
  const isPlace = given.seq !== undefined || beforeMs !== undefined;
  const info = await readStream(api, stream, isPlace ? { deleted_details: true } : undefined);
  const { state } = info;
  if (isPlace) checkExactSequences(info);
  const seq = beforeMs === undefined ? given.seq : await firstStoredAt(api, info, beforeMs);
  const choice = { ...given, seq };
  const matching =
    choice.filter === undefined ? undefined : sum(await readSubjects(api, stream, choice.filter));
  const expected =
    purgeCount(state, choice, matching) ??
    (await countBefore({ client, scope, api }, info, choice));
  const before = {
    stream,
    choice,
    beforeMs,
    messages: state.messages,
    bytes: state.bytes,
    expected,
    ...movedEnd(choice, state.last_seq),
  };
  if (!apply) return { ...before, purged: undefined, purgedBytes: undefined, unexpected: false };
  const purged = await purgeBefore(api, stream, choice);
  const { state: after } = await readStream(api, stream);
  // New messages have a size as well, and may have been purged with the others.
  const quiet = after.last_seq === state.last_seq || before.nextSeq !== undefined;
  return {
    ...before,
    purged,
    purgedBytes: quiet ? Math.max(0, state.bytes - after.bytes) : undefined,
    unexpected: quiet && expected !== undefined && purged !== expected,
  };
}

/** A server that purges everything before a sequence beyond the end continues with that sequence. */
function movedEnd(
  { filter, seq }: PurgeChoice,
  last: number,
): Pick<StreamPurge, 'nextSeq' | 'usualNextSeq'> {
  if (filter !== undefined || seq === undefined || seq <= last + 1) return {};
  return { nextSeq: seq, usualNextSeq: last + 1 };
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
  return countStored({ api, requests, mayCreate: true }, question);
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
