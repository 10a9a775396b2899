import type { Msg } from '@nats-io/transport-node';

import type { WaitingMessage } from '../../model/snapshot.js';
import type { StreamSample } from '../../model/snapshot.js';
import { API_CODE } from '../../model/api-failure.js';
import { isAtLeast } from '../../../core/server-needs.js';
import { decodeHeadersBlock } from '../../../core/message/headers-block.js';
import type { MessageHeaders } from '../../../core/message/message.js';
import { countedOnce } from '../../../core/subject/subject-match.js';
import { storedDelivery } from '../../model/direct-message.js';
import type { BacklogRequests } from './requests.js';
import { isRefusal } from './requests.js';
import { timeOf } from './samples.js';

/** Where to look for a stored message: the first at or after a sequence, or a time, that a filter matches. */
export interface MessageQuestion {
  readonly stream: StreamSample;
  readonly apiPrefix: string;
  readonly from: { readonly seq: number } | { readonly timeMs: number };
  /** Empty: any subject. */
  readonly filters: readonly string[];
}

/** A message with its payload, for those who show it. */
export interface FoundMessage extends WaitingMessage {
  readonly seq: number;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: MessageHeaders | undefined;
}

/** The lookup was not possible: no permission, no answer, or a server that is too old. `undefined` in its place means: there is none. */
export type Unreadable = 'unreadable';

/** Since then a direct get looks for a start time, and counts what follows. */
const BATCHES = '2.11';
const MOST_FILTERS = 8;

/**
 * The first such message. Read by direct get where the stream allows it, which does not queue behind the work of
 * the API; else by the leader. Deleted sequences are stepped over.
 */
export async function firstMessage(
  requests: BacklogRequests,
  question: MessageQuestion,
): Promise<FoundMessage | undefined | Unreadable> {
  const filters = question.filters.length === 0 ? ['>'] : question.filters;
  if (filters.length > MOST_FILTERS) return 'unreadable';
  const found = await Promise.all(filters.map((filter) => firstOf(requests, question, filter)));
  let earliest: FoundMessage | undefined;
  for (const one of found) {
    if (one === 'unreadable') return one;
    if (one !== undefined && (earliest === undefined || one.seq < earliest.seq)) earliest = one;
  }
  return earliest;
}

/** How many stored messages match at or after a sequence; counted by the server, each message once. */
export async function countMessages(
  requests: BacklogRequests,
  question: MessageQuestion,
): Promise<number | Unreadable> {
  const { stream, filters } = question;
  if (!stream.config.allowDirect || !isAtLeast(requests.serverVersion, BATCHES))
    return 'unreadable';
  const counts = countedOnce(filters.length === 0 ? ['>'] : filters, MOST_FILTERS);
  if (counts === undefined) return 'unreadable';
  let sum = 0;
  for (const { pattern, sign } of counts) {
    const body = { ...position(question), next_by_subj: pattern, batch: 1 };
    const reply = await requests.raw(directSubject(question), body);
    if (isRefusal(reply)) return 'unreadable';
    if (statusOf(reply) === 404 && reply.headers?.has('Nats-Sequence') !== true) continue;
    const more = Number(reply.headers?.last('Nats-Num-Pending') ?? Number.NaN);
    if (!Number.isFinite(more)) return 'unreadable';
    sum += sign * (more + 1);
  }
  return sum;
}

async function firstOf(
  requests: BacklogRequests,
  question: MessageQuestion,
  filter: string,
): Promise<FoundMessage | undefined | Unreadable> {
  if (question.stream.config.allowDirect) {
    const found = await directGet(requests, question, filter);
    if (found !== 'unreadable' && !isInexact(found)) return found;
  }
  return leaderGet(requests, question, filter);
}

/** The client reads headers as text, and takes a status that a message has of its own for one of the server. */
function isInexact(found: FoundMessage | undefined): boolean {
  for (const values of found?.headers?.values() ?? []) {
    if (values.some((value) => value.includes('\ufffd'))) return true;
  }
  return false;
}

async function directGet(
  requests: BacklogRequests,
  question: MessageQuestion,
  filter: string,
): Promise<FoundMessage | undefined | Unreadable> {
  if ('timeMs' in question.from && !isAtLeast(requests.serverVersion, BATCHES)) return 'unreadable';
  const batch = 'timeMs' in question.from ? { batch: 1 } : {};
  const body = { ...position(question), next_by_subj: filter, ...batch };
  const reply = await requests.raw(directSubject(question), body);
  if (isRefusal(reply)) return 'unreadable';
  const status = statusOf(reply);
  if (status !== 0 && reply.headers?.has('Nats-Sequence') === true) return 'unreadable';
  if (status === 404) return undefined;
  return status >= 400 ? 'unreadable' : fromDirect(reply, question.stream.name);
}

function fromDirect({ subject, data, headers }: Msg, stream: string): FoundMessage | Unreadable {
  const answer = { subject, payload: data, headers: new Map(headers), receivedAtMs: Date.now() };
  const stored = storedDelivery(answer, stream);
  if (stored === undefined) return 'unreadable';
  const { message, delivery } = stored;
  return {
    seq: delivery.seq,
    storedMs: delivery.timeMs + delivery.restNs / 1e6,
    subject: message.subject,
    sizeBytes: message.payload.length,
    estimated: false,
    payload: message.payload,
    headers: message.headers,
  };
}

interface LeaderAnswer {
  readonly message: {
    readonly subject: string;
    readonly seq: number;
    readonly time: string;
    readonly data?: string;
    readonly hdrs?: string;
  };
}

async function leaderGet(
  requests: BacklogRequests,
  question: MessageQuestion,
  filter: string,
): Promise<FoundMessage | undefined | Unreadable> {
  if ('timeMs' in question.from && !isAtLeast(requests.serverVersion, BATCHES)) return 'unreadable';
  const body = { ...position(question), next_by_subj: filter };
  const answer = await requests.api<LeaderAnswer>(`STREAM.MSG.GET.${question.stream.name}`, body);
  if (isRefusal(answer)) return answer.code === API_CODE.noMessage ? undefined : 'unreadable';
  const { message } = answer;
  const payload = Buffer.from(message.data ?? '', 'base64');
  return {
    seq: message.seq,
    storedMs: timeOf(message.time) ?? 0,
    subject: message.subject,
    sizeBytes: payload.length,
    estimated: false,
    payload,
    headers: storedHeaders(message.hdrs),
  };
}

function storedHeaders(encoded: string | undefined): MessageHeaders | undefined {
  return encoded === undefined ? undefined : decodeHeadersBlock(Buffer.from(encoded, 'base64'));
}

function position({ from }: MessageQuestion): object {
  return 'seq' in from
    ? { seq: Math.max(1, from.seq) }
    : { start_time: new Date(from.timeMs).toISOString() };
}

function directSubject({ apiPrefix, stream }: MessageQuestion): string {
  return `${apiPrefix}.DIRECT.GET.${stream.name}`;
}

function statusOf(reply: Msg): number {
  return reply.headers?.code ?? 0;
}
