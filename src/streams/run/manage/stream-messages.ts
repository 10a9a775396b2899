import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import type { MessageRemoval } from '../../model/removal.js';
import type { MessageChoice, StoredMessage } from '../../model/stored-message.js';
import type { Client } from '../../../connection/connect.js';
import { openJetStreamApi } from '../api/jetstream-api.js';
import { readSubjects } from '../api/jetstream-entities.js';
import { deleteMessage, readMessage } from '../api/jetstream-streams.js';

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

/** Messages of a stream by subject, of all subjects or of matching ones. @throws {NatsxError} not-found — the stream */
export function storedSubjects(
  client: Client,
  scope: JetStreamScope,
  { stream, filter = '>' }: { readonly stream: string; readonly filter?: string | undefined },
): Promise<ReadonlyMap<string, number>> {
  return readSubjects(openJetStreamApi(client.connection, scope), stream, filter);
}
