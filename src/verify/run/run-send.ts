import { summarizeLatency } from '../../core/statistics/latency-summary.js';
import { NatsxError, usageError } from '../../core/errors.js';
import type { StreamInfo } from '../../streams/model/stream-info.js';
import { FaultLog } from '../model/fault-log.js';
import type { DeliveryOutcome } from '../model/judge.js';
import { judge } from '../model/judge.js';
import { readStream, readSubjects } from '../../streams/run/api/jetstream-entities.js';
import type { Session } from '../../wire/session.js';
import type { SessionTarget } from '../../wire/open-session.js';
import { runConditions } from './conditions.js';
import { Connections } from './connections.js';
import { openControl, type Control } from './control.js';
import { publishEndMarks } from './end-marks.js';
import { checkHeaders } from './header-support.js';
import { watchLeader } from './leader-watch.js';
import type { LedgerWriter } from './ledger-file.js';
import { openLedger } from './open-ledger.js';
import type { SendPlan, VerifyHooks } from './plan.js';
import type { RunSubject } from './prepare-stream.js';
import { coreSubject, subjectInStream, checkAllowsBatches } from './prepare-stream.js';
import type { VerifyResult } from './run-verify.js';
import { RunPublishers } from './sending.js';
import { checkMayWrite, tidyStream } from './stream-traces.js';
import { wallNowMs } from './wall-clock.js';

/**
 * The sending half: publishes numbered messages, records them in the ledger, and ends with an end mark for receivers.
 *
 * @throws {NatsxError} connection, auth, usage, not-found, rejected — before anything was sent
 */
export async function runSend(
  target: SessionTarget,
  plan: SendPlan,
  hooks: VerifyHooks,
  signal: AbortSignal,
): Promise<VerifyResult> {
  const faults = new FaultLog();
  const connections = new Connections(target, faults);
  const run: SendRun = { target, plan, hooks, faults, connections };
  try {
    return await sendAndMark(run, signal);
  } finally {
    await run.ledger?.close().catch(() => undefined);
    await connections.close();
  }
}

interface SendRun {
  readonly target: SessionTarget;
  readonly plan: SendPlan;
  readonly hooks: VerifyHooks;
  readonly faults: FaultLog;
  readonly connections: Connections;
  ledger?: LedgerWriter | undefined;
}

async function sendAndMark(run: SendRun, signal: AbortSignal): Promise<VerifyResult> {
  const { target, plan, faults, connections } = run;
  const { inboxPrefix } = target.dial;
  const session = await connections.open(signal);
  const server = session.info;
  checkHeaders(server, plan);
  const control = openControl(session, plan.jetStream, inboxPrefix);
  const stream =
    plan.stream === undefined
      ? undefined
      : await connections.whileThere(readStream(control.api, plan.stream), signal);
  const runSubject = subjectOf(plan, stream);
  const { subject, arrivesAt, exclusive } = runSubject;
  if (stream !== undefined) {
    checkAllowsBatches(stream, plan.mode, server?.version ?? '');
    await checkMayWrite(control.api, stream, runSubject, { ...plan, readsWith: undefined });
    if (exclusive) await refuseUsed(control, stream, subject, plan.runId);
  }
  run.ledger = await openLedger(plan, arrivesAt, connections);
  const { ledger } = run;
  const options = { plan, subject, stream, inboxPrefix, ledger, faults, flow: undefined };
  const sending = await RunPublishers.open(connections, options, signal);
  const startedAtMs = wallNowMs();
  const ended = new AbortController();
  tell(run.hooks, sending, { runId: plan.runId, subject });
  const watching =
    stream === undefined ? undefined : watchLeader(control.watching, stream, faults, ended.signal);
  const notes: string[] = [];
  try {
    await sending.run(signal);
    notes.push(...(await mark(session, control, sending, { plan, subject })));
    if (stream !== undefined && connections.allConnected) {
      const said = await tidyStream(control.api, stream.config.name, runSubject, false);
      if (said !== undefined) notes.push(said);
    }
  } finally {
    ended.abort();
    await watching;
    sending.close();
    control.mux.close();
  }
  const { version } = target;
  const facts = { subject, stream, sending: plan, server, version };
  const outcome = judge(sending.accounts, []);
  const report = {
    role: 'send' as const,
    runId: plan.runId,
    startedAtMs,
    durationMs: wallNowMs() - startedAtMs,
    sendingMs: sending.sendingMs,
    conditions: runConditions(facts),
    outcome,
    foreign: 0,
    latency: { acknowledged: summarizeLatency(sending.latency), delivered: undefined },
    faults: faults.faults,
    verdict: undefined,
    ledger: plan.ledger,
    interrupted: signal.aborted,
    notes: [...notes, ...faults.notes],
  };
  const unfinished = stream === undefined ? undefined : shortfall(outcome, stream.config.name);
  return { report, failure: connections.failure ?? unfinished };
}

function subjectOf(plan: SendPlan, stream: StreamInfo | undefined): RunSubject {
  return stream === undefined
    ? coreSubject(plan, plan.runId)
    : subjectInStream(stream, plan, plan.runId);
}

/** Two runs with the same id could not be distinguished, and the stream would treat the messages of the second as duplicates. */
async function refuseUsed(
  { api }: Control,
  { config }: StreamInfo,
  subject: string,
  runId: string,
): Promise<void> {
  const counts = await readSubjects(api, config.name, subject);
  if (counts.size === 0) return;
  throw usageError(
    `the stream "${config.name}" already holds messages of a run ${runId}`,
    'use a new id for each run',
  );
}

function tell(
  hooks: VerifyHooks,
  sending: RunPublishers,
  run: { readonly runId: string; readonly subject: string },
): void {
  hooks.ready(run);
  hooks.watch(() => ({ ...sending.totals, arrivals: undefined }));
}

async function mark(
  session: Session,
  control: Control,
  { accounts }: RunPublishers,
  { plan, subject }: { readonly plan: SendPlan; readonly subject: string },
): Promise<readonly string[]> {
  const { runId, timeoutMs } = plan;
  const stored = plan.stream !== undefined;
  const marks = { runId, subject, accounts, stored, timeoutMs };
  if (await publishEndMarks(session, control, marks)) return [];
  return ['the end mark could not be sent: a receiver will wait until no more messages arrive'];
}

/** Not everything was acknowledged: the sender has not reached its goal. */
function shortfall(outcome: DeliveryOutcome, stream: string): NatsxError | undefined {
  const { sent, acknowledged, refused } = outcome;
  const missing = sent - acknowledged;
  if (missing === 0) return undefined;
  const details = { sent, acknowledged, refused };
  if (refused > 0) {
    const message = `the stream "${stream}" refused ${refused} of ${sent} messages`;
    return new NatsxError('rejected', message, { details });
  }
  const message = `the stream "${stream}" did not acknowledge ${missing} of ${sent} messages in time`;
  return new NatsxError('timeout', message, { details });
}
