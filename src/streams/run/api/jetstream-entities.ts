import { API_CODE, apiCodeOf } from '../../model/api-failure.js';
import { isAnswered, type ConsumerInfo, type ListedConsumer } from '../../model/consumer-info.js';
import type { StreamInfo } from '../../model/stream-info.js';
import { allPages, type Page } from '../../../connection/pages.js';
import type { JetStreamApi } from './jetstream-api.js';
import { withNearestNames } from './jetstream-names.js';

/** What a stream is asked for in addition; each may be large. */
export interface StreamInfoOptions {
  /** Messages by subject, for the subjects that match. */
  readonly subjects_filter?: string;
  readonly deleted_details?: boolean;
}

/** @throws {NatsxError} not-found with the nearest names; as `request` */
export function readStream(
  api: JetStreamApi,
  stream: string,
  options?: StreamInfoOptions,
): Promise<StreamInfo> {
  return withNearestNames(api, { stream }, () => askForStream(api, stream, options));
}

/** The stream, or undefined when there is none. @throws as `request` */
export function findStream(api: JetStreamApi, stream: string): Promise<StreamInfo | undefined> {
  return unless(API_CODE.streamNotFound, askForStream(api, stream));
}

/** @throws {NatsxError} not-found (stream or consumer) with the nearest names; as `request` */
export function readConsumer(
  api: JetStreamApi,
  stream: string,
  consumer: string,
): Promise<ConsumerInfo> {
  return withNearestNames(api, { stream, consumer }, () => askForConsumer(api, stream, consumer));
}

/** The consumer, or undefined when the stream has none of that name. @throws {NatsxError} not-found — the stream; as `request` */
export function findConsumer(
  api: JetStreamApi,
  stream: string,
  consumer: string,
): Promise<ConsumerInfo | undefined> {
  return withNearestNames(api, { stream }, () =>
    unless(API_CODE.consumerNotFound, askForConsumer(api, stream, consumer)),
  );
}

interface ConsumersPage extends Page {
  readonly consumers?: readonly ListedConsumer[] | null;
}

/** All consumers of a stream that answer. @throws as `request` */
export async function readConsumers(
  api: JetStreamApi,
  stream: string,
): Promise<readonly ConsumerInfo[]> {
  const found: ConsumerInfo[] = [];
  const pages = allPages<ConsumersPage>({
    read: (offset) =>
      withNearestNames(api, { stream }, () =>
        api.request(`CONSUMER.LIST.${stream}`, `listing the consumers of "${stream}"`, { offset }),
      ),
    size: ({ consumers }) => consumers?.length ?? 0,
  });
  for await (const { consumers } of pages) found.push(...(consumers ?? []).filter(isAnswered));
  return found;
}

/**
 * Messages by subject, all pages of them.
 *
 * @throws {NatsxError} not-found with the nearest names; as `request`
 */
export async function readSubjects(
  api: JetStreamApi,
  stream: string,
  filter: string,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const pages = allPages<StreamInfo & Page>({
    read: (offset) =>
      withNearestNames(api, { stream }, () =>
        api.request(`STREAM.INFO.${stream}`, `counting the subjects of "${stream}"`, {
          subjects_filter: filter,
          offset,
        }),
      ),
    size: ({ state }) => Object.keys(state.subjects ?? {}).length,
  });
  for await (const { state } of pages) {
    for (const [subject, count] of Object.entries(state.subjects ?? {})) counts.set(subject, count);
  }
  return counts;
}

function askForStream(
  api: JetStreamApi,
  stream: string,
  options?: StreamInfoOptions,
): Promise<StreamInfo> {
  return api.request(`STREAM.INFO.${stream}`, `looking up the stream "${stream}"`, options);
}

function askForConsumer(
  api: JetStreamApi,
  stream: string,
  consumer: string,
): Promise<ConsumerInfo> {
  const what = `looking up the consumer "${consumer}" of "${stream}"`;
  return api.request(`CONSUMER.INFO.${stream}.${consumer}`, what);
}

async function unless<T>(code: number, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (apiCodeOf(error) === code) return undefined;
    throw error;
  }
}
