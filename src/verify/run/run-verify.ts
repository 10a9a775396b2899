import type { NatsxError } from '../../core/errors.js';
import type { ConsumerInfo } from '../../streams/model/consumer-info.js';
import type { StreamInfo } from '../../streams/model/stream-info.js';
import { summarizeLatency } from '../../core/statistics/latency-summary.js';
import { readBytesPerS } from '../../faults/model/fault-plan.js';
import { promiseOf, verdictOf, type Guarantee } from '../model/expectation.js';
import { FaultLog } from '../model/fault-log.js';
import { judge } from '../model/judge.js';
import type { ConsumerConditions, VerifyReport } from '../model/report.js';
import { deleteConsumer } from '../../streams/run/api/jetstream-consumers.js';
import { findConsumer, readStream } from '../../streams/run/api/jetstream-entities.js';
import type { ServerInfo } from '../../wire/server-info.js';
import type { SessionTarget } from '../../wire/open-session.js';
import type { Session } from '../../wire/session.js';
import { runConditions } from './conditions.js';
import { Connections } from './connections.js';
import { openControl, type Control } from './control.js';
import { Flow } from './flow.js';
import { ReceivedMessages } from './received-messages.js';
import { checkHeaders } from './header-support.js';
import { watchLeader } from './leader-watch.js';
import type { LedgerWriter } from './ledger-file.js';
import { openLedger } from './open-ledger.js';
import type { VerifyHooks, VerifyPlan } from './plan.js';
import type { RunSubject, TakenConsumer } from './prepare-stream.js';
import { checkStreamFits, coreSubject, subjectInStream, takeConsumer } from './prepare-stream.js';
import { probeWays } from './probe.js';
import { RunInjection } from './injection.js';
import { pullAll, readInOrder, subscribeAll } from './receivers.js';
import { RunPublishers } from './sending.js';
import { settle } from './settle.js';
import { checkMayWrite, tidyStream } from './stream-traces.js';
import { wallNowMs } from './wall-clock.js';

/** A report, and the error that ended the run early, if any. */
export interface VerifyResult {
  readonly report: VerifyReport;
  readonly failure: NatsxError | undefined;
}

/** Bytes in transit without JetStream; well below the limit at which a server disconnects a reader. */
const UNDER_WAY_BYTES = 16 * 1024 ** 2;
const UNDER_WAY_MESSAGES = 32_768;
const UNDER_WAY_S = 2;
/** Redeliveries that are due much later are not awaited. */
const LONGEST_REDELIVERY_MS = 60_000;

/**
 * Sends numbered messages through the system as configured, and counts what arrives.
 *
 * @throws {NatsxError} connection, auth, usage, not-found, rejected — before anything was sent
 */
export async function runVerify(
  target: SessionTarget,
  plan: VerifyPlan,
  hooks: VerifyHooks,
  signal: AbortSignal,
): Promise<VerifyResult> {
  const run = new VerifyRun(target, plan, hooks);
  try {
    await run.prepare(signal);
    await run.go(signal);
    return run.result(signal);
  } finally {
    await run.close();
  }
}

class VerifyRun {
  readonly #target: SessionTarget;
  readonly #plan: VerifyPlan;
  readonly #hooks: VerifyHooks;
  readonly #faults = new FaultLog();
  readonly #received = new ReceivedMessages(this.#faults);
  readonly #connections: Connections;
  readonly #ended = new AbortController();
  readonly #notes: string[] = [];
  #server: ServerInfo | undefined;
  #control: Control | undefined;
  #stream: StreamInfo | undefined;
  #taken: TakenConsumer | undefined;
  #subject: RunSubject;
  #sending: RunPublishers | undefined;
  #ledger: LedgerWriter | undefined;
  #injection: RunInjection | undefined;
  #hasSent = false;
  #startedAtMs = wallNowMs();

  constructor(target: SessionTarget, plan: VerifyPlan, hooks: VerifyHooks) {
    this.#target = target;
    this.#plan = plan;
    this.#hooks = hooks;
    this.#connections = new Connections(target, this.#faults);
    this.#subject = coreSubject(plan, plan.runId);
  }

  /** Everything that has to be ready before the first message. */
  async prepare(signal: AbortSignal): Promise<void> {
    await this.#connections.whileThere(this.#prepare(signal), signal);
  }

