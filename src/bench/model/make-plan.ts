import { usageError } from '../../core/errors.js';
import { checkFlagsFit } from './flags-fit.js';
import { firstRoundMs } from '../../faults/model/fault-schedule.js';
import { faultDelayMs, receivesOnly, sendsItself } from './plan.js';
import type { BenchPlan, ClientCounts, Goal } from './plan.js';
import { GROUP_FLAGS, requestedCount } from './request.js';
import type { BenchRequest } from './request.js';
import { MOST_IN_BATCH } from '../../streams/model/batch-needs.js';
import { ROLES, SCENARIOS } from './scenario.js';
import type { ClientGroup, RoleName } from './scenario.js';
import type { TargetRate } from '../../core/values/pace.js';
import { meanSize } from './size-mix.js';
import type { SizeSpec } from './size-mix.js';

const DEFAULT_SIZE: SizeSpec = { kind: 'fixed', bytes: 128 };
const DEFAULT_DURATION_MS = 5_000;
const DEFAULT_WARMUP_MS = 500;
const DEFAULT_IDLE_MS = 5_000;
const DEFAULT_FIRST_MS = 60_000;
const DEFAULT_SEED = 1;
/** The window of calls that are sent when they are due, whether or not earlier ones are answered. */
export const OPEN_WINDOW = 10_000;
/** Messages for each pull request or batch. */
const DEFAULT_BATCH = 500;
/** Batches, or acknowledgements of a fast one, that may be outstanding. */
const BATCHES_AHEAD = 4;
/** Messages that a temporary stream is filled with before it is read. */
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
  const clients = clientsOf(request);
  const connections =
    clients.publishers + clients.subscribers + clients.requesters + clients.responders;
  const waits = receivesOnly({ ...request, ...clients });
  const goal = goalOf(request, clients);
  const size = sizeOf(request);
  return {
    scenario: request.scenario,
    engine: request.engine ?? 'wire',
    subject: request.subject ?? `natsx.bench.${request.runId}`,
    ownSubject: request.subject === undefined,
    runId: request.runId,
    ...clients,
    workers: Math.min(connections, whole('--workers', request.workers, request.cores, 1, 512)),
    workersPerHost: request.workers,
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
    warmupMs: atLeastZero('--warmup', request.warmupMs ?? (waits ? 0 : DEFAULT_WARMUP_MS)),
    repeat: whole('--repeat', request.repeat, 1, 1, 1_000),
    seed: whole('--random-seed', request.seed, DEFAULT_SEED, 0, Number.MAX_SAFE_INTEGER),
    idleMs: aboveZero('--idle', request.idleMs ?? DEFAULT_IDLE_MS + faultDelayMs(request)),
    firstMs: request.idleMs ?? DEFAULT_FIRST_MS,
    replyDelayMs: atLeastZero('--delay', request.replyDelayMs ?? 0),
    ...(request.faults !== undefined && { faults: request.faults }),
  };
}

function flowOf(request: BenchRequest): Pick<BenchPlan, 'window' | 'ack' | 'batch' | 'mode'> {
  const { stream } = SCENARIOS[request.scenario];
  const batch = whole('--batch', request.batch, DEFAULT_BATCH, 1, mostInBatch(request));
  const window = whole('--window', request.window, usualWindow(request, batch), 1, 1_000_000);
  const single = window === 1 ? ('sync' as const) : ('async' as const);
  const mode = stream === 'write' ? (request.mode ?? single) : undefined;
  return { window, ack: request.ack ?? 'explicit', batch, mode };
}

/** Limits of the server. */
function mostInBatch({ mode }: BenchRequest): number {
  if (mode === 'atomic') return MOST_IN_BATCH;
  return mode === 'fast' ? 65_535 : 100_000;
}

function usualWindow(request: BenchRequest, batch: number): number {
  const { mode, pace } = request;
  if (mode === 'sync') return 1;
  if (mode === 'atomic' || mode === 'fast') return BATCHES_AHEAD * batch;
  const { window } = SCENARIOS[request.scenario];
  // A schedule does not wait for answers: with a small window it would.
  const isOpen = window !== undefined && pace !== undefined;
  return isOpen ? OPEN_WINDOW : (window ?? 1);
}

function clientsOf(request: BenchRequest): ClientCounts {
  const { clients, measured, delivery } = SCENARIOS[request.scenario];
  // Each agent has a client, but not one more subscriber that gets every message: that would be another load.
  const usualOf = ({ role, usual }: { readonly role: RoleName; readonly usual: number }): number =>
    usual === 0 || (delivery === 'all' && !ROLES[role].sends)
      ? usual
      : Math.max(usual, request.hosts?.[role] ?? 0);
  const count = (group: ClientGroup): number => {
    const facts = clients[group];
    if (facts === undefined) return 0;
    const usual =
      facts.role === measured
        ? whole('--clients', request.clients, usualOf(facts), 1, MAX_CLIENTS)
        : usualOf(facts);
    const most = group === 'publishers' ? MAX_PUBLISHERS : MAX_CLIENTS;
    return whole(GROUP_FLAGS[group], requestedCount(request, group), usual, facts.least, most);
  };
  return {
    publishers: count('publishers'),
    subscribers: count('subscribers'),
    requesters: count('requesters'),
    responders: count('responders'),
  };
}

function goalOf(request: BenchRequest, { publishers }: ClientCounts): Goal {
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
    return { kind: 'duration', durationMs: Math.max(DEFAULT_DURATION_MS, timeForFaults(request)) };
  }
  if (SCENARIOS[scenario].stream === undefined) return { kind: 'open' };
  return request.stream === undefined
    ? { kind: 'messages', messages: DEFAULT_STREAM_MESSAGES }
    : { kind: 'stored' };
}

/** The load goes on for a while after each fault has happened once. */
function timeForFaults({ faults }: BenchRequest): number {
  return faults === undefined ? 0 : 1.25 * firstRoundMs(faults);
}

/** Publishers prepare a message for each subject. */
function subjectsOf(request: BenchRequest, size: SizeSpec): number {
  const subjects = whole('--subjects', request.subjects, 1, 1, MAX_SUBJECTS);
  const bytes = subjects * meanSize(size);
  if (subjects === 1 || bytes <= MAX_RING_BYTES) return subjects;
  throw usageError(
    `${subjects} subjects with bodies of that size take ${Math.ceil(bytes / 1024 ** 2)} MiB for each publisher, which prepares a message for each subject`,
    'choose fewer --subjects or a smaller --size: the limit is 512 MiB',
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
      `invalid rate of ${pace.ratePerS} messages a second`,
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
