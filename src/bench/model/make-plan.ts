import { usageError } from '../../core/errors.js';
import { checkFlagsFit } from './flags-fit.js';
import { sendsItself } from './plan.js';
import type { BenchPlan, Goal } from './plan.js';
import type { BenchRequest } from './request.js';
import type { Scenario } from './scenario.js';
import type { TargetRate } from '../../core/values/pace.js';
import { meanSize } from './size-mix.js';
import type { SizeSpec } from './size-mix.js';

const DEFAULT_SIZE: SizeSpec = { kind: 'fixed', bytes: 128 };
const DEFAULT_DURATION_MS = 5_000;
const DEFAULT_WARMUP_MS = 500;
const DEFAULT_IDLE_MS = 5_000;
const DEFAULT_FIRST_MS = 60_000;
const DEFAULT_SEED = 1;
/** Calls that are sent when they are due, answered or not. */
export const OPEN_WINDOW = 10_000;
/** What a stream is filled with before it is read. */
const DEFAULT_STREAM_MESSAGES = 100_000;
const MAX_SUBJECTS = 1_000_000;
const MAX_RING_BYTES = 512 * 1024 ** 2;
const MAX_CLIENTS = 10_000;
const MAX_PUBLISHERS = 65_535;

/**
 * Checks a request and applies every default.
 * @throws NatsxError `usage`
 */
export function makePlan(request: BenchRequest): BenchPlan {
  checkFlagsFit(request);
  const roles = clientsOf(request);
  const connections = roles.publishers + roles.subscribers + roles.requesters + roles.responders;
  const goal = goalOf(request, roles);
  const size = sizeOf(request);
  return {
    scenario: request.scenario,
    engine: request.engine ?? 'wire',
    subject: request.subject ?? `natsx.bench.${request.runId}`,
    ownSubject: request.subject === undefined,
    runId: request.runId,
    ...roles,
    workers: Math.min(connections, whole('--workers', request.workers, request.cores, 1, 512)),
    goal,
    size,
    subjects: subjectsOf(request, size),
    headers: request.headers ?? [],
    payload: request.payload,
    pace: paceOf(request.pace),
    ...flowOf(request),
    storage: request.storage ?? 'file',
    replicas: whole('--replicas', request.replicas, 1, 1, 5),
    stream: request.stream,
    warmupMs: atLeastZero('--warmup', request.warmupMs ?? defaultWarmup(request.scenario, roles)),
    repeat: whole('--repeat', request.repeat, 1, 1, 1_000),
    seed: whole('--random-seed', request.seed, DEFAULT_SEED, 0, Number.MAX_SAFE_INTEGER),
    idleMs: aboveZero('--idle', request.idleMs ?? DEFAULT_IDLE_MS),
    firstMs: request.idleMs ?? DEFAULT_FIRST_MS,
    replyDelayMs: atLeastZero('--delay', request.replyDelayMs ?? 0),
  };
}

/** Where others send, nobody can say what belongs to a warm-up. */
function defaultWarmup(scenario: Scenario, { publishers }: RoleCounts): number {
  const waits = scenario === 'reply' || (scenario === 'sub' && publishers === 0);
  return waits ? 0 : DEFAULT_WARMUP_MS;
}

function flowOf(request: BenchRequest): Pick<BenchPlan, 'window' | 'ack' | 'batch'> {
  const window = { request: 1, 'js-pub': 500, 'js-get': 1 } as const;
  const { scenario } = request;
  const closed = scenario in window ? window[scenario as keyof typeof window] : 1;
  // A schedule waits for no answer: with a small window it would.
  const usual = scenario in window && request.pace !== undefined ? OPEN_WINDOW : closed;
  return {
    window: whole('--window', request.window, usual, 1, 1_000_000),
    ack: request.ack ?? 'explicit',
    batch: whole('--batch', request.batch, 500, 1, 100_000),
  };
}

type RoleCounts = Pick<BenchPlan, 'publishers' | 'subscribers' | 'requesters' | 'responders'>;