  async #prepare(signal: AbortSignal): Promise<void> {
    const { plan, inboxPrefix } = this.#context;
    const session = await this.#connections.open(signal);
    const asks = openControl(session, plan.jetStream, inboxPrefix);
    this.#server = session.info;
    checkHeaders(session.info, plan);
    this.#control = asks;
    if (plan.stream !== undefined) await this.#prepareStream(plan.stream, asks);
    await this.#prepareFaults(session);
    await this.#read(signal);
    this.#ledger = await openLedger(plan, this.#subject.arrivesAt, this.#connections);
    this.#sending = await RunPublishers.open(
      this.#connections,
      {
        plan,
        subject: this.#subject.subject,
        stream: this.#stream,
        inboxPrefix,
        ledger: this.#ledger,
        faults: this.#faults,
        flow: this.#stream === undefined ? this.#flow() : undefined,
        outageMs: this.#injection?.outageMs ?? 0,
      },
      signal,
    );
    if (this.#stream === undefined) await this.#probe(this.#sending, signal);
  }

  /** Sends, and waits for what arrives. */
  async go(signal: AbortSignal): Promise<void> {
    const sending = this.#sending;
    if (sending === undefined) return;
    this.#startedAtMs = wallNowMs();
    this.#hooks.ready({ runId: this.#plan.runId, subject: this.#subject.subject });
    this.#hooks.watch(() => ({ ...sending.totals, arrivals: this.#received.arrivals }));
    const watching = this.#watchLeader();
    this.#injection?.start(this.#plan, this.#received, {
      isConnected: () => this.#connections.allConnected,
      isComplete: () => this.#hasSent && this.#isComplete(sending),
    });
    await sending.run(signal);
    this.#hasSent = true;
    await settle({
      isComplete: () => this.#isComplete(sending),
      lastArrivalMs: () => this.#received.log.lastArrivalMs,
      connected: () => ({
        now: this.#connections.allConnected && this.#injection?.isBlocking !== true,
        sinceMs: this.#connections.lastChangeMs,
      }),
      settleMs: this.#plan.settleMs + (this.#injection?.delayMs ?? 0),
      redeliveryMs: () => this.#redeliveryMs(),
      lost: this.#connections.lost,
    });
    await this.#injection?.conclude();
    this.#ended.abort();
    await watching;
    await this.#tidy(sending);
  }

  async #tidy({ totals }: RunPublishers): Promise<void> {
    const { stream, cleanUp } = this.#plan;
    if (stream === undefined || this.#control === undefined || totals.sent === 0) return;
    // Without a connection nothing can be looked up, and the run fails anyway.
    if (!this.#connections.allConnected) return;
    const said = await tidyStream(this.#control.api, stream, this.#subject, cleanUp);
    if (said !== undefined) this.#notes.push(said);
  }

  result(signal: AbortSignal): VerifyResult {
    const { plan } = this.#context;
    const outcome = judge(this.#sending?.accounts ?? [], this.#received.tallies);
    const { failure } = this.#connections;
    const verdict = verdictOf(outcome, this.#guarantee(), plan.ordered);
    const latency = this.#sending?.latency;
    const report: VerifyReport = {
      role: 'whole',
      runId: plan.runId,
      startedAtMs: this.#startedAtMs,
      durationMs: wallNowMs() - this.#startedAtMs,
      sendingMs: this.#sending?.sendingMs,
      conditions: runConditions({
        subject: this.#subject.subject,
        stream: this.#stream,
        consumer: this.#consumer,
        queues: plan.queues,
        subscribers: plan.subscribers,
        settleMs: plan.settleMs,
        sending: plan,
        server: this.#server,
        version: this.#target.version,
      }),
      outcome,
      foreign: this.#received.log.foreign,
      latency: {
        acknowledged: latency === undefined ? undefined : summarizeLatency(latency),
        delivered: summarizeLatency(this.#received.log.latency),
      },
      faults: this.#faults.faults,
      injected: this.#injection?.report(this.#sending?.accounts ?? [], this.#received),
      // A run that was stopped before the first message cannot be judged.
      verdict:
        failure !== undefined || (signal.aborted && outcome.sent === 0) ? undefined : verdict,
      ledger: plan.ledger,
      interrupted: signal.aborted,
      notes: [
        ...this.#notes,
        ...(failure === undefined ? [] : ['the counts are from the moment when the run was ended']),
        ...this.#faults.notes,
      ],
    };
    return { report, failure };
  }

  /** Removes what was created for the run. Never rejects. */
  async close(): Promise<void> {
    this.#ended.abort();
    this.#sending?.close();
    this.#received.release();
    await this.#ledger?.close().catch(() => undefined);
    const { stream } = this.#plan;
    if (this.#consumer?.own === true && stream !== undefined && this.#control !== undefined) {
      const { api } = this.#control;
      // The server removes it after a while in any case.
      await deleteConsumer(api, stream, this.#consumer.name).catch(() => undefined);
    }
    this.#control?.mux.close();
    await this.#connections.close();
    await this.#injection?.close();
  }

  get #consumer(): ConsumerConditions | undefined {
    return this.#taken?.conditions;
  }

  get #context(): { readonly plan: VerifyPlan; readonly inboxPrefix: string } {
    return { plan: this.#plan, inboxPrefix: this.#target.dial.inboxPrefix };
  }

  async #watchLeader(): Promise<void> {
    if (this.#stream === undefined || this.#control === undefined) return;
    const { watching } = this.#control;
    await watchLeader(watching, this.#stream, this.#faults, this.#ended.signal);
  }

  async #prepareStream(name: string, { api }: Control): Promise<void> {
    const { runId, consumer: choice } = this.#plan;
    this.#stream = await readStream(api, name);
    this.#subject = subjectInStream(this.#stream, this.#plan, runId);
    checkStreamFits(this.#stream, this.#subject, { mode: this.#plan.mode, server: this.#server });
    const readsWith = choice.kind === 'existing' ? choice.name : undefined;
    await checkMayWrite(api, this.#stream, this.#subject, { ...this.#plan, readsWith });
    if (choice.kind === 'ordered') return;
    this.#taken = await takeConsumer(api, this.#stream, this.#subject, { choice, runId });
  }

  /** From here on, connections go through the proxies; the control connection does not. */
  async #prepareFaults(session: Session): Promise<void> {
    const { faults } = this.#plan;
    if (faults === undefined) return;
    const { dial } = this.#target;
    this.#injection = await RunInjection.open(this.#connections, dial, session, faults);
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { plan, inboxPrefix } = this.#context;
    const { runId, subscribers, queues, timeoutMs } = plan;
    const { arrivesAt: pattern, exclusive } = this.#subject;
    const readers = { runId, pattern, exclusive, subscribers, queues, timeoutMs, inboxPrefix };
    const taken = this.#taken;
    const info = this.#stream;
    if (info !== undefined && this.#control !== undefined && plan.consumer.kind === 'ordered') {
      const stream = { api: this.#control.api, info, faults: this.#faults };
      await readInOrder(this.#connections, { ...readers, stream }, this.#received, signal);
      return;
    }
    if (taken === undefined || this.#control === undefined) {
      await subscribeAll(this.#connections, readers, this.#received, signal);
      return;
    }
    const remembers = plan.consumer.kind === 'own' && plan.consumer.remembers === true;
    const consumer = { api: this.#control.api, info: taken.info, remembers };
    // An existing consumer may still have earlier messages.
    const own = taken.conditions.own && exclusive;
    const pulled = { ...readers, exclusive: own, consumer };
    await pullAll(this.#connections, pulled, this.#received, signal);
  }

  #flow(): Flow {
    const { sizeBytes, faults } = this.#plan;
    // More would still arrive long after the load.
    const readable = faults === undefined ? Infinity : UNDER_WAY_S * readBytesPerS(faults);
    const limit = Math.floor(Math.min(UNDER_WAY_BYTES, readable) / sizeBytes);
    const messages = Math.min(UNDER_WAY_MESSAGES, Math.max(1, limit));
    return new Flow(messages, () => this.#received.arrivals);
  }

  async #probe(sending: RunPublishers, signal: AbortSignal): Promise<void> {
    const { runId, timeoutMs } = this.#plan;
    const way = { runId, ...this.#subject, timeoutMs };
    const either = AbortSignal.any([signal, this.#connections.lost]);
    this.#notes.push(...(await probeWays(sending, this.#received, way, either)));
  }

  #isComplete(sending: RunPublishers): boolean {
    return sending.accounts.every((account) => {
      const promised = account.promised();
      return this.#received.tallies.every(
        (tally) => promised.missingFrom(tally.seen(account.publisher)).next().done === true,
      );
    });
  }

  /** Messages that were delivered and not acknowledged are redelivered after the ack wait. */
  async #redeliveryMs(): Promise<number> {
    const { stream } = this.#plan;
    if (this.#consumer === undefined || stream === undefined) return 0;
    if (this.#consumer.ackPolicy === 'none' || this.#control === undefined) return 0;
    const { api } = this.#control;
    const looked = findConsumer(api, stream, this.#consumer.name);
    // Without an answer, there may be some; a consumer that was removed delivers nothing more.
    const open = await looked.then(stillOpen).catch(() => true);
    if (!open) return 0;
    const { ackWaitMs, name } = this.#consumer;
    if (ackWaitMs > LONGEST_REDELIVERY_MS) {
      this.#notes.push(`redeliveries of the consumer ${name} after its ack wait were not awaited`);
    }
    return Math.min(ackWaitMs, LONGEST_REDELIVERY_MS) + this.#plan.settleMs;
  }

  #guarantee(): Guarantee {
    const { expectation } = this.#plan;
    if (expectation !== undefined) return { expectation, because: 'requested with --expect' };
    if (this.#consumer === undefined) return promiseOf({ kind: 'core' });
    const { ackPolicy, maxDeliver } = this.#consumer;
    return promiseOf({ kind: 'consumer', ackPolicy, maxDeliver });
  }
}

/** Whether a consumer has messages to deliver, for the first time or again. */
function stillOpen(info: ConsumerInfo | undefined): boolean {
  return info !== undefined && info.num_ack_pending + info.num_pending > 0;
}
