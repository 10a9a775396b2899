/** Values that nats-server's configuration knows; JSON is a subset of that language. */
export type ConfigValue =
  string | number | boolean | readonly ConfigValue[] | { readonly [key: string]: ConfigValue };

/** A configuration as an object (each entry becomes a line of its own), or as text in the server's own language. */
export type ConfigBlock = string | Readonly<Record<string, ConfigValue>>;

/** Certificate files of a server; see `test/support/tls.ts`, which makes them. */
export interface ServerTls {
  readonly certFile: string;
  readonly keyFile: string;
  /** Needed with `verify`: who may sign the clients' certificates. */
  readonly caFile?: string;
  /** Demand a client certificate. */
  readonly verify?: boolean;
  /** TLS before INFO (nats-server 2.10.4 or later). */
  readonly handshakeFirst?: boolean;
}

/** Renders blocks in the given order. */
export function configText(blocks: readonly ConfigBlock[]): string {
  return blocks.map(blockText).join('\n');
}

function blockText(block: ConfigBlock): string {
  if (typeof block === 'string') return block;
  return Object.entries(block)
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join('\n');
}

export function tlsBlock(tls: ServerTls): ConfigBlock {
  return {
    tls: {
      cert_file: tls.certFile,
      key_file: tls.keyFile,
      ...(tls.caFile === undefined ? {} : { ca_file: tls.caFile }),
      ...(tls.verify === undefined ? {} : { verify: tls.verify }),
      ...(tls.handshakeFirst === undefined ? {} : { handshake_first: tls.handshakeFirst }),
      timeout: 5,
    },
  };
}
