import { setTimeout as sleep } from 'node:timers/promises';

import type { Msg, NatsConnection } from '@nats-io/transport-node';

import type { ApiFacts } from '../../model/snapshot.js';
import type { Missing } from '../../model/snapshot.js';
import type { NatsxError } from '../../../core/errors.js';
import { apiErrorOf, type ApiError } from '../../model/api-failure.js';
import { isOffCode, type JetStreamScope } from '../../../connection/model/api-scope.js';
import { translateError } from '../../../connection/translate-error.js';

/** What of the connection reading needs. */
export type ReadingPort = Pick<NatsConnection, 'request' | 'requestMany' | 'info'>;

/** Why a question has no answer; the rest of a scan goes on without it. */
export interface Refusal {
  readonly refused: true;
  readonly why: Missing['why'];
  readonly detail: string;
  readonly code: number;
  /** What to do about it, if that is known. */
  readonly hint?: string | undefined;
}

/** Reads for a scan: many, cheap, bounded in number at a time and per second, failures as values. */
export interface BacklogRequests {
  readonly serverVersion: string;
  /** What follows the API prefix; the answer is parsed JSON. @throws {NatsxError} connection — lost for good */
  readonly api: <T>(action: string, body?: object) => Promise<T | Refusal>;
  /** One raw reply, for direct gets; a reply without a responder is a refusal. */
  readonly raw: (subject: string, body: object) => Promise<Msg | Refusal>;
  /** All servers' answers on a system subject; empty when none may or can answer. */
  readonly everyServer: <T>(subject: string, body: object) => Promise<readonly T[]>;
  readonly facts: () => ApiFacts;
  /** Subjects that this user may not ask, as far as they were asked. */
  readonly denied: () => ReadonlySet<string>;
  /** As many at a time as the server takes lightly; grows while it is quick, halves when it is slow. */
  readonly concurrency: () => number;
}

const START_CONCURRENCY = 8;
const MOST_CONCURRENCY = 16;
const SLOW_MS = 500;
/** A cluster's leader waits up to 4s for stragglers before it answers a list. */
const LEAST_TIMEOUT_MS = 6_000;

export function isRefusal(answer: object): answer is Refusal {
  return 'refused' in answer;
}

/** No server answered on a subject; as in the client's own status. */
const NO_RESPONDERS = 503;

/** Whether the answer means that there is no JetStream. */
export function isJetStreamOff({ code }: Refusal): boolean {
  return code === NO_RESPONDERS || isOffCode(code);
}

/** @param maxPerSecond most requests per second [default: as fast as they are answered] */
export function openBacklogRequests(
  connection: ReadingPort,
  scope: JetStreamScope,
  maxPerSecond?: number,
): BacklogRequests {
  const meter = new Meter();
  const denied = new Set<string>();
  const gate = rateGate(maxPerSecond);
  const timeout = Math.max(scope.timeoutMs, LEAST_TIMEOUT_MS);
  const ask = async (subject: string, payload: string): Promise<Msg | Refusal> => {
    await gate();
    const startMs = performance.now();
    try {
      const reply = await connection.request(subject, payload, { timeout });
      meter.answered(performance.now() - startMs);
      return reply;
    } catch (error) {
      const failure = translateError(error, `asking "${subject}"`);
      if (failure.kind === 'connection') throw failure;
      if (failure.kind === 'timeout') meter.timedOut();
      if (failure.kind === 'auth') denied.add(subject);
      return refusalOf(failure);
    }
  };
  return {
    serverVersion: connection.info?.version ?? '',
    raw: (subject, body) => ask(subject, JSON.stringify(body)),
    api: async <T>(action: string, body?: object) => {
      const payload = body === undefined ? '' : JSON.stringify(body);
      const reply = await ask(`${scope.apiPrefix}.${action}`, payload);
      if (isRefusal(reply)) return reply;
      const answer = reply.json<object>();
      const error = apiErrorOf(answer);
      return error === undefined ? (answer as T) : apiRefusal(error);
    },
    everyServer: <T>(subject: string, body: object) => collectAnswers<T>(connection, subject, body),
    facts: () => meter.facts(),
    denied: () => denied,
    concurrency: () => meter.concurrency,
  };
}

