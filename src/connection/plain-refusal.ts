import { connect } from 'node:net';

import type { NatsxError } from '../core/errors.js';
import { greetingRefusal } from './model/server-error.js';

/** A server says it together with its INFO. */
const LISTEN_MS = 500;
const REASON_LOST: readonly unknown[] = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ECONNRESET', 'EPIPE'];

/**
 * A server without a connection left says so right after its INFO, in plain text, and closes the connection. A client
 * that has begun a TLS handshake or written CONNECT by then can lose the reason. In that case a second connection, which
 * writes nothing, reads it.
 *
 * @param error why the handshake or the login failed
 * @param label the server, for messages
 * @returns the reason, or the error that was given
 */
export function reasonInPlainText(
  error: NatsxError,
  place: { readonly host: string; readonly port: number },
  label: string,
): Promise<NatsxError> {
  if (!REASON_LOST.includes(error.details?.['code'])) return Promise.resolve(error);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(place);
    const end = (): void => {
      socket.destroy();
      const said = /(?:^|\r\n)-ERR ([^\r\n]*)/.exec(text)?.[1];
      resolve(said === undefined ? error : greetingRefusal(said, label, {}, Date.now()));
    };
    socket.setTimeout(LISTEN_MS, end);
    socket.on('data', (bytes) => (text += bytes.toString('latin1')));
    socket.on('error', end).on('close', end);
  });
}
