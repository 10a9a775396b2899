import { Worker as Thread } from 'node:worker_threads';
import { workerScript, type WorkerScript } from '../../connection/worker-script.js';
import { NatsxError } from '../../core/errors.js';
import type { Trouble, Worker, WorkerCall, WorkerReport, WorkerSetup } from './worker-setup.js';
import type { Pass } from './role.js';

type Ask = WorkerCall extends infer Call
  ? Call extends { id: number }
    ? Omit<Call, 'id'>
    : never
  : never;

interface Waiting {
  readonly resolve: (busy: number) => void;
  readonly reject: (error: NatsxError) => void;
}

/** A `LocalWorker` in a separate thread. */
export class WorkerThread implements Worker {
  readonly #thread: Thread;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onTrouble: (trouble: Trouble) => void;
  #next = 0;

  /** @param script the worker's file; by default it is found next to this module */
  constructor(setup: WorkerSetup, onTrouble: (trouble: Trouble) => void, script: URL | undefined) {
    this.#onTrouble = onTrouble;
    const { file, argv } = script === undefined ? ownScript() : { file: script, argv: [] };
    this.#thread = new Thread(file, { workerData: setup, argv: [...argv] });
    this.#thread.on('message', (report: WorkerReport) => this.#receive(report));
    this.#thread.on('error', (cause) => this.#fail(cause));
  }

  readonly connect = async (): Promise<void> => {
    await this.#ask({ method: 'connect' });
  };

  readonly ready = async (pass: Pass): Promise<void> => {
    await this.#ask({ method: 'ready', pass });
  };

  readonly run = (pass: Pass, startNs: number): Promise<number> =>
    this.#ask({ method: 'run', pass, startNs });

  /** Ends the thread, whatever it is doing. */
  readonly close = async (): Promise<void> => {
    await this.#ask({ method: 'close' }).catch(() => undefined);
    await this.terminate();
  };

  async terminate(): Promise<void> {
    await this.#thread.terminate();
  }

  #ask(call: Ask): Promise<number> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#thread.postMessage({ ...call, id });
    });
  }

  #receive(report: WorkerReport): void {
    if (report.type === 'trouble') {
      this.#onTrouble(report.trouble);
      return;
    }
    const waiting = this.#waiting.get(report.id);
    this.#waiting.delete(report.id);
    if (report.type === 'done') waiting?.resolve(report.busy);
    else {
      const { kind, message, hint } = report.failure;
      waiting?.reject(new NatsxError(kind, message, { hint }));
    }
  }

  #fail(cause: unknown): void {
    const error = new NatsxError('internal', 'a worker thread of the run failed', { cause });
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
    this.#onTrouble({ kind: 'internal', message: String(cause), hint: undefined, fatal: true });
  }
}

function ownScript(): WorkerScript {
  const script = workerScript('bench');
  if (script === undefined)
    throw new NatsxError('internal', 'the worker script of bench is missing');
  return script;
}
