import { NatsxError } from '../../core/errors.js';
import type { ServerInfo } from '../../wire/server-info.js';
import type { SendPlan } from './plan.js';

/**
 * Message ids are sent as headers, which a server may have disabled: messages with headers are then not answered at all.
 *
 * @throws {NatsxError} rejected — the run needs headers, and the server does not support them
 */
export function checkHeaders(
  server: ServerInfo | undefined,
  { stream, messageIds }: Pick<SendPlan, 'stream' | 'messageIds'>,
): void {
  if (stream === undefined || !messageIds) return;
  if (server === undefined || server.headers === true) return;
  throw new NatsxError(
    'rejected',
    `the server ${server.server_name ?? ''} does not support headers, which message ids need`,
    { hint: 'disable its no_header_support, or use --no-msg-id' },
  );
}
