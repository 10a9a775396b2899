import type { NatsConnection } from '@nats-io/transport-node';

import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import type { ConsumerChange } from '../../model/consumer-change.js';
import type { ConsumerInfo } from '../../model/consumer-info.js';
import { rejectServersOwn } from '../../model/servers-own.js';
import { openJetStreamApi, type JetStreamApi } from '../api/jetstream-api.js';
import { readConsumer } from '../api/jetstream-entities.js';

export type ControlPort = Pick<NatsConnection, 'request' | 'requestMany' | 'info'>;

export interface ControlTarget {
  readonly stream: string;
  readonly consumer: string;
  readonly scope: JetStreamScope;
  /** Whether it is done, or only said what would be. */
  readonly apply: boolean;
}

/** The consumer as it is. @throws {NatsxError} not-found; rejected — it is the server's own */
export async function look(
  port: ControlPort,
  { stream, consumer, scope }: ControlTarget,
): Promise<{ readonly api: JetStreamApi; readonly info: ConsumerInfo }> {
  const api = openJetStreamApi(port, scope);
  const info = await readConsumer(api, stream, consumer);
  rejectServersOwn({ stream, consumer }, info.config);
  return { api, info };
}

/** What was done, or would be. */
export function change(
  action: ConsumerChange['action'],
  { stream, consumer, apply }: ControlTarget,
  {
    losses = [],
    ...rest
  }: Pick<ConsumerChange, 'details' | 'removes' | 'removed'> &
    Partial<Pick<ConsumerChange, 'losses'>>,
): ConsumerChange {
  return { action, stream, consumer, applied: apply, losses, ...rest };
}