function clientsOf(request: BenchRequest): RoleCounts {
  const clients = (usual: number): number =>
    whole('--clients', request.clients, usual, 1, MAX_CLIENTS);
  const none = { publishers: 0, subscribers: 0, requesters: 0, responders: 0 };
  switch (request.scenario) {
    case 'pub':
    case 'js-pub':
      return { ...none, publishers: whole('--pubs', request.pubs, clients(1), 1, MAX_PUBLISHERS) };
    case 'sub':
      return {
        ...none,
        publishers: whole('--pubs', request.pubs, 0, 0, MAX_PUBLISHERS),
        subscribers: whole('--subs', request.subs, clients(1), 1, MAX_CLIENTS),
      };
    case 'js-consume':
    case 'js-get':
      return { ...none, subscribers: whole('--subs', request.subs, clients(1), 1, MAX_CLIENTS) };
    case 'pubsub':
    case 'queue':
      return {
        ...none,
        publishers: whole('--pubs', request.pubs, 1, 1, MAX_PUBLISHERS),
        subscribers: whole(
          '--subs',
          request.subs,
          clients(request.scenario === 'queue' ? 2 : 1),
          1,
          MAX_CLIENTS,
        ),
      };
    case 'request':
      return {
        ...none,
        requesters: clients(1),
        responders: whole('--responders', request.responders, 1, 0, MAX_CLIENTS),
      };
    case 'reply':
      return {
        ...none,
        responders: whole('--responders', request.responders, clients(1), 1, MAX_CLIENTS),
      };
  }
}

function goalOf(request: BenchRequest, { publishers }: RoleCounts): Goal {
  const { messages, durationMs, scenario } = request;
  if (messages !== undefined && durationMs !== undefined) {
    throw usageError('give either --msgs or --duration: a run has one goal');
  }
  if (messages !== undefined) {
    return { kind: 'messages', messages: whole('--msgs', messages, 0, 1, Number.MAX_SAFE_INTEGER) };
  }
  if (durationMs !== undefined) {
    return { kind: 'duration', durationMs: aboveZero('--duration', durationMs) };
  }
  if (sendsItself({ scenario, publishers })) {
    return { kind: 'duration', durationMs: DEFAULT_DURATION_MS };
  }
  if (scenario !== 'js-consume') return { kind: 'open' };
  return request.stream === undefined
    ? { kind: 'messages', messages: DEFAULT_STREAM_MESSAGES }
    : { kind: 'stored' };
}

/** Publishers keep a message for each subject ready. */
function subjectsOf(request: BenchRequest, size: SizeSpec): number {
  const subjects = whole('--subjects', request.subjects, 1, 1, MAX_SUBJECTS);
  const bytes = subjects * meanSize(size);
  if (subjects === 1 || bytes <= MAX_RING_BYTES) return subjects;
  throw usageError(
    `${subjects} subjects with bodies of that size take ${Math.ceil(bytes / 1024 ** 2)} MiB for each publisher, which keeps a message for each of them ready`,
    'choose fewer --subjects or a smaller --size: 512 MiB is the limit',
  );
}

function sizeOf(request: BenchRequest): SizeSpec {
  if (request.payload !== undefined) return { kind: 'fixed', bytes: request.payload.length };
  return request.size ?? DEFAULT_SIZE;
}

function paceOf(pace: TargetRate | undefined): TargetRate | undefined {
  if (pace === undefined) return undefined;
  if (!Number.isFinite(pace.ratePerS) || pace.ratePerS <= 0) {
    throw usageError(
      `a rate of ${pace.ratePerS} messages a second cannot be sent`,
      'give --rate a number above 0, such as 50k',
    );
  }
  return pace;
}

function whole(
  flag: string,
  value: number | undefined,
  usual: number,
  ...range: readonly [number, number]
): number {
  const chosen = value ?? usual;
  const [least, most] = range;
  if (!Number.isInteger(chosen) || chosen < least || chosen > most) {
    throw usageError(`${flag} takes a whole number from ${least} to ${most}, not ${chosen}`);
  }
  return chosen;
}

function atLeastZero(flag: string, valueMs: number): number {
  if (!Number.isFinite(valueMs) || valueMs < 0) throw usageError(`${flag} cannot be below zero`);
  return valueMs;
}

function aboveZero(flag: string, valueMs: number): number {
  if (!Number.isFinite(valueMs) || valueMs <= 0)
    throw usageError(`${flag} must be longer than zero`);
  return valueMs;
}
