import type { ConnectionReport } from '../../connection/model/connection-facts.js';
import type { Client } from '../../connection/connect.js';
import { readConnectionReport } from '../../connection/connection-report.js';

interface ReportRequest {
  readonly jsDomain: string | undefined;
  readonly jsApiPrefix: string | undefined;
  readonly timeoutMs: number;
}

/** What the connected user can learn about the server, the account and its permissions. */
export async function connectionReport(
  client: Client,
  request: ReportRequest,
): Promise<ConnectionReport> {
  const { jsApiPrefix, jsDomain, timeoutMs } = request;
  const prefix = jsApiPrefix ?? (jsDomain === undefined ? '$JS.API' : `$JS.${jsDomain}.API`);
  return readConnectionReport(client.connection, prefix, {
    timeoutMs,
    name: client.credentials().user,
  });
}
