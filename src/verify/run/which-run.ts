import { usageError } from '../../core/errors.js';
import type { Ledger } from '../model/ledger-format.js';
import type { ReceivePlan } from './plan.js';

/**
 * The id of the run to receive.
 *
 * @throws {NatsxError} usage — plan and ledger contradict each other, or there is nothing to read from
 */
export function whichRun(plan: ReceivePlan, ledger: Ledger | undefined): string {
  if (ledger === undefined) {
    if (plan.runId !== undefined) return plan.runId;
    throw usageError(
      'which run is to be received?',
      'give its --run-id, as verify send has it, or the --ledger that it wrote',
    );
  }
  const { runId, stream } = ledger.head;
  if (plan.runId !== undefined && plan.runId !== runId) {
    throw usageError(`the ledger ${plan.ledger ?? ''} is of the run ${runId}, not ${plan.runId}`);
  }
  if (stream === undefined && plan.stream === undefined) {
    throw usageError(
      `the run ${runId} of the ledger used no stream: nothing of it can be read afterwards`,
      'name the --stream that kept its subject, or run verify receive at the same time as verify send',
    );
  }
  return runId;
}
