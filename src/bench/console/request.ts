import { availableParallelism } from 'node:os';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { receivesOnly } from '../model/plan.js';
import type { BenchFlags } from '../flags/flags.js';
import { faultPlanOf } from '../../faults/flags/flags.js';
import type { BenchRequest } from '../model/request.js';
import { SCENARIOS } from '../model/scenario.js';
import type { Scenario } from '../model/scenario.js';
import { parseSizeSpec } from '../model/size-mix.js';
import { fileReason } from '../../connection/file-error.js';
import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { parseHeaderFlag } from '../../core/message/header-flag.js';
import { parseStreamName } from '../../core/entity-name.js';
import { parsePublishSubject, parseSubscriptionPattern } from '../../core/subject/subject.js';

/** Part of the names of everything that one run creates; short, since long subjects lower the rate. */
export function newRunId(): string {
  return randomBytes(4).toString('hex');
}

/**
 * The typed request of a command line.
 * @throws {NatsxError} usage
 */
export function benchRequest(
  scenario: Scenario,
  subject: string | undefined,
  flags: BenchFlags,
): BenchRequest {
  return {
    scenario,
    runId: newRunId(),
    cores: availableParallelism(),
    subject: subject === undefined ? undefined : parseSubject(scenario, subject, flags),
    engine: flags.engine,
    clients: flags.clients,
    pubs: flags.pubs,
    subs: flags.subs,
    responders: flags.responders,
    workers: flags.workers,
    messages: flags.msgs,
    durationMs: flags.duration,
    warmupMs: flags.warmup,
    repeat: flags.repeat,
    idleMs: flags.idle,
    subjects: flags.subjects,
    ...bodyOf(flags),
    seed: flags['random-seed'],
    pace:
      flags.rate === undefined
        ? undefined
        : { ratePerS: flags.rate, kind: flags.schedule ?? 'constant' },
    window: flags.window,
    ack: flags.ack,
    mode: flags.mode,
    batch: flags.batch,
    stream: flags.stream === undefined ? undefined : parseStreamName(flags.stream),
    storage: flags.storage,
    replicas: flags.replicas,
    replyDelayMs: flags.delay,
    faults: faultPlanOf(flags),
  };
}

/** A run that only receives may use a pattern. */
function parseSubject(scenario: Scenario, subject: string, flags: BenchFlags): string {
  const listens =
    receivesOnly({ scenario, publishers: flags.pubs ?? 0 }) ||
    (SCENARIOS[scenario].stream === 'consume' && flags.stream !== undefined);
  return listens && (flags.subjects ?? 1) === 1
    ? parseSubscriptionPattern(subject)
    : parsePublishSubject(subject);
}

function bodyOf(flags: BenchFlags): Pick<BenchRequest, 'size' | 'payload' | 'headers'> {
  const file = flags['payload-file'];
  return {
    size: flags.size === undefined ? undefined : parseSizeSpec(flags.size),
    payload: file === undefined ? undefined : readPayload(file),
    headers: flags.header?.map((header) => parseHeaderFlag(header)),
  };
}

function readPayload(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw usageError(`cannot read the payload file ${quoted(file)}: ${fileReason(cause)}`);
  }
}
