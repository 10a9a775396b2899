import type { AssetListing, MissingAsset } from '../../model/listing.js';
import { NatsxError } from '../../../core/errors.js';
import type { ConsumerInfo } from '../../model/consumer-info.js';
import type { StreamInfo } from '../../model/stream-info.js';
import { noJetStream } from '../../model/api-failure.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import { checkExactSequences } from '../../model/sequence.js';
import { isJetStreamOff, isRefusal, openBacklogRequests, type ReadingPort } from './requests.js';
import { sweepAccount, sweepStream } from './sweep.js';
import { openJetStreamApi } from './jetstream-api.js';
import { readConsumer, readStream } from './jetstream-entities.js';
import { checkTarget } from './target.js';

/** What to list: all streams, those with such a subject, or one stream with its consumers. */
interface ListingRequest {
  readonly stream?: string | undefined;
  readonly subject?: string | undefined;
  /** Also the consumers of all streams. */
  readonly wantsConsumers?: boolean;
  readonly scope: JetStreamScope;
}

/**
 * All streams of the account, or one stream with its consumers: one quick reading.
 *
 * @throws {NatsxError} not-found — the stream, or JetStream is off; rejected — the sequences of the stream are too large; auth, timeout, connection — the list as a whole
 */
export async function listing(port: ReadingPort, request: ListingRequest): Promise<AssetListing> {
  const { stream, subject, wantsConsumers = false, scope } = request;
  const api = openJetStreamApi(port, scope);
  const requests = openBacklogRequests(port, scope);
  const plan = {
    subject,
    wantsConsumers: () => wantsConsumers,
    serverNowMs: () => Date.now(),
  };
  if (stream !== undefined) checkExactSequences(await readStream(api, stream));
  const account = await requests.api<object>('INFO');
  if (isRefusal(account) && isJetStreamOff(account)) throw noJetStream(scope.apiPrefix);
  const sweep =
    stream === undefined
      ? await sweepAccount(requests, plan)
      : await sweepStream(requests, { stream }, plan);
  // Single assets that do not answer are listed as such; without the list itself there is nothing to list.
  const isList = (missing: MissingAsset): boolean =>
    missing.stream === (stream ?? '') && missing.consumer === undefined;
  const unlisted = sweep.missing.find(isList);
  if (unlisted !== undefined) {
    if (stream === undefined) await api.request('STREAM.LIST', 'listing the streams');
    else await api.request(`CONSUMER.LIST.${stream}`, `listing the consumers of "${stream}"`);
    // Asked once more, it answers.
    throw new NatsxError('timeout', `${unlisted.what}: ${unlisted.detail}`, {
      hint: 'try it again',
    });
  }
  if (subject !== undefined && sweep.streams.size === 0 && sweep.missing.length === 0) {
    await checkTarget(port, { subject, scope });
  }
  return {
    streams: [...sweep.streams.values()].toSorted(byName),
    consumers: [...sweep.consumers.values()]
      .flatMap((consumers) => [...consumers.values()])
      .toSorted((a, b) => (a.stream === b.stream ? byName(a, b) : a.stream < b.stream ? -1 : 1)),
    missing: sweep.missing,
  };
}

/** The server's answer about a stream. @throws {NatsxError} not-found */
export function streamInfo(
  port: ReadingPort,
  stream: string,
  scope: JetStreamScope,
): Promise<StreamInfo> {
  return readStream(openJetStreamApi(port, scope), stream);
}

/** The server's answer about a consumer. @throws {NatsxError} not-found */
export function consumerInfo(
  port: ReadingPort,
  target: { readonly stream: string; readonly consumer: string },
  scope: JetStreamScope,
): Promise<ConsumerInfo> {
  return readConsumer(openJetStreamApi(port, scope), target.stream, target.consumer);
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
