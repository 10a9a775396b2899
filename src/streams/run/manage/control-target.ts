import type { NatsConnection } from '@nats-io/transport-node';

import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import type { ConsumerChange, ConsumerChangeBase } from '../../model/consumer-change.js';
import type { ConsumerInfo } from '../../model/consumer-info.js';
import { rejectServersOwn } from '../../model/servers-own.js';
import { openJetStreamApi, type JetStreamApi } from '../api/jetstream-api.js';
import { readConsumer } from '../api/jetstream-entities.js';

export type ControlPort = Pick<NatsConnection, 'request' | 'requestMany' | 'info'>;

export interface ControlTarget {
  readonly stream: string;
  readonly consumer: string;
  readonly scope: JetStreamScope;
  /** False: nothing is changed, only looked at. */
  readonly apply: boolean;
}

/** The consumer as it is. @throws {NatsxError} not-found; rejected — the server created it for itself */
export async function look(
  port: ControlPort,
  { stream, consumer, scope }: ControlTarget,
): Promise<{ readonly api: JetStreamApi; readonly info: ConsumerInfo }> {
  const api = openJetStreamApi(port, scope);
  const info = await readConsumer(api, stream, consumer);
  rejectServersOwn({ stream, consumer }, info.config);
  return { api, info };
}

/** What all changes have in common. */
export function changeOf<A extends ConsumerChange['action']>(
  action: A,
  { stream, consumer, apply }: ControlTarget,
): ConsumerChangeBase & { readonly action: A } {
  return { action, stream, consumer, applied: apply, losses: [] };
}
