import { setTimeout as sleep } from 'node:timers/promises';

import { summarizeLatency } from '../../core/statistics/latency-summary.js';
import { NatsxError, usageError } from '../../core/errors.js';
import type { StreamInfo } from '../../streams/model/stream-info.js';
import { accountsHeard, allHaveEnded } from '../model/accounts-heard.js';
import type { Guarantee, PromiseVerdict } from '../model/expectation.js';
import { promiseOf, verdictOf } from '../model/expectation.js';
import { FaultLog } from '../model/fault-log.js';
import type { DeliveryOutcome } from '../model/judge.js';
import { judge } from '../model/judge.js';
import type { Ledger } from '../model/ledger-format.js';
import { Reader } from '../model/reader.js';
import { ReceiverTally } from '../model/receiver-tally.js';
import { ownSubject } from '../model/run-id.js';
import { readStream } from '../../streams/run/api/jetstream-entities.js';
import type { ServerInfo } from '../../wire/server-info.js';
import type { Session } from '../../wire/session.js';
import type { SessionTarget } from '../../wire/open-session.js';
import { runConditions } from './conditions.js';
import { Connections } from './connections.js';
import { openControl, type Control } from './control.js';
import { ReceivedMessages } from './received-messages.js';
import { readLedger } from './ledger-file.js';
import type { ReceivePlan, VerifyHooks } from './plan.js';
import { checkKeepsName, subjectInStream } from './prepare-stream.js';
import { ReadBack } from './read-back.js';
import { subscribeAll } from './receivers.js';
import type { VerifyResult } from './run-verify.js';
import { wallNowMs } from './wall-clock.js';

const LOOK_EVERY_MS = 20;
const ASK_EVERY_MS = 500;

/**
 * The receiving half: counts the messages of a run until the end marks of its senders arrive, or reads a stream from its
 * start and judges it by the sender's ledger.
 *
 * @throws {NatsxError} connection, auth, usage (also an unreadable ledger), not-found — before anything was read
 */
export async function runReceive(
  target: SessionTarget,
  plan: ReceivePlan,
  hooks: VerifyHooks,
  signal: AbortSignal,
): Promise<VerifyResult> {
  const ledger = plan.ledger === undefined ? undefined : await readLedger(plan.ledger);
  const run = new ReceiveRun(target, plan, ledger);
  try {
    await run.prepare(signal);
    run.tell(hooks);
    await run.wait(signal);
    return run.result(signal);
  } finally {
    await run.close();
  }
}

class ReceiveRun {
  readonly #target: SessionTarget;
  readonly #plan: ReceivePlan;
  readonly #ledger: Ledger | undefined;
  readonly #runId: string;
  readonly #faults = new FaultLog();
  readonly #received = new ReceivedMessages(this.#faults);
  readonly #connections: Connections;
  readonly #notes: string[] = [];
  #startedAtMs = wallNowMs();
  #askedAtMs = 0;
  #unread: NatsxError | undefined;
  #server: ServerInfo | undefined;
  #control: Control | undefined;
  #stream: StreamInfo | undefined;
  #readBack: ReadBack | undefined;
  #subject: string;

  constructor(target: SessionTarget, plan: ReceivePlan, ledger: Ledger | undefined) {
    this.#target = target;
    this.#plan = plan;
    this.#ledger = ledger;
    this.#runId = whichRun(plan, ledger);
    this.#subject = plan.subject ?? ledger?.head.subject ?? ownSubject(this.#runId);
    this.#connections = new Connections(target, this.#faults);
  }

  async prepare(signal: AbortSignal): Promise<void> {
    await this.#connections.whileThere(this.#prepare(signal), signal);
  }

