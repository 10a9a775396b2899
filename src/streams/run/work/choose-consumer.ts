import { NatsxError, usageError } from '../../../core/errors.js';
import { filterConfig, wantedConsumer } from '../../model/consumer-config.js';
import type { ConsumerConfig, ConsumerInfo } from '../../model/consumer-info.js';
import type { ConsumerChoice } from '../../../core/message/work.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import { createConsumer } from '../api/jetstream-consumers.js';
import { findConsumer, readConsumer } from '../api/jetstream-entities.js';

/**
 * The consumer to work as, created if requested.
 *
 * @throws {NatsxError} not-found with the nearest names; rejected — a push consumer; usage — it does not fit the flags; as
 *   JetStream's API
 */
export async function chooseConsumer(
  api: JetStreamApi,
  stream: string,
  choice: ConsumerChoice,
): Promise<ConsumerInfo> {
  const present = await findConsumer(api, stream, choice.durable);
  const info = present ?? (await createOrFail(api, stream, choice));
  checkKind(info.config, `${choice.durable} of ${stream}`, choice);
  return info;
}

async function createOrFail(
  api: JetStreamApi,
  stream: string,
  { durable, create, filters, ack }: ConsumerChoice,
): Promise<ConsumerInfo> {
  if (create) {
    const policy = ack === 'none' ? { ack_policy: 'none' } : {};
    const config = wantedConsumer(durable, { ...filterConfig(all(filters)), ...policy });
    return createConsumer(api, stream, { ...config, name: durable });
  }
  try {
    return await readConsumer(api, stream, durable);
  } catch (error) {
    if (!(error instanceof NatsxError) || error.kind !== 'not-found') throw error;
    const hint = [error.hint, '--create creates it'].filter(Boolean).join('; ');
    throw new NatsxError('not-found', error.message, { hint, cause: error });
  }
}

function all(filters: readonly string[]): readonly string[] | undefined {
  return filters.length === 0 ? undefined : filters;
}

function checkKind(config: ConsumerConfig, name: string, choice: ConsumerChoice): void {
  if (config.deliver_subject !== undefined) {
    throw new NatsxError(
      'rejected',
      `the consumer ${name} is a push consumer, which delivers to ${config.deliver_subject}; --durable needs a pull consumer`,
      { hint: `natsx sub '${config.deliver_subject}' prints what it delivers` },
    );
  }
  const { ack, filters, concurrency } = choice;
  if (config.ack_policy === 'none' && ack !== undefined && ack !== 'none') {
    throw usageError(
      `the consumer ${name} has the ack policy none, so --ack ${ack} cannot be used`,
      'use --ack none, or a consumer with the ack policy explicit',
    );
  }
  if (config.ack_policy === 'all' && concurrency > 1) {
    throw usageError(
      `the consumer ${name} has the ack policy all, so only one message can be processed at a time`,
      'leave out --concurrency',
    );
  }
  const present = config.filter_subjects ?? [config.filter_subject ?? ''];
  const same = present.length === filters.length && filters.every((one) => present.includes(one));
  if (filters.length === 0 || same) return;
  throw usageError(
    `the consumer ${name} delivers ${present.join(', ') || 'all subjects'}, not ${filters.join(', ')}`,
    'omit the subject; natsx consumer create --filter creates a consumer with another filter',
  );
}
