import { parentPort, workerData } from 'node:worker_threads';
import { NatsxError } from '../../core/errors.js';
import { LocalWorker } from './local-worker.js';
import type { WorkerSetup } from './worker-setup.js';
import type { WorkerCall, WorkerReport } from './worker-protocol.js';

/** Entry of a worker thread: does for the main thread what a `LocalWorker` does in its own. */
function serve(setup: WorkerSetup): void {
  const tell = (report: WorkerReport): void => parentPort?.postMessage(report);
  const group = new LocalWorker(setup, (trouble) => tell({ type: 'trouble', trouble }), true);
  parentPort?.on('message', (call: WorkerCall) => {
    void perform(group, call).then(
      (busy) => tell({ type: 'done', id: call.id, busy }),
      (error: unknown) => tell({ type: 'failed', id: call.id, failure: failureOf(error) }),
    );
  });
}

async function perform(group: LocalWorker, call: WorkerCall): Promise<number> {
  switch (call.method) {
    case 'connect':
      await group.connect();
      return 0;
    case 'ready':
      await group.ready(call.pass);
      return 0;
    case 'run':
      return group.run(call.pass, call.startNs);
    case 'close':
      await group.close();
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
