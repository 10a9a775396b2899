import type { StreamConfig } from '@nats-io/jetstream';
import { connect, headers as newHeaders, type NatsConnection } from '@nats-io/transport-node';

import type { MessageInPlace } from '../../../../../src/core/message/message-in-place.js';
import type { ReadRange } from '../../../../../src/streams/model/read-range.js';
import {
  readStreamRange,
  type StreamReadOutcome,
  type StreamReadRequest,
  type StreamSink,
} from '../../../../../src/streams/run/read/read-stream.js';
import type { SessionTarget } from '../../../../../src/wire/open-session.js';
import type { NatsCluster } from '../../../../support/cluster.js';
import { eventually } from '../../../../support/eventually.js';
import type { NatsServer } from '../../../../support/nats-server.js';
import { dialTo } from '../../../wire/dialled.js';
import { patientClient, patientManager } from '../../../../support/patient-jetstream.js';

export const everything: ReadRange = { start: { from: 'first' }, end: { atEnd: true } };
export const scope = { apiPrefix: '$JS.API', timeoutMs: 5_000 };

export function targetOf(url: string, user?: string): SessionTarget {
  const policy = { waitForServerMs: 0, giveUpAfterMs: 90_000, onEvent: () => undefined };
  const credentials = () => (user === undefined ? {} : { user, password: 'x' });
  // Several servers are written one after the other, with commas.
  return { dial: dialTo(url, { credentials, servers: url.split(',') }), policy, version: '0.0.0' };
}

/** `url` may name a user, whose password is `x`. */
export async function withConnection<R>(
  url: string,
  use: (connection: NatsConnection) => Promise<R>,
): Promise<R> {
  const { host, username: user } = new URL(url);
  const connection = await connect({ servers: host, ...(user !== '' && { user, pass: 'x' }) });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

/** Makes a stream and stores numbered messages in it, on the subjects in turn. */
export function fillStream(
  url: string,
  config: Partial<StreamConfig> & { readonly name: string },
  { count = 0, subjects = ['s.a'] }: { readonly count?: number; readonly subjects?: string[] } = {},
): Promise<void> {
  return withConnection(url, async (connection) => {
    const manager = await patientManager(connection);
    await manager.streams.add({ subjects: ['s.>'], ...config });
    await store(connection, { count, subjects });
  });
}

export async function store(
  connection: NatsConnection,
  { count, subjects = ['s.a'], from = 1 }: { count: number; subjects?: string[]; from?: number },
): Promise<void> {
  const client = patientClient(connection);
  const publish = (number: number, retries = 1): Promise<unknown> => {
    const subject = subjects[(number - 1) % subjects.length] ?? 's.a';
    const headers = newHeaders();
    headers.set('Number', `${number}`);
    return client.publish(subject, `message ${number}`, { headers, retries });
  };
  // In a cluster a new stream is not served at once; the others must not come before the first.
  if (count > 0) await publish(from, 12);
  for (let first = from + 1; first < from + count; first += 500) {
    const size = Math.min(500, from + count - first);
    await Promise.all(Array.from({ length: size }, (_, index) => publish(first + index)));
  }
}

/** The server that leads a stream, and where the others are reached. */
export async function leaderOf(
  { servers, urls }: NatsCluster,
  stream: string,
): Promise<{ readonly leader: NatsServer; readonly otherUrls: readonly string[] }> {
  const place = await withConnection(urls[0] ?? '', async (connection) => {
    const manager = await patientManager(connection);
    return eventually('the stream has a leader', async () => {
      const { cluster } = await manager.streams.info(stream);
      return /^n(\d)$/.exec(cluster?.leader ?? '')?.[1];
    });
  });
  const leader = servers[Number(place) - 1];
  if (leader === undefined) throw new Error(`no server n${place} in the cluster`);
  return { leader, otherUrls: urls.filter((url) => url !== leader.url) };
}

export interface ReadBack {
  readonly outcome: StreamReadOutcome;
  readonly seqs: readonly number[];
  readonly texts: readonly string[];
  readonly heals: readonly string[];
}

/** Reads a range and keeps what came. */
export async function readBack(
  url: string,
  request: Partial<StreamReadRequest>,
  differing: Partial<StreamSink> & { readonly signal?: AbortSignal; readonly user?: string } = {},
): Promise<ReadBack> {
  const seqs: number[] = [];
  const texts: string[] = [];
  const heals: string[] = [];
  const sink: StreamSink = {
    opened: () => undefined,
    ready: () => Promise.resolve(),
    healing: (reason) => heals.push(reason),
    ...differing,
    message: (message, place) => {
      seqs.push(place.seq);
      texts.push(textOf(message));
      return differing.message?.(message, place) ?? 'taken';
    },
  };
  const outcome = await readStreamRange(
    targetOf(url, differing.user),
    { scope, filters: [], range: everything, ...request },
    sink,
    differing.signal ?? new AbortController().signal,
  );
  return { outcome, seqs, texts, heals };
}

function textOf({ buffer, payloadStart, payloadEnd }: MessageInPlace): string {
  return buffer.toString('utf8', payloadStart, payloadEnd);
}

/** The whole numbers from one to another, both included. */
export function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
