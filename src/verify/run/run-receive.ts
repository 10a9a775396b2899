import { setTimeout as sleep } from 'node:timers/promises';

import { summarizeLatency } from '../../core/statistics/latency-summary.js';
import { NatsxError } from '../../core/errors.js';
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
import { Harvest } from './harvest.js';
import { readLedger } from './ledger-file.js';
import type { ReceivePlan, VerifyHooks } from './plan.js';
import { checkKeepsName, subjectInStream } from './prepare-stream.js';
import { ReadBack } from './read-back.js';
import { subscribeAll } from './receivers.js';
import type { VerifyResult } from './run-verify.js';
import { wallNowMs } from './wall-clock.js';
import { whichRun } from './which-run.js';

const LOOK_EVERY_MS = 20;
const ASK_EVERY_MS = 500;

/**
 * The receiving half: counts what arrives of a run until its senders say that they are done, or reads a stream from its start
 * and judges it by the sender's ledger.
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
  readonly #harvest = new Harvest(this.#faults);
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
      // Whoever names a subject here names the one under which the stream keeps the messages.
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
    await subscribeAll(this.#connections, readers, this.#harvest, signal);
  }

  tell(hooks: VerifyHooks): void {
    this.#startedAtMs = wallNowMs();
    hooks.ready({ runId: this.#runId, subject: this.#subject });
    hooks.watch(() => ({ sent: undefined, acknowledged: 0, arrivals: this.#harvest.arrivals }));
  }

  /** Until the senders are done and it is quiet, or nothing comes; with a ledger, until the stream's end. */
  async wait(signal: AbortSignal): Promise<void> {
    const { lost } = this.#connections;
    while (!signal.aborted && !lost.aborted && !this.#cannotGoOn()) {
      if (this.#ledger === undefined ? this.#isOver() : await this.#isReadBack()) return;
      await sleep(LOOK_EVERY_MS);
    }
  }

  result(signal: AbortSignal): VerifyResult {
    const { log, tallies } = this.#harvest;
    const { endMarks, sentTimes } = log;
    const accounts = this.#ledger?.accounts ?? accountsHeard({ endMarks, sentTimes, tallies });
    const outcome = judge(accounts, tallies);
    // A ledger says by itself that nothing was sent.
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
        // How long ago it was sent says nothing about a message that was read from a stream.
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
    this.#harvest.release();
    this.#control?.mux.close();
    await this.#connections.close();
  }

  async #readStream(info: StreamInfo, session: Session, { api }: Control): Promise<void> {
    const tally = new ReceiverTally(`stream ${info.config.name}`);
    this.#harvest.add(tally);
    const { log } = this.#harvest;
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
    const { log } = this.#harvest;
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
    // A server that is slow to deliver has lost nothing.
    if (this.#quietMs() < Math.max(this.#plan.idleMs, this.#plan.settleMs)) return false;
    if (pending === undefined) {
      const message = `the stream of the run ${this.#runId} could not be read to its end`;
      this.#unread = new NatsxError('timeout', message, {
        hint: 'a stream without a leader does not answer: try again, or give it longer with --idle',
      });
    } else {
      this.#notes.push(
        `the server counts ${pending} more messages of the subject and does not deliver them`,
      );
    }
    return true;
  }

  #quietMs(): number {
    const { lastChangeMs, allConnected } = this.#connections;
    if (!allConnected) return 0;
    const { lastArrivalMs } = this.#harvest.log;
    return wallNowMs() - Math.max(this.#startedAtMs, lastArrivalMs, lastChangeMs);
  }

  #verdict(outcome: DeliveryOutcome, signal: AbortSignal): PromiseVerdict | undefined {
    // Stopped before the stream's end, what was not read is not lost.
    const isPartial = this.#ledger !== undefined && this.#readBack?.atEnd !== true;
    if (signal.aborted && (isPartial || outcome.sent === 0)) return undefined;
    return verdictOf(outcome, this.#guarantee(), this.#plan.ordered);
  }

  #guarantee(): Guarantee {
    const { expectation } = this.#plan;
    if (expectation !== undefined) return { expectation, because: 'asked for with --expect' };
    if (this.#stream === undefined) return promiseOf({ kind: 'core' });
    return { expectation: 'at-least-once', because: 'the stream acknowledged the messages' };
  }

  #doubts(): readonly string[] {
    if (this.#ledger !== undefined) {
      if (this.#ledger.closed) return [];
      return ['the ledger has no end: what its sender did in its last moment is not in it'];
    }
    const { endMarks } = this.#harvest.log;
    const marks = [...endMarks.values()];
    if (!allHaveEnded(endMarks)) {
      return ['not all senders said that they are done: judged up to the highest number seen'];
    }
    const unknown = marks.some((mark) => mark.acknowledges && mark.inDoubt === undefined);
    return unknown
      ? ['too much was not acknowledged to be told in the end mark: all of it counts as promised']
      : [];
  }

  #silence(): NatsxError {
    return new NatsxError('timeout', `nothing of the run ${this.#runId} came`, {
      hint: 'start the receiver first, and give both halves the same --run-id and SUBJECT',
      details: { run_id: this.#runId, subject: this.#subject },
    });
  }
}
