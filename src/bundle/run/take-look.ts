import type { BacklogRequest } from '../../backlog/model/request.js';
import type { ReadingEvents } from '../../backlog/run/reader/window-reader.js';
import { readWindow } from '../../backlog/run/window.js';
import type { Client } from '../../connection/connect.js';
import { readAudit, type AuditPlan } from '../../doctor/run/doctor.js';
import type { Look } from '../model/look.js';

/** How a look is taken. */
export interface LookRequest {
  readonly backlog: BacklogRequest;
  readonly audit: AuditPlan;
}

/**
 * Reads the whole account once for both `backlog` and `doctor`.
 *
 * @throws {NatsxError} connection, auth — also of the system context
 */
export async function takeLook(
  client: Client,
  { backlog, audit }: LookRequest,
  signal: AbortSignal,
  events: ReadingEvents,
): Promise<Look> {
  const readScan = () => readWindow(client.connection, backlog, signal, events);
  const { scan, ...beside } = await readAudit(client, audit, readScan, signal);
  return { window: scan, audit: beside };
}
