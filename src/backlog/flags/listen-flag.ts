import * as Flags from '@oclif/core/flags';

import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `HOST:PORT`; the host is optional, and an IPv6 address is in brackets. */
export const listenFlag = Flags.custom<ListenAddress>({
  helpValue: '<host:port>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseListenAddress(text),
});

/** @throws {NatsxError} usage */
function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, host, port] = /^(?:\[(.+)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const number = Number(port);
  if (port === undefined || number > 65_535) {
    throw usageError(
      `${quoted(text)} is not an address to listen on`,
      'write HOST:PORT, such as 127.0.0.1:9222',
    );
  }
  const name = bracketed ?? host ?? '';
  return { host: name === '' ? '127.0.0.1' : name, port: number };
}
