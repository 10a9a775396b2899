import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import { keepsInterest, removalLosses } from '../../model/consumer-losses.js';
import { totalLoss } from '../../model/losses.js';
import type { ConsumerRemoval } from '../../model/removal.js';
import { rejectServersOwn } from '../../model/servers-own.js';
import type { Client } from '../../../connection/connect.js';
import { openJetStreamApi } from '../api/jetstream-api.js';
import { deleteConsumer } from '../api/jetstream-consumers.js';
import { readConsumer } from '../api/jetstream-entities.js';
import { otherConsumers, streamIfAllowed } from './other-consumers.js';
import { removedMessages } from './removed-messages.js';

interface RemoveRequest {
  readonly stream: string;
  readonly consumer: string;
  /** False: only shows what would be removed. */
  readonly apply: boolean;
}

/** @throws {NatsxError} not-found — the stream or the consumer; rejected — it is internal to the server */
export async function removeConsumer(
  client: Client,
  scope: JetStreamScope,
  { stream, consumer, apply }: RemoveRequest,
): Promise<ConsumerRemoval> {
  const api = openJetStreamApi(client.connection, scope);
  const info = await readConsumer(api, stream, consumer);
  rejectServersOwn({ stream, consumer }, info.config);
  const before = await streamIfAllowed(api, stream);
  const others =
    before !== undefined && keepsInterest(before) ? await otherConsumers(api, info) : undefined;
  const { serverVersion } = api;
  const losses =
    before === undefined
      ? undefined
      : removalLosses({ consumer: info, stream: before, others, serverVersion });
  if (apply) await deleteConsumer(api, stream, consumer);
  const total = totalLoss(losses ?? [], before?.state.messages ?? 0);
  const removed =
    apply && before !== undefined && total.most > 0
      ? await removedMessages(api, before, total)
      : undefined;
  const { num_pending: pending, num_ack_pending: ackPending } = info;
  return {
    stream,
    consumer,
    pending,
    ackPending,
    losses: losses?.map(({ text }) => text),
    removes: total.most === 0 ? undefined : total,
    removed,
    done: apply,
  };
}
