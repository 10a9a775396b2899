import { randomBytes } from 'node:crypto';

import { NatsxError } from '../../core/errors.js';
import type { JetStreamScope } from '../../connection/model/api-scope.js';
import { createStream, deleteStream } from '../../streams/run/api/jetstream-streams.js';
import { openPatientSession, type SessionTarget } from '../../wire/open-session.js';
import {
  PROMISE_TESTS,
  suiteCell,
  type PromiseTest,
  type SuiteCell,
  type SuiteFault,
  type SuiteLoad,
  type SuiteReportFacts,
} from '../model/suite.js';
import { openControl, type Control } from './control.js';
import type { VerifyPlan } from './plan.js';
import type { RunConsumer } from './prepare-stream.js';
import { runVerify } from './run-verify.js';
import { wallNowMs } from './wall-clock.js';

export interface SuitePlan {
  readonly load: SuiteLoad;
  readonly seed: number;
  readonly storage: 'file' | 'memory';
  readonly replicas: number;
  readonly timeoutMs: number;
  readonly jetStream: JetStreamScope;
}

export interface SuiteHooks {
  /** Called when a run is done, with the number of runs that are done and of all. */
  readonly progress: (done: number, of: number) => void;
}

/** Runs at the same time: each one mostly waits. */
const AT_ONCE = 4;
const ACK_WAIT_MS = 1_000;
const SETTLE_MS = 1_000;
/** Attempts to remove a stream, while the server may be restarting. */
const REMOVALS = 3;
const DELIVERIES: Readonly<Record<NonNullable<PromiseTest['reads']>, RunConsumer>> = {
  acknowledged: {
    kind: 'own',
    ackPolicy: 'explicit',
    ackWaitMs: ACK_WAIT_MS,
    maxDeliver: -1,
  },
  remembered: {
    kind: 'own',
    ackPolicy: 'explicit',
    ackWaitMs: ACK_WAIT_MS,
    maxDeliver: -1,
    remembers: true,
  },
  ordered: { kind: 'ordered' },
};

/**
 * Tests each promise under each fault, each in a run and a stream of its own, which is removed afterwards.
 *
 * @throws {NatsxError} connection, auth; not-found — JetStream is off; rejected — no stream can be created
 */
export async function runPromises(
  target: SessionTarget,
  plan: SuitePlan,
  hooks: SuiteHooks,
  signal: AbortSignal,
): Promise<SuiteReportFacts> {
  const session = await openPatientSession(target, signal);
  const control = openControl(session, plan.jetStream, target.dial.inboxPrefix);
  const startedAtMs = wallNowMs();
  try {
    await control.api.request('INFO', 'reading the JetStream account');
    const suite = new Suite(target, plan, control, hooks);
    const cells = await suite.run(signal);
    const { server_name: name = '', version = '' } = session.info ?? {};
    return {
      startedAtMs,
      durationMs: wallNowMs() - startedAtMs,
      seed: plan.seed,
      messages: plan.load.messages,
      server: { name, version },
      natsx: target.version,
      cells,
      interrupted: signal.aborted,
      notes: suite.notes,
    };
  } finally {
    control.mux.close();
    await session.close();
  }
}

interface Task {
  readonly test: PromiseTest;
  readonly fault: SuiteFault;
}

class Suite {
  readonly notes: string[] = [];
  readonly #target: SessionTarget;
  readonly #plan: SuitePlan;
  readonly #control: Control;
  readonly #hooks: SuiteHooks;

  constructor(target: SessionTarget, plan: SuitePlan, control: Control, hooks: SuiteHooks) {
    // One connection tells of the server; those of the runs are meant to be lost.
    const policy = { ...target.policy, onEvent: () => undefined };
    this.#target = { ...target, policy };
    this.#plan = plan;
    this.#control = control;
    this.#hooks = hooks;
  }

  /** @returns the cells of all runs that were not interrupted, in the order of the table */
  async run(signal: AbortSignal): Promise<readonly SuiteCell[]> {
    const tasks = PROMISE_TESTS.flatMap((test) =>
      this.#plan.load.faults.map((fault): Task => ({ test, fault })),
    );
    const cells: (SuiteCell | undefined)[] = tasks.map(() => undefined);
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    let next = 0;
    let done = 0;
    const work = async (): Promise<void> => {
      for (let at = next++; at < tasks.length && !either.aborted; at = next++) {
        const task = tasks[at];
        if (task !== undefined) cells[at] = await this.#cell(task, either);
        this.#hooks.progress(++done, tasks.length);
      }
    };
    const workers = Array.from({ length: AT_ONCE }, () =>
      work().catch((error: unknown) => failed.abort(error)),
    );
    await Promise.all(workers);
    // What cannot go on, such as a lost server, says nothing about promises.
    if (failed.signal.aborted && !signal.aborted) throw failed.signal.reason;
    return cells.filter((cell) => cell !== undefined);
  }

  async #cell({ test, fault }: Task, signal: AbortSignal): Promise<SuiteCell | undefined> {
    const runId = randomBytes(6).toString('hex');
    const stream = test.reads === undefined ? undefined : `NATSX_VERIFY_${runId}`;
    try {
      if (stream !== undefined) await this.#create(stream, runId);
      const plan = this.#runPlan({ test, fault }, runId, stream);
      const { report, failure } = await runVerify(this.#target, plan, SILENT, signal);
      if (failure !== undefined) throw failure;
      return signal.aborted ? undefined : suiteCell(test, fault, report);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    } finally {
      if (stream !== undefined) await this.#remove(stream);
    }
  }

  #runPlan({ test, fault }: Task, runId: string, stream: string | undefined): VerifyPlan {
    const { load, timeoutMs, jetStream } = this.#plan;
    const { messages, sizeBytes, ratePerSecond } = load;
    return {
      runId,
      subject: undefined,
      receiveSubject: undefined,
      stream,
      publishers: 1,
      messages,
      durationMs: undefined,
      ratePerSecond,
      sizeBytes,
      window: 500,
      messageIds: true,
      timeoutMs,
      jetStream,
      ledger: undefined,
      useExisting: true,
      cleanUp: false,
      expectation: test.expectation,
      ordered: test.ordered,
      settleMs: SETTLE_MS,
      subscribers: 1,
      queues: [],
      consumer: DELIVERIES[test.reads ?? 'acknowledged'],
      faults: fault.plan,
    };
  }

  async #create(name: string, runId: string): Promise<void> {
    const { storage, replicas } = this.#plan;
    await createStream(this.#control.api, {
      name,
      description: 'created by natsx verify suite; safe to delete',
      subjects: [`natsx.verify.${runId}.*`],
      storage,
      num_replicas: replicas,
      allow_direct: true,
    });
  }

  async #remove(stream: string): Promise<void> {
    for (let attempt = 1; attempt <= REMOVALS; attempt++) {
      try {
        await deleteStream(this.#control.api, stream);
        return;
      } catch (error) {
        if (error instanceof NatsxError && error.kind === 'not-found') return;
      }
    }
    this.notes.push(`the stream ${stream} could not be removed`);
  }
}

const SILENT = { ready: () => undefined, watch: () => undefined };
