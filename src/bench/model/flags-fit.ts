import { usageError } from '../../core/errors.js';
import { readsExistingStream } from './plan.js';
import { GROUP_FLAGS, requestedCount } from './request.js';
import type { BenchRequest } from './request.js';
import { alwaysSends, CLIENT_GROUPS, SCENARIOS } from './scenario.js';

/** A flag, its value, and whether the scenario uses it. */
type FlagFit = readonly [flag: string, value: unknown, fits: boolean];

/**
 * Rejects flags that a scenario does not use: ignoring one would look as if it had been measured.
 * @throws NatsxError `usage`
 */
export function checkFlagsFit(request: BenchRequest): void {
  const { scenario } = request;
  const { summary, clients, measured, awaitsOthers } = SCENARIOS[scenario];
  const unfit = fits(request).find(([, value, fit]) => value !== undefined && !fit);
  if (unfit !== undefined) {
    const with_ = readsExistingStream(request) ? ' with --stream' : '';
    throw usageError(
      `"bench ${scenario}"${with_} does not use ${unfit[0]} (${summary})`,
      awaitsOthers === true && clients.publishers !== undefined
        ? 'with --pubs 1 this run publishes itself'
        : undefined,
    );
  }
  checkFaults(request);
  const group = CLIENT_GROUPS.find((name) => clients[name]?.role === measured);
  if (
    request.clients !== undefined &&
    group !== undefined &&
    requestedCount(request, group) !== undefined
  ) {
    throw usageError(
      `give either --clients or ${GROUP_FLAGS[group]}: both set the number of ${group}`,
    );
  }
  checkMode(request);
  if (request.payload !== undefined && request.size !== undefined) {
    throw usageError('give either --size or --payload-file: the file sets the size');
  }
}

function fits(request: BenchRequest): readonly FlagFit[] {
  const facts = SCENARIOS[request.scenario];
  const { clients, stream, window } = facts;
  const isExisting = readsExistingStream(request);
  const own = carriesBodies(request);
  const createsStream = stream !== undefined && !isExisting;
  const consumes = stream === 'consume';
  return [
    ['--pubs', request.pubs, clients.publishers !== undefined],
    ['--subs', request.subs, clients.subscribers !== undefined],
    ['--responders', request.responders, clients.responders !== undefined],
    ['a subject', request.subject, stream !== 'get' || request.stream === undefined],
    ['--subjects', request.subjects, !isExisting],
    ['--size', request.size, own],
    ['--payload-file', request.payload, own],
    ['--header', request.headers, own],
    ['--rate', request.pace, alwaysSends(facts)],
    ['--window', request.window, window !== undefined],
    ['--ack', request.ack, consumes],
    ['--mode', request.mode, stream === 'write'],
    ['--batch', request.batch, consumes || inBatches(request)],
    ['--storage', request.storage, createsStream],
    ['--replicas', request.replicas, createsStream],
    ['--stream', request.stream, stream !== undefined],
  ];
}

function checkMode(request: BenchRequest): void {
  if (request.mode === 'sync' && (request.window ?? 1) > 1) {
    throw usageError(
      '--mode sync waits for each acknowledgement: it has no --window',
      'use --mode async',
    );
  }
  if (request.engine === 'client' && inBatches(request)) {
    throw usageError(
      `--engine client has no --mode ${request.mode ?? ''}`,
      'the wire engine, which is the default, has it',
    );
  }
}

function inBatches({ mode }: BenchRequest): boolean {
  return mode === 'atomic' || mode === 'fast';
}

/** Whether the run makes the bodies itself. */
function carriesBodies(request: BenchRequest): boolean {
  const { awaitsOthers } = SCENARIOS[request.scenario];
  return awaitsOthers === true ? (request.pubs ?? 0) > 0 : !readsExistingStream(request);
}

/** A run under faults goes on after a lost connection. */
function checkFaults({ faults, engine, mode }: BenchRequest): void {
  if (faults === undefined) return;
  if (engine === 'client') {
    throw usageError(
      '--faults and --fault-command need the wire engine, which goes on after a lost connection',
      'leave out --engine client',
    );
  }
  if (mode === 'atomic' || mode === 'fast') {
    throw usageError(
      `--faults and --fault-command cannot be used with --mode ${mode}: a batch ends with its connection`,
      'leave out --mode, or use --mode async',
    );
  }
}
