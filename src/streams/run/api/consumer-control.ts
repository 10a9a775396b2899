import type { ConsumerConfig, ConsumerInfo } from '../../model/consumer-info.js';
import { isAtLeast } from '../../../core/server-needs.js';
import { NatsxError } from '../../../core/errors.js';
import type { JetStreamApi } from './jetstream-api.js';
import { withNearestNames, type JetStreamTarget } from './jetstream-names.js';

/** What operators do to an existing consumer. All throw as `JetStreamApi.request` does, with similar names where one is missing. */

interface ConsumerTarget extends JetStreamTarget {
  readonly consumer: string;
}

/** Stops delivery until a time; resumes it without one. @returns whether it is paused, and for how many nanoseconds */
export async function pauseConsumer(
  api: JetStreamApi,
  target: ConsumerTarget,
  until: Date | undefined,
): Promise<{ readonly paused: boolean; readonly pause_remaining?: number }> {
  needs(api, '2.11', 'pausing a consumer');
  const { stream, consumer } = target;
  const body = until === undefined ? {} : { pause_until: until.toISOString() };
  return withNearestNames(api, target, () =>
    api.request(
      `CONSUMER.PAUSE.${stream}.${consumer}`,
      `pausing "${consumer}" of "${stream}"`,
      body,
    ),
  );
}

/** Unpins the client of a group, so that the server pins another one. */
export async function unpinConsumer(
  api: JetStreamApi,
  target: ConsumerTarget,
  group: string,
): Promise<void> {
  needs(api, '2.11', 'unpinning a client');
  const { stream, consumer } = target;
  await withNearestNames(api, target, () =>
    api.request(`CONSUMER.UNPIN.${stream}.${consumer}`, `unpinning "${consumer}" of "${stream}"`, {
      group,
    }),
  );
}

/** Changes settings of an existing consumer. */
export async function updateConsumer(
  api: JetStreamApi,
  target: ConsumerTarget,
  config: ConsumerConfig,
): Promise<ConsumerInfo> {
  const { stream, consumer } = target;
  const action = isAtLeast(api.serverVersion, '2.10') ? { action: 'update' } : {};
  const filter = config.filter_subject ?? '';
  const subject = `CONSUMER.CREATE.${stream}.${consumer}${filter === '' ? '' : `.${filter}`}`;
  return withNearestNames(api, target, () =>
    api.request(subject, `changing "${consumer}" of "${stream}"`, {
      stream_name: stream,
      config,
      ...action,
    }),
  );
}

/** Whether the server can move a consumer without recreating it. */
export function canReset(api: JetStreamApi): boolean {
  return api.serverVersion !== '' && isAtLeast(api.serverVersion, '2.14');
}

/** Lets the consumer continue at a sequence. */
export async function resetConsumer(
  api: JetStreamApi,
  target: ConsumerTarget,
  seq: number,
): Promise<void> {
  const { stream, consumer } = target;
  await withNearestNames(api, target, () =>
    api.request(`CONSUMER.RESET.${stream}.${consumer}`, `moving "${consumer}" of "${stream}"`, {
      seq,
    }),
  );
}

function needs(api: JetStreamApi, version: string, what: string): void {
  if (isAtLeast(api.serverVersion, version)) return;
  throw new NatsxError(
    'rejected',
    `the server is too old for ${what}: it is ${api.serverVersion}, and this needs ${version}`,
    { hint: 'update the server', details: { server_version: api.serverVersion, needs: version } },
  );
}
