import { NatsxError } from '../../../core/errors.js';
import { decodeHeadersBlock } from '../../../core/message/headers-block.js';
import { API_CODE, apiCodeOf, lacksFolder } from '../../model/api-failure.js';
import type { PurgeChoice } from '../../model/purge.js';
import type { MessageChoice, StoredMessage } from '../../model/stored-message.js';
import type { StreamConfig, StreamInfo, StreamState } from '../../model/stream-info.js';
import type { JetStreamApi } from './jetstream-api.js';
import { readStream } from './jetstream-entities.js';
import { streamNames, withNearestNames } from './jetstream-names.js';
import { agree } from '../../../core/wording.js';

/**
 * Creates a stream. An existing one with the same configuration stays as it is, and that is a success.
 *
 * @throws {NatsxError} rejected — one with another configuration exists (`API_CODE.streamExists`), or the server objects
 */
export function createStream(api: JetStreamApi, config: StreamConfig): Promise<StreamInfo> {
  const stream = config.name;
  const work = (): Promise<StreamInfo> =>
    api.request(`STREAM.CREATE.${stream}`, `creating the stream "${stream}"`, config);
  return withOverlapNamed(api, config, () =>
    work().catch((error: unknown) => {
      if (!(error instanceof NatsxError) || !lacksFolder(error.details ?? {})) throw error;
      return work();
    }),
  );
}

/** @param config the whole new configuration. @throws as `request` */
export function updateStream(api: JetStreamApi, config: StreamConfig): Promise<StreamInfo> {
  const stream = config.name;
  const work = (): Promise<StreamInfo> =>
    api.request(`STREAM.UPDATE.${stream}`, `changing the stream "${stream}"`, config);
  return withNearestNames(api, { stream }, () => withOverlapNamed(api, config, work));
}

/** Adds the name of the other stream to "subjects overlap with an existing stream". */
async function withOverlapNamed<T>(
  api: JetStreamApi,
  config: StreamConfig,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (apiCodeOf(error) !== API_CODE.subjectsOverlap) throw error;
    const lists = (config.subjects ?? []).map((subject) => streamNames(api, subject));
    const found = (await Promise.all(lists).catch(() => [])).flat();
    const others = [...new Set(found)].filter((name) => name !== config.name);
    if (others.length === 0) throw error;
    throw new NatsxError(
      'rejected',
      `${others.join(' and ')} already ${agree(others.length, 'has', 'have')} subjects of the stream "${config.name}"`,
      {
        hint: 'a subject belongs to one stream: choose other subjects, or use --mirror or --source',
        cause: error,
      },
    );
  }
}

/** Removes a stream with its messages and consumers. @throws as `request` */
export async function deleteStream(api: JetStreamApi, stream: string): Promise<void> {
  await withNearestNames(api, { stream }, () =>
    api.request(`STREAM.DELETE.${stream}`, `removing the stream "${stream}"`),
  );
}

/** @returns how many messages were removed. @throws as `request` */
export async function purgeStream(
  api: JetStreamApi,
  stream: string,
  choice: PurgeChoice,
): Promise<number> {
  const answer = await withNearestNames(api, { stream }, () =>
    api.request<{ readonly purged: number }>(
      `STREAM.PURGE.${stream}`,
      `purging the stream "${stream}"`,
      choice,
    ),
  );
  return answer.purged;
}

/** @param erase also overwrite the bytes in the store, which takes longer. @throws as `request` */
export async function deleteMessage(
  api: JetStreamApi,
  stream: string,
  { seq, erase }: { readonly seq: number; readonly erase: boolean },
): Promise<void> {
  await withNearestNames(api, { stream }, () =>
    api.request(
      `STREAM.MSG.DELETE.${stream}`,
      `removing message ${seq} of the stream "${stream}"`,
      { seq, ...(!erase && { no_erase: true }) },
    ),
  );
}

interface StoredAnswer {
  readonly message: {
    readonly subject: string;
    readonly seq: number;
    readonly time: string;
    /** Base64, as is `data`. */
    readonly hdrs?: string;
    readonly data?: string;
  };
}

/**
 * One message of a stream, from the stream's leader.
 *
 * @throws {NatsxError} not-found — the stream (with the nearest names), or the message (with the stream's range)
 */
export async function readMessage(
  api: JetStreamApi,
  stream: string,
  choice: MessageChoice,
): Promise<StoredMessage> {
  const what = `reading a message of the stream "${stream}"`;
  try {
    const answer = await withNearestNames(api, { stream }, () =>
      api.request<StoredAnswer>(`STREAM.MSG.GET.${stream}`, what, question(choice)),
    );
    return storedMessage(stream, answer);
  } catch (error) {
    if (apiCodeOf(error) !== API_CODE.noMessage) throw error;
    const { state } = await readStream(api, stream);
    throw noSuchMessage(stream, choice, state);
  }
}

function question(choice: MessageChoice): Readonly<Record<string, string | number>> {
  switch (choice.by) {
    case 'seq':
      return { seq: choice.seq };
    case 'last':
      return { last_by_subj: choice.subject };
    case 'next':
      return { seq: choice.seq, next_by_subj: choice.subject };
  }
}

function storedMessage(stream: string, { message }: StoredAnswer): StoredMessage {
  const { subject, seq, time, hdrs, data } = message;
  const headers = hdrs === undefined ? undefined : decodeHeadersBlock(Buffer.from(hdrs, 'base64'));
  const payload = Buffer.from(data ?? '', 'base64');
  return { stream, seq, time, message: { subject, headers, payload, receivedAtMs: Date.now() } };
}

function noSuchMessage(stream: string, choice: MessageChoice, state: StreamState): NatsxError {
  const { first_seq: first, last_seq: last, messages } = state;
  const range =
    messages === 0
      ? `the stream is empty; its last sequence was ${last}`
      : `the stream's sequences are ${first} to ${last}`;
  return new NatsxError('not-found', `${absence(stream, choice, state)}: ${range}`, {
    hint: messages === 0 ? undefined : hintFor(choice, state),
    details: { stream, first_seq: first, last_seq: last, messages },
  });
}

function absence(stream: string, choice: MessageChoice, state: StreamState): string {
  const { first_seq: first, last_seq: last } = state;
  switch (choice.by) {
    case 'seq':
      if (choice.seq > last) return `"${stream}" has no message ${choice.seq} yet`;
      if (choice.seq >= first) return `message ${choice.seq} of "${stream}" was deleted`;
      return `message ${choice.seq} of "${stream}" was removed`;
    case 'last':
      return `"${stream}" has no message of "${choice.subject}"`;
    case 'next':
      return `"${stream}" has no message of "${choice.subject}" from sequence ${choice.seq}`;
  }
}

function hintFor(choice: MessageChoice, state: StreamState): string {
  if (choice.by === 'seq' && choice.seq < state.first_seq)
    return `the oldest one is ${state.first_seq}`;
  if (choice.by === 'seq' && choice.seq > state.last_seq)
    return `the newest one is ${state.last_seq}`;
  return choice.by === 'seq'
    ? "--next '>' SEQ gives the first one at or after a sequence"
    : 'natsx stream subjects lists the subjects of the stream';
}