  async #prepare(signal: AbortSignal): Promise<void> {
    const { jetStream, subject, subscribers, queues, timeoutMs } = this.#plan;
    const { inboxPrefix } = this.#target.dial;
    const session = await this.#connections.open(signal, (event) => {
      if (event.type === 'reconnected') this.#readBack?.reconnected();
    });
    const asks = openControl(session, jetStream, inboxPrefix);
    this.#server = session.info;
    this.#control = asks;
    const stream = this.#plan.stream ?? this.#ledger?.head.stream;
    if (stream !== undefined) {
      this.#stream = await readStream(asks.api, stream);
      // A given subject is the one under which the stream stores the messages.
      const given = subject ?? this.#ledger?.head.subject;
      const both = { subject: given, receiveSubject: given };
      const run = subjectInStream(this.#stream, both, this.#runId);
      if (subject === undefined) checkKeepsName(this.#stream, run);
      this.#subject = run.arrivesAt;
      await this.#readStream(this.#stream, session, asks);
      return;
    }
    const readers = {
      runId: this.#runId,
      pattern: this.#subject,
      exclusive: subject === undefined,
      subscribers,
      queues,
      timeoutMs,
      inboxPrefix,
    };
    await subscribeAll(this.#connections, readers, this.#received, signal);
  }

  tell(hooks: VerifyHooks): void {
    this.#startedAtMs = wallNowMs();
    hooks.ready({ runId: this.#runId, subject: this.#subject });
    hooks.watch(() => ({ sent: undefined, acknowledged: 0, arrivals: this.#received.arrivals }));
  }

  /** Waits until the senders are done and it is quiet, or nothing arrives; with a ledger, until the end of the stream. */
  async wait(signal: AbortSignal): Promise<void> {
    const { lost } = this.#connections;
    while (!signal.aborted && !lost.aborted && !this.#cannotGoOn()) {
      if (this.#ledger === undefined ? this.#isOver() : await this.#isReadBack()) return;
      await sleep(LOOK_EVERY_MS);
    }
  }

  result(signal: AbortSignal): VerifyResult {
    const { log, tallies } = this.#received;
    const { endMarks, sentTimes } = log;
    const accounts = this.#ledger?.accounts ?? accountsHeard({ endMarks, sentTimes, tallies });
    const outcome = judge(accounts, tallies);
    // The ledger shows that nothing was sent.
    const nothing = outcome.sent === 0 && this.#ledger === undefined && !signal.aborted;
    const failure =
      this.#connections.failure ?? this.#unread ?? (nothing ? this.#silence() : undefined);
    const report = {
      role: 'receive' as const,
      runId: this.#runId,
      startedAtMs: this.#startedAtMs,
      durationMs: wallNowMs() - this.#startedAtMs,
      sendingMs: undefined,
      conditions: runConditions({
        subject: this.#subject,
        stream: this.#stream,
        queues: this.#plan.queues,
        subscribers: this.#stream === undefined ? this.#plan.subscribers : undefined,
        settleMs: this.#plan.settleMs,
        server: this.#server,
        version: this.#target.version,
      }),
      outcome,
      foreign: log.foreign,
      latency: {
        acknowledged: undefined,
        // The age of a message that was read from a stream is not its latency.
        delivered: this.#stream === undefined ? summarizeLatency(log.latency) : undefined,
      },
      faults: this.#faults.faults,
      verdict: failure === undefined ? this.#verdict(outcome, signal) : undefined,
      ledger: this.#plan.ledger,
      interrupted: signal.aborted,
      notes: [...this.#notes, ...this.#doubts(), ...this.#faults.notes],
    };
    return { report, failure };
  }

  async close(): Promise<void> {
    await this.#readBack?.close();
    this.#received.release();
    this.#control?.mux.close();
    await this.#connections.close();
  }

  async #readStream(info: StreamInfo, session: Session, { api }: Control): Promise<void> {
    const tally = new ReceiverTally(`stream ${info.config.name}`);
    this.#received.add(tally);
    const { log } = this.#received;
    const runId = this.#runId;
    this.#readBack = new ReadBack({
      api,
      session,
      info,
      subject: this.#subject,
      inboxPrefix: this.#target.dial.inboxPrefix,
      reader: new Reader({ runId, tally, log, exclusive: false }),
      faults: this.#faults,
    });
    await this.#readBack.start();
  }

  #cannotGoOn(): boolean {
    const failure = this.#readBack?.failure;
    if (failure === undefined) return false;
    if (!(failure instanceof NatsxError)) throw failure as Error;
    this.#unread = failure;
    return true;
  }

  #isOver(): boolean {
    const { log } = this.#received;
    const ended = allHaveEnded(log.endMarks);
    return this.#quietMs() >= (ended ? this.#plan.settleMs : this.#plan.idleMs);
  }

  async #isReadBack(): Promise<boolean> {
    const reader = this.#readBack;
    if (reader === undefined || reader.atEnd) return true;
    const nowMs = wallNowMs();
    const settled = this.#quietMs() >= this.#plan.settleMs;
    if (!settled || nowMs - this.#askedAtMs < ASK_EVERY_MS) return false;
    this.#askedAtMs = nowMs;
    const pending = await reader.pending();
    if (pending === 0) return true;
    // If the server is only slow to deliver, nothing is lost.
    if (this.#quietMs() < Math.max(this.#plan.idleMs, this.#plan.settleMs)) return false;
    if (pending === undefined) {
      const message = `the stream of the run ${this.#runId} could not be read to its end`;
      this.#unread = new NatsxError('timeout', message, {
        hint: 'a stream without a leader does not answer: try again, or use a longer --idle',
      });
    } else {
      this.#notes.push(
        `the server reports ${pending} more messages on the subject, but does not deliver them`,
      );
    }
    return true;
  }

  #quietMs(): number {
    const { lastChangeMs, allConnected } = this.#connections;
    if (!allConnected) return 0;
    const { lastArrivalMs } = this.#received.log;
    return wallNowMs() - Math.max(this.#startedAtMs, lastArrivalMs, lastChangeMs);
  }

  #verdict(outcome: DeliveryOutcome, signal: AbortSignal): PromiseVerdict | undefined {
    // If reading was stopped before the end of the stream, the rest is not lost.
    const isPartial = this.#ledger !== undefined && this.#readBack?.atEnd !== true;
    if (signal.aborted && (isPartial || outcome.sent === 0)) return undefined;
    return verdictOf(outcome, this.#guarantee(), this.#plan.ordered);
  }

  #guarantee(): Guarantee {
    const { expectation } = this.#plan;
    if (expectation !== undefined) return { expectation, because: 'requested with --expect' };
    if (this.#stream === undefined) return promiseOf({ kind: 'core' });
    return { expectation: 'at-least-once', because: 'the stream acknowledged the messages' };
  }

  #doubts(): readonly string[] {
    if (this.#ledger !== undefined) {
      if (this.#ledger.closed) return [];
      return ['the ledger has no end: the last moments of its sender are missing'];
    }
    const { endMarks } = this.#received.log;
    const marks = [...endMarks.values()];
    if (!allHaveEnded(endMarks)) {
      return ['end marks are missing: judged up to the highest number that arrived'];
    }
    const unknown = marks.some((mark) => mark.acknowledges && mark.inDoubt === undefined);
    return unknown
      ? ['too many unacknowledged messages for the end mark: all of them count as promised']
      : [];
  }

  #silence(): NatsxError {
    return new NatsxError('timeout', `no message of the run ${this.#runId} arrived`, {
      hint: 'start the receiver first, and use the same --run-id and SUBJECT for both halves',
      details: { run_id: this.#runId, subject: this.#subject },
    });
  }
}

/**
 * The id of the run to receive.
 *
 * @throws {NatsxError} usage — plan and ledger contradict each other, or there is nothing to read from
 */
function whichRun(plan: ReceivePlan, ledger: Ledger | undefined): string {
  if (ledger === undefined) {
    if (plan.runId !== undefined) return plan.runId;
    throw usageError(
      'no run is given',
      'add the --run-id of verify send, or the --ledger that it wrote',
    );
  }
  const { runId, stream } = ledger.head;
  if (plan.runId !== undefined && plan.runId !== runId) {
    throw usageError(`the ledger ${plan.ledger ?? ''} is from the run ${runId}, not ${plan.runId}`);
  }
  if (stream === undefined && plan.stream === undefined) {
    throw usageError(
      `the run ${runId} of the ledger did not use a stream, so nothing can be read afterwards`,
      'name the --stream that stored its subject, or run verify receive at the same time as verify send',
    );
  }
  return runId;
}
