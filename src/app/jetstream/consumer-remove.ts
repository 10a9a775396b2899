import type { JetStreamScope } from '../../domain/jetstream/api-scope.js';
import type { ConsumerRemoval } from '../../domain/jetstream/removal.js';
import { rejectServersOwn } from '../../domain/jetstream/servers-own.js';
import type { Client } from '../../nats/connect.js';
import { openJetStreamApi } from '../../nats/jetstream/jetstream-api.js';
import { deleteConsumer } from '../../nats/jetstream/jetstream-consumers.js';
import { readConsumer } from '../../nats/jetstream/jetstream-entities.js';

interface RemoveRequest {
  readonly stream: string;
  readonly consumer: string;
  /** False only looks at what would go. */
  readonly apply: boolean;
}

/** @throws {NatsxError} not-found — the stream or the consumer */
export async function removeConsumer(
  client: Client,
  scope: JetStreamScope,
  { stream, consumer, apply }: RemoveRequest,
): Promise<ConsumerRemoval> {
  const api = openJetStreamApi(client.connection, scope);
  const info = await readConsumer(api, stream, consumer);
  rejectServersOwn({ stream, consumer }, info.config);
  if (apply) await deleteConsumer(api, stream, consumer);
  const { num_pending: pending, num_ack_pending: ackPending } = info;
  return { stream, consumer, pending, ackPending, done: apply };
}
