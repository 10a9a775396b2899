import { parentPort, workerData } from 'node:worker_threads';
import { NatsxError } from '../../core/errors.js';
import { LocalWorker } from './local-worker.js';
import type { WorkerCall, WorkerReport, WorkerSetup } from './worker-setup.js';

/** Entry of a worker thread: runs a `LocalWorker` for the main thread. */
function serve(setup: WorkerSetup): void {
  const send = (report: WorkerReport): void => parentPort?.postMessage(report);
  const worker = new LocalWorker(setup, (trouble) => send({ type: 'trouble', trouble }), true);
  parentPort?.on('message', (call: WorkerCall) => {
    void perform(worker, call).then(
      (busy) => send({ type: 'done', id: call.id, busy }),
      (error: unknown) => send({ type: 'failed', id: call.id, failure: failureOf(error) }),
    );
  });
}

async function perform(worker: LocalWorker, call: WorkerCall): Promise<number> {
  switch (call.method) {
    case 'connect':
      await worker.connect();
      return 0;
    case 'ready':
      await worker.ready(call.pass);
      return 0;
    case 'run':
      return worker.run(call.pass, call.startNs);
    case 'close':
      await worker.close();
      return 0;
  }
}

function failureOf(error: unknown): Extract<WorkerReport, { type: 'failed' }>['failure'] {
  if (error instanceof NatsxError) {
    const { kind, message, hint } = error;
    return { kind, message, hint };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: 'internal', message, hint: undefined };
}

serve(workerData as WorkerSetup);
