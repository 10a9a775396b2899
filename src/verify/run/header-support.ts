import { NatsxError } from '../../core/errors.js';
import type { ServerInfo } from '../../wire/server-info.js';
import type { SendPlan } from './plan.js';

/**
 * Message ids travel in headers, which a server may have switched off: what has some is then not answered at all.
 *
 * @throws {NatsxError} rejected — the run needs them and the server does not take them
 */
export function checkHeaders(
  server: ServerInfo | undefined,
  { stream, messageIds }: Pick<SendPlan, 'stream' | 'messageIds'>,
): void {
  if (stream === undefined || !messageIds) return;
  if (server === undefined || server.headers === true) return;
  throw new NatsxError(
    'rejected',
    `the server ${server.server_name ?? ''} does not support headers, in which messages to a stream carry their ids`,
    { hint: 'switch its no_header_support off, or go without ids: --no-msg-id' },
  );
}
