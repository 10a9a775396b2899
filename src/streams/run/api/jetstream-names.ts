import { closestNames } from '../../../core/closest-names.js';
import { NatsxError } from '../../../core/errors.js';
import { API_CODE, apiCodeOf } from '../../model/api-failure.js';
import { allPages, type Page } from '../../../connection/pages.js';
import type { JetStreamApi } from './jetstream-api.js';
import { agree } from '../../../core/wording.js';

/** What a request is about, for the error when it does not exist. */
export interface JetStreamTarget {
  readonly stream: string;
  readonly consumer?: string;
}

interface NamesPage extends Page {
  readonly streams?: readonly string[] | null;
  readonly consumers?: readonly string[] | null;
}

/** Names of all streams, of those that have a subject matching `subject` when it is given. @throws as `request` */
export function streamNames(
  api: Pick<JetStreamApi, 'request'>,
  subject?: string,
): Promise<readonly string[]> {
  const filter = subject === undefined ? {} : { subject };
  return allNames((offset) =>
    api.request<NamesPage>('STREAM.NAMES', 'listing the streams', { ...filter, offset }),
  );
}

/** Names of all consumers of a stream. @throws as `request` */
export function consumerNames(
  api: Pick<JetStreamApi, 'request'>,
  stream: string,
): Promise<readonly string[]> {
  const what = `listing the consumers of "${stream}"`;
  return allNames((offset) => api.request<NamesPage>(`CONSUMER.NAMES.${stream}`, what, { offset }));
}

async function allNames(read: (offset: number) => Promise<NamesPage>): Promise<string[]> {
  const names: string[] = [];
  const of = ({ streams, consumers }: NamesPage): readonly string[] => streams ?? consumers ?? [];
  for await (const page of allPages({ read, size: (one) => of(one).length })) {
    names.push(...of(page));
  }
  return names;
}

/**
 * Does something with a stream or consumer; if it does not exist, the error has similar names.
 *
 * @throws {NatsxError} not-found with a hint; connection — but it is listed; whatever `work` throws otherwise
 */
export async function withNearestNames<T>(
  api: Pick<JetStreamApi, 'request'>,
  target: JetStreamTarget,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw (await missing(api, target, error)) ?? error;
  }
}

async function missing(
  api: Pick<JetStreamApi, 'request'>,
  { stream, consumer }: JetStreamTarget,
  error: unknown,
): Promise<NatsxError | undefined> {
  const code = apiCodeOf(error);
  if (code === API_CODE.streamNotFound) {
    const known = await listed(() => streamNames(api));
    if (known?.includes(stream)) return inMotion(`the stream "${stream}"`, error);
    return notFound(`there is no stream "${stream}"`, nearest(stream, 'stream', known), error);
  }
  if (code === API_CODE.consumerNotFound && consumer !== undefined) {
    const known = await listed(() => consumerNames(api, stream));
    if (known?.includes(consumer)) {
      return inMotion(`the consumer "${consumer}" of the stream "${stream}"`, error);
    }
    const hint = nearest(consumer, 'consumer', known);
    return notFound(`the stream "${stream}" has no consumer "${consumer}"`, hint, error);
  }
  return undefined;
}

/** One server of a cluster knows of its creation or removal, and another does not yet. */
function inMotion(what: string, cause: unknown): NatsxError {
  return new NatsxError('connection', `JetStream lists ${what}, but does not find it`, {
    hint: 'it is being created or removed, or its cluster has no leader now: try again',
    cause,
    details: cause instanceof NatsxError ? cause.details : undefined,
  });
}

function notFound(message: string, hint: string | undefined, cause: unknown): NatsxError {
  const details = cause instanceof NatsxError ? cause.details : undefined;
  return new NatsxError('not-found', message, { hint, cause, details });
}

/** A user who may not list gets no hint, but still the message. */
function listed(list: () => Promise<readonly string[]>): Promise<readonly string[] | undefined> {
  return list().catch(() => undefined);
}

function nearest(
  name: string,
  what: 'stream' | 'consumer',
  known: readonly string[] | undefined,
): string | undefined {
  if (known === undefined) return undefined;
  if (known.length === 0) return `there are no ${what}s yet; natsx ${what} create creates one`;
  const close = closestNames(name, known);
  if (close.length > 0) return `did you mean ${close.join(' or ')}?`;
  return known.length <= 5
    ? `the ${what}${agree(known.length, ' is', 's are')} ${known.join(', ')}`
    : `natsx ${what} ls lists them`;
}
