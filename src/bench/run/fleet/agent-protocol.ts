import { NatsxError } from '../../../core/errors.js';
import type { ErrorKind } from '../../../core/errors.js';
import { HISTOGRAM_CELLS } from '../../../core/statistics/latency-histogram.js';
import { isTooDeep } from '../../../core/values/json-depth.js';
import type { Credentials } from '../../../connection/model/dial.js';
import type { WorkerJob } from '../../model/client-job.js';
import type { BenchPlan } from '../../model/plan.js';
import { maxSize, meanSize } from '../../model/size-mix.js';
import { ROLES, SCENARIOS } from '../../model/scenario.js';
import type { RoleSums } from '../load-agent.js';
import { CLIENT_CELLS } from '../meters.js';
import type { MachineUse } from '../machine.js';
import type { Pass } from '../role.js';
import type { Trouble, WorkerSetup } from '../worker-setup.js';

/** The name under which agents are found: `$SRV.INFO.natsx-bench-agent`. */
export const AGENT_SERVICE = 'natsx-bench-agent';

/**
 * What a coordinator asks of an agent, in this order; `clock` and `beat` at any time. All are requests with JSON bodies,
 * and the agent sends nothing by itself, so it needs no permission to publish but to reply.
 */
export const AGENT_VERBS = [
  'reserve',
  'clock',
  'beat',
  'prepare',
  'ready',
  'run',
  'finish',
  'stop',
  'results',
  'close',
  'release',
] as const;
export type AgentVerb = (typeof AGENT_VERBS)[number];

export function agentSubject(id: string, verb: string): string {
  return `natsx.bench.agent.${id}.${verb}`;
}

/** How long an agent works without a beat of its coordinator, in nanoseconds. */
export const LEASE_NS = 4e9;

export interface Reservation {
  /** Only who knows it may use the agent. */
  readonly lease: string;
  readonly wall: WallTime;
}

/** The time of day at which the agent's clock was 0. */
export interface WallTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** The clients of one agent, and everything that they need. */
export interface AgentWork {
  readonly setup: Omit<WorkerSetup, 'jobs' | 'latencies' | 'counters' | 'control' | 'epochS'>;
  readonly jobs: readonly WorkerJob[];
  /** How many clients the run has on all agents. */
  readonly clients: number;
}

/** The state of one load at a beat. */
export interface LoadState {
  readonly load: number;
  /** The pass that it is about: an answer may arrive after the next one has begun. */
  readonly pass: number;
  readonly sums: readonly RoleSums[];
  /** Whether all clients have ended. */
  readonly hasEnded: boolean;
  /** From the index that was asked for on. */
  readonly troubles: readonly Trouble[];
  readonly troublesFrom: number;
}

/** Rows and cells from a position on; `next` is absent at the end. */
export interface ResultsPage {
  readonly clients: readonly (readonly number[])[];
  /** Index and value of the cells of both histograms that are not 0, one after the other. */
  readonly cells: readonly number[];
  readonly next: number | undefined;
  readonly busiest: number;
  readonly machine: MachineUse;
}

/** JSON with bytes and infinite numbers. */
export function encodeMessage(value: unknown): string {
  return JSON.stringify(value, function replacer(this: Record<string, unknown>, key, member) {
    // Buffers have been replaced by now.
    const original = key === '' ? (member as unknown) : this[key];
    if (original instanceof Uint8Array) return { $bytes: Buffer.from(original).toString('base64') };
    if (original === Infinity) return { $number: 'Infinity' };
    return member as unknown;
  });
}