/** How long nothing more may arrive before all servers are taken to have answered. */
const STALL_MS = 250;
const LONGEST_COLLECT_MS = 2_000;

/** What all servers answer to one question; nothing when none may or can. */
export async function collectAnswers<T>(
  connection: Pick<NatsConnection, 'requestMany'>,
  subject: string,
  body: object,
): Promise<readonly T[]> {
  const answers: T[] = [];
  try {
    const replies = await connection.requestMany(subject, JSON.stringify(body), {
      strategy: 'stall',
      maxWait: LONGEST_COLLECT_MS,
      stall: STALL_MS,
    });
    for await (const reply of replies) {
      if (reply.data.length > 0) answers.push(reply.json<T>());
    }
  } catch {
    // No answer, or not permitted: the caller lists it as missing.
  }
  return answers;
}

function refusalOf(failure: NatsxError): Refusal {
  const why = failure.kind === 'auth' ? 'denied' : failure.kind === 'timeout' ? 'timeout' : 'error';
  const none = failure.kind === 'no-responders';
  return {
    refused: true,
    why: none ? 'unsupported' : why,
    detail: failure.message,
    code: none ? NO_RESPONDERS : 0,
    hint: failure.hint,
  };
}

/** Codes by which the server says that an asset cannot be reached now. */
const NO_LEADER: ReadonlySet<number> = new Set([10004, 10008, 10009]);
const OFFLINE: ReadonlySet<number> = new Set([10118, 10119, 10194, 10195]);

function apiRefusal({ err_code: code = 0, description = 'no reason given' }: ApiError): Refusal {
  const why = NO_LEADER.has(code) ? 'no-leader' : OFFLINE.has(code) ? 'offline' : 'error';
  return { refused: true, why, detail: `${description} (${code})`, code };
}

/** How the API answered, and how many questions at a time that justifies. */
class Meter {
  #requests = 0;
  #timeouts = 0;
  #slowestMs = 0;
  // A ring of the latest answer times: enough for a median, whatever the scan's size.
  readonly #recent: number[] = [];
  #concurrency = START_CONCURRENCY;

  get concurrency(): number {
    return this.#concurrency;
  }

  answered(ms: number): void {
    this.#recent[this.#requests % 256] = ms;
    this.#requests += 1;
    this.#slowestMs = Math.max(this.#slowestMs, ms);
    if (ms > SLOW_MS) this.#halve();
    else if (this.#requests % 8 === 0) {
      this.#concurrency = Math.min(MOST_CONCURRENCY, this.#concurrency + 1);
    }
  }

  timedOut(): void {
    this.#requests += 1;
    this.#timeouts += 1;
    this.#halve();
  }

  facts(): ApiFacts {
    const sorted = this.#recent.filter((ms) => ms >= 0).toSorted((a, b) => a - b);
    return {
      requests: this.#requests,
      timeouts: this.#timeouts,
      slowestMs: this.#slowestMs,
      medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
    };
  }

  #halve(): void {
    this.#concurrency = Math.max(1, Math.floor(this.#concurrency / 2));
  }
}

/** Spaces requests evenly once the second's first few are spent. */
function rateGate(maxPerSecond: number | undefined): () => Promise<void> {
  let nextMs = 0;
  return async () => {
    if (maxPerSecond === undefined) return;
    const now = performance.now();
    const stepMs = 1000 / maxPerSecond;
    nextMs = Math.max(nextMs + stepMs, now - 100);
    if (nextMs > now) await sleep(nextMs - now);
  };
}

/** Runs jobs with as many at a time as the meter allows at each moment; stops at the first that throws. */
export async function withConcurrency<T>(
  items: readonly T[],
  limit: () => number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const running = new Set<Promise<void>>();
  while (next < items.length || running.size > 0) {
    while (next < items.length && running.size < limit()) {
      const item = items[next++];
      if (item === undefined) continue;
      const job = work(item).finally(() => running.delete(job));
      running.add(job);
    }
    if (running.size > 0) await Promise.race(running);
  }
}
