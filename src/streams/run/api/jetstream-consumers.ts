import { allPages, type Page } from '../../../connection/pages.js';
import type { ConsumerConfig, ConsumerInfo, ListedConsumer } from '../../model/consumer-info.js';
import { isAtLeast } from '../../../core/server-needs.js';
import type { JetStreamApi } from './jetstream-api.js';
import { withNearestNames } from './jetstream-names.js';

interface ConfigsPage extends Page {
  readonly consumers?: readonly ListedConsumer[] | null;
}

/** From this version on, a request can ask to create and not to change an existing consumer. */
const HAS_ACTIONS = '2.10';

/** Whether the server itself keeps `createConsumer` from changing a consumer that exists. */
export function canOnlyCreate(api: JetStreamApi): boolean {
  return isAtLeast(api.serverVersion, HAS_ACTIONS);
}

/**
 * Creates a consumer. An existing one with the same configuration stays as it is; one with another configuration stays
 * only where {@link canOnlyCreate}.
 *
 * @throws {NatsxError} rejected — one with another configuration exists (`API_CODE.consumerExists`), or the server objects
 */
export function createConsumer(
  api: JetStreamApi,
  stream: string,
  config: ConsumerConfig & { readonly name: string },
): Promise<ConsumerInfo> {
  const what = `creating the consumer "${config.name}" of "${stream}"`;
  const action = canOnlyCreate(api) ? { action: 'create' } : {};
  return withNearestNames(api, { stream }, () =>
    api.request(createSubject(stream, config), what, { stream_name: stream, config, ...action }),
  );
}

/** Permissions can be given by filter: a single one is a part of the subject. */
function createSubject(stream: string, config: ConsumerConfig & { readonly name: string }): string {
  const filter = config.filter_subject ?? '';
  const base = `CONSUMER.CREATE.${stream}.${config.name}`;
  return filter === '' ? base : `${base}.${filter}`;
}

/** The configurations of all consumers of a stream, all pages of them. @throws as `request` */
export async function consumerConfigs(
  api: JetStreamApi,
  stream: string,
): Promise<readonly ConsumerConfig[]> {
  const configs: ConsumerConfig[] = [];
  const what = `listing the consumers of "${stream}"`;
  const pages = allPages<ConfigsPage>({
    read: (offset) => api.request(`CONSUMER.LIST.${stream}`, what, { offset }),
    size: ({ consumers }) => consumers?.length ?? 0,
  });
  for await (const { consumers } of pages)
    configs.push(...(consumers ?? []).map(({ config }) => config));
  return configs;
}

/** Removes a consumer; its stream and messages stay. @throws as `request` */
export async function deleteConsumer(
  api: JetStreamApi,
  stream: string,
  consumer: string,
): Promise<void> {
  const what = `removing the consumer "${consumer}" of "${stream}"`;
  await withNearestNames(api, { stream, consumer }, () =>
    api.request(`CONSUMER.DELETE.${stream}.${consumer}`, what),
  );
}