/** @throws {NatsxError} usage — it is not JSON */
export function decodeMessage(data: Uint8Array): unknown {
  try {
    const text = Buffer.from(data).toString();
    if (isTooDeep(text)) throw new SyntaxError('too deep');
    return JSON.parse(text, (_key, member: unknown) => {
      const bytes = isRecord(member) ? member['$bytes'] : undefined;
      if (typeof bytes === 'string') return new Uint8Array(Buffer.from(bytes, 'base64'));
      return isRecord(member) && member['$number'] === 'Infinity' ? Infinity : member;
    }) as unknown;
  } catch (cause) {
    throw malformed('it is not JSON', cause);
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(why: string, cause?: unknown): NatsxError {
  return new NatsxError('usage', `the request to the agent cannot be read: ${why}`, { cause });
}

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string' && value.length < 65_536;
const flag: Check = (value) => typeof value === 'boolean';
const count =
  (least: number, most: number): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0;
/** A number of a pass or a time; Infinity if there is no such limit. */
const limit: Check = (value) => typeof value === 'number' && value >= 0;
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every((item) => check(item));
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const bytes: Check = (value) => value instanceof Uint8Array;
const shape =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) && Object.entries(checks).every(([key, check]) => check(value[key]));

const MOST = Number.MAX_SAFE_INTEGER;
const MOST_CLIENTS = 200_000;
/** What no server accepts, and what all subjects of a publisher may take. */
const MOST_BODY_BYTES = 64 * 1024 ** 2;
const MOST_RING_BYTES = 1024 ** 3;

const pace = shape({
  ratePerS: number,
  kind: oneOf('constant', 'poisson'),
  ramp: optional(shape({ fromPerS: number, toPerS: number, overMs: number })),
});

/** Every field of a plan: an agent runs nothing that it has not understood. */
const PLAN: Readonly<Record<keyof BenchPlan, Check>> = {
  scenario: (value) => typeof value === 'string' && Object.hasOwn(SCENARIOS, value),
  engine: oneOf('wire', 'client'),
  subject: text,
  ownSubject: flag,
  runId: text,
  publishers: count(0, MOST_CLIENTS),
  subscribers: count(0, MOST_CLIENTS),
  requesters: count(0, MOST_CLIENTS),
  responders: count(0, MOST_CLIENTS),
  workers: count(1, 512),
  workersPerHost: optional(count(1, 512)),
  goal: shape({ kind: oneOf('messages', 'duration', 'stored', 'open') }),
  size: isRecord,
  subjects: count(1, 1_000_000),
  headers: listOf((value) => Array.isArray(value) && value.length === 2 && value.every(text)),
  payload: optional(bytes),
  pace: optional(pace),
  window: count(1, 1_000_000),
  ack: oneOf('none', 'explicit', 'all'),
  mode: oneOf(undefined, 'sync', 'async', 'atomic', 'fast'),
  batch: count(1, 100_000),
  storage: oneOf('file', 'memory'),
  replicas: count(1, 5),
  stream: optional(text),
  warmupMs: number,
  repeat: count(1, 1_000),
  seed: count(0, MOST),
  idleMs: number,
  firstMs: number,
  replyDelayMs: number,
  // Faults are injected into runs on one machine, and their command is for their own operator.
  faults: (value) => value === undefined,
};

const part = optional(text);
const CREDENTIALS: Readonly<Record<keyof Credentials, Check>> = {
  user: part,
  password: part,
  token: part,
  jwt: part,
  seed: optional(bytes),
  source: part,
};

const WORK = shape({
  setup: shape({
    plan: shape(PLAN),
    version: text,
    dial: shape({
      servers: (value) => listOf(text)(value) && (value as unknown[]).length > 0,
      name: text,
      tls: optional(shape({ ca: part, cert: part, key: part })),
      tlsFirst: flag,
      inboxPrefix: text,
      timeoutMs: number,
    }),
    credentials: listOf(shape(CREDENTIALS)),
    jsApiPrefix: text,
    stream: part,
    stored: shape({ first: number, last: number }),
  }),
  jobs: listOf(
    shape({
      role: (value) => typeof value === 'string' && Object.hasOwn(ROLES, value),
      index: count(0, MOST_CLIENTS),
      of: count(1, MOST_CLIENTS),
      slot: count(0, MOST_CLIENTS),
    }),
  ),
  clients: count(1, MOST_CLIENTS),
});

const PASS: Readonly<Record<keyof Pass, Check>> = {
  number: count(1, MOST),
  messages: limit,
  durationNs: limit,
  consumer: part,
  pace: optional(pace),
  shiftNs: Number.isFinite,
};

/** @throws {NatsxError} usage */
export function readWork(value: unknown): AgentWork {
  if (!WORK(value)) throw malformed('its plan is not one that this version can run');
  const work = value as AgentWork;
  const fits = work.jobs.every(({ slot, index, of }) => slot < work.clients && index < of);
  if (!fits) throw malformed('its clients are not numbered from 0');
  const { size, subjects } = work.setup.plan;
  if (!(maxSize(size) <= MOST_BODY_BYTES && meanSize(size) * subjects <= MOST_RING_BYTES)) {
    throw malformed('its messages are too large');
  }
  return work;
}

/** @throws {NatsxError} usage */
export function readAgentPass(value: unknown): Pass {
  if (!shape(PASS)(value)) throw malformed('its pass is not one that this version can run');
  return value as Pass;
}

/** @throws {NatsxError} usage */
export function readNumber(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw malformed(`${what} is missing`);
  return value;
}

/** How many cells one answer carries: less than 128 KiB, below any usual limit of a server. */
const PAGE_CELLS = 8_000;
const PAGE_CLIENTS = 250;

/** One page of what an agent measured. @param from a row of a client, or beyond them a cell */
export function resultsPage(
  results: {
    readonly rows: readonly (readonly number[])[];
    readonly histograms: readonly Float64Array[];
    readonly busiest: number;
    readonly machine: MachineUse;
  },
  from: number,
): ResultsPage {
  const { rows, histograms, busiest, machine } = results;
  const facts = { busiest, machine };
  if (from < rows.length) {
    const clients = rows.slice(from, from + PAGE_CLIENTS);
    return { clients, cells: [], next: from + clients.length, ...facts };
  }
  const cells: number[] = [];
  const end = histograms.length * HISTOGRAM_CELLS;
  let at = from - rows.length;
  for (; at < end && cells.length < PAGE_CELLS; at++) {
    const value = histograms[Math.floor(at / HISTOGRAM_CELLS)]?.[at % HISTOGRAM_CELLS] ?? 0;
    if (value !== 0) cells.push(at, value);
  }
  return { clients: [], cells, next: at < end ? rows.length + at : undefined, ...facts };
}

/** Adds the cells of a page to the histograms that they belong to. */
export function addCells(cells: readonly number[], histograms: readonly Float64Array[]): void {
  for (let place = 0; place + 1 < cells.length; place += 2) {
    const at = cells[place] ?? 0;
    const target = histograms[Math.floor(at / HISTOGRAM_CELLS)];
    if (target !== undefined) target[at % HISTOGRAM_CELLS] = cells[place + 1] ?? 0;
  }
}

/** A client's row: its slot, then its cells. */
export function rowOf(slot: number, cells: Float64Array): readonly number[] {
  return [slot, ...cells];
}

export function cellsOf(row: readonly number[]): Float64Array {
  const cells = new Float64Array(CLIENT_CELLS);
  cells.set(row.slice(1, 1 + CLIENT_CELLS));
  return cells;
}

/** An error in the answer of an agent; another kind than those of natsx counts as `internal`. */
export function failureText({ kind, message, hint }: NatsxError): string {
  return encodeMessage({ kind, message, hint });
}

const KINDS: ReadonlySet<string> = new Set<ErrorKind>([
  'usage',
  'connection',
  'auth',
  'timeout',
  'no-responders',
  'not-found',
  'rejected',
  'unhealthy',
  'interrupted',
]);

export function failureIn(data: Uint8Array, fallback: string): NatsxError {
  try {
    const value = decodeMessage(data);
    if (isRecord(value) && typeof value['message'] === 'string') {
      const { kind, message, hint } = value;
      const isKnown = typeof kind === 'string' && KINDS.has(kind);
      return new NatsxError(isKnown ? (kind as ErrorKind) : 'internal', message, {
        hint: typeof hint === 'string' ? hint : undefined,
      });
    }
  } catch {
    // What cannot be read is reported with the text of its header.
  }
  return new NatsxError('internal', fallback);
}
