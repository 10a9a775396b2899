import { connect as connectTcp, type Socket } from 'node:net';
import {
  checkServerIdentity,
  connect as connectTls,
  TLSSocket,
  type PeerCertificate,
} from 'node:tls';

import {
  type ConnectionOptions,
  deferred,
  extractProtocolMessage,
  INFO,
  type Server,
  type ServerInfo,
  type TlsOptions,
  type Transport,
} from '@nats-io/transport-node';
import client from '@nats-io/transport-node/package.json' with { type: 'json' };

import {
  closedBeforeGreeting,
  type GreetingStage,
  notForClients,
  notNats,
  noTlsOffered,
} from './model/greeting-error.js';
import { detourTo, type DialOptions } from './model/dial.js';
import { clientCertificateError } from './model/socket-error.js';

/** `host:port` as in messages, with brackets around an IPv6 address. */
export function hostLabel(server: { readonly hostname: string; readonly port: number }): string {
  const { hostname, port } = server;
  return hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/**
 * The socket below a connection of the `@nats-io` client, to one address. Unlike the client's own, it upgrades to TLS
 * only where that was asked for or is required, and checks the certificate against the name that was dialled.
 */
export class ClientTransport implements Transport {
  readonly lang = 'nats.js';
  readonly version = client.version;
  /** How far the greeting is, for messages. */
  stage: GreetingStage = 'connecting';
  closeError?: Error;
  #socket: Socket | undefined;
  #cause: Error | undefined;
  #chunks: Buffer[] = [];
  #wake: () => void = ignore;
  #isOpen = false;
  #isDone = false;
  readonly #closed = deferred<Error | undefined>();
  readonly #dial: Pick<DialOptions, 'detours'>;

  constructor(dial: Pick<DialOptions, 'detours'>) {
    this.#dial = dial;
  }

  get isClosed(): boolean {
    return this.#isDone;
  }

  /** @throws {NatsxError} connection — no NATS server, or no TLS there; auth — it demands a client certificate */
  async connect(server: Server, { tls }: ConnectionOptions): Promise<void> {
    try {
      await this.#greet(server, tls ?? undefined);
    } catch (error) {
      this.discard();
      throw error;
    }
    this.#isOpen = true;
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    for (;;) {
      const chunks = this.#chunks;
      this.#chunks = [];
      yield* chunks;
      if (this.#chunks.length > 0) continue;
      if (this.#isDone) return;
      await this.#news();
    }
  }

  isEncrypted(): boolean {
    return this.#socket instanceof TLSSocket;
  }

  send(frame: Uint8Array): void {
    // A failed write closes the socket, which is reported.
    if (!this.#isDone) this.#socket?.write(frame, ignore);
  }

  close(error?: Error): Promise<void> {
    this.#end(error);
    return Promise.resolve();
  }

  disconnect(): void {
    this.#end(undefined);
  }

  closed(): Promise<Error | undefined> {
    return this.#closed;
  }

  /** Closes without a report. */
  discard(): void {
    this.#isDone = true;
    this.#socket?.destroy();
    this.#wake();
  }

  async #greet(server: Server, tls: TlsOptions | undefined): Promise<void> {
    const label = hostLabel({ hostname: server.tlsName || server.hostname, port: server.port });
    const plain = connectTcp({ ...this.#place(server, label), noDelay: true });
    this.#listen(plain);
    await this.#reached(plain, 'connect');
    if (tls?.handshakeFirst === true) await this.#secure(plain, server, tls);
    this.stage = 'waiting for INFO';
    const info = await this.#info(label);
    const port = foreignPort({ ...info });
    // The port of a cluster's routes names the ports for clients, and the client would quietly go there.
    if (port !== undefined) throw notForClients(label, port);
    if (tls !== undefined && info.tls_required !== true && info.tls_available !== true) {
      throw noTlsOffered(label);
    }
    // With TLS 1.3 the server would say so only after the handshake, and the client would wait in vain.
    if (info.tls_verify === true && tls?.cert === undefined) throw clientCertificateError(label);
    const isNeeded = tls !== undefined || info.tls_required === true;
    if (isNeeded && !this.isEncrypted()) await this.#secure(plain, server, tls);
    this.stage = 'authenticating';
  }

  /** Where the server is reached. The client has resolved its name by then. */
  #place(server: Server, label: string): { readonly host: string; readonly port: number } {
    const detour = detourTo(this.#dial, hostLabel(server)) ?? detourTo(this.#dial, label);
    if (detour !== undefined) return { host: '127.0.0.1', port: detour.port };
    return { host: server.hostname, port: server.port };
  }

  async #secure(socket: Socket, server: Server, tls: TlsOptions | undefined): Promise<void> {
    this.stage = 'securing';
    const { tlsName, hostname } = server;
    const name = tlsName === '' ? hostname : tlsName;
    socket.removeAllListeners('data');
    const secured = connectTls({
      socket,
      ca: tls?.ca,
      cert: tls?.cert,
      key: tls?.key,
      // Node.js has no host name on an upgrade, and would check the certificate against `localhost`.
      checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
        checkServerIdentity(name, certificate),
      ...(tlsName === '' ? {} : { servername: tlsName }),
    });
    this.#listen(secured);
    await this.#reached(secured, 'secureConnect');
  }

  #listen(socket: Socket): void {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#wake();
    });
    socket.on('error', (error) => (this.#cause ??= error));
    socket.on('close', () => {
      if (socket === this.#socket) this.#end(this.#cause);
    });
  }

  #reached(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.once(event, resolve);
      socket.once('close', () => reject(this.#cause ?? new Error(CLOSED)));
    });
  }

  /** The server's INFO, which stays among the chunks: the client's parser reads it again. */
  async #info(label: string): Promise<ServerInfo> {
    for (;;) {
      const line = extractProtocolMessage(Buffer.concat(this.#chunks));
      if (line !== '') return parsedInfo(line, label);
      if (this.#isDone) throw this.#cause ?? closedBeforeGreeting(label);
      await this.#news();
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #end(error: Error | undefined): void {
    if (this.#isDone) return;
    if (error !== undefined) this.closeError = error;
    this.discard();
    // Before it was open, the attempt itself fails.
    if (this.#isOpen) this.#closed.resolve(error);
  }
}

const CLOSED = 'the server closed the connection';

function ignore(): void {
  // Nothing to do.
}

/** @throws {NatsxError} connection — this is not the greeting of a NATS server */
function parsedInfo(line: string, label: string): ServerInfo {
  try {
    const info = JSON.parse(INFO.exec(line)?.[1] ?? '') as Partial<ServerInfo>;
    // The client takes the version on trust.
    if (/^\d+\.\d+\.\d+/.test(String(info.version))) return info as ServerInfo;
  } catch {
    // Not JSON, so not a greeting.
  }
  throw notNats(label);
}

/** What a server greets with on its other ports, and never on the one for clients. */
function foreignPort(info: Readonly<Record<string, unknown>>): string | undefined {
  if (info['gateway'] !== undefined) return 'a gateway port';
  if (info['lnoc'] !== undefined) return 'a route port';
  if (info['leafnode_urls'] !== undefined) return 'a leaf node port';
  return undefined;
}
