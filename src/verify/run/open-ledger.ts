import type { Connections } from './connections.js';
import { LedgerWriter } from './ledger-file.js';
import type { SendPlan } from './plan.js';
import { wallNowMs } from './wall-clock.js';

/**
 * Opens the ledger of the plan. If it can no longer be written, the run is useless and ends.
 *
 * @throws {NatsxError} usage — the file exists, or cannot be created
 */
export async function openLedger(
  plan: SendPlan,
  subject: string,
  connections: Connections,
): Promise<LedgerWriter | undefined> {
  const { ledger: path, runId, stream, publishers } = plan;
  if (path === undefined) return undefined;
  const startedAtMs = wallNowMs();
  const confirmation = stream === undefined ? 'none' : 'acknowledged';
  const head = { runId, startedAtMs, subject, stream, publishers, confirmation } as const;
  return LedgerWriter.create(path, head, (error) => connections.fail(error));
}
