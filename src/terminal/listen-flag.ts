import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { usageError } from '../core/errors.js';
import { quoted } from '../core/printable.js';
import type { ListenAddress } from '../serve/live-server.js';

/** `HOST:PORT`; the host is optional, and an IPv6 address is in brackets. */
export const listenFlag = Flags.custom<ListenAddress>({
  helpValue: '<host:port>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseListenAddress(text),
});

/** The same as an argument. */
export const listenArg = Args.custom<ListenAddress>({
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseListenAddress(text),
  ignoreStdin: true,
});

/**
 * The flags of a live page. `--serve` may stand alone: `filledServeFlag` adds the address.
 *
 * @param exclusive flags that do not go together with it
 */
export function serveFlags(exclusive: readonly string[] = []) {
  return {
    serve: listenFlag({
      helpValue: '[=<host:port>]',
      summary: 'serve a live page, on 127.0.0.1 and a free port if no address is given',
      helpGroup: 'LIVE PAGE',
      exclusive: [...exclusive],
    }),
    'metrics-open': metricsOpenFlag({ helpGroup: 'LIVE PAGE', dependsOn: ['serve'] }),
  } as const;
}

export function metricsOpenFlag(more: { helpGroup?: string; dependsOn?: string[] } = {}) {
  return Flags.boolean({
    summary: 'let programs on this machine read /metrics without the token',
    ...more,
  });
}

/** @throws {NatsxError} usage */
function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, host, port] = /^(?:\[(.+)\]|([^:/\s]*)):(\d{1,5})$/.exec(text) ?? [];
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
