import { checkServerIdentity, type PeerCertificate, type TLSSocket } from 'node:tls';

import type { ConnectionOptions, NatsConnection, ServerInfo } from '@nats-io/transport-node';
import {
  errors,
  NatsConnectionImpl,
  ProtocolHandler,
  setTransportFactory,
} from '@nats-io/transport-node/lib/nats-base-client.js';
import { NodeTransport, nodeResolveHost } from '@nats-io/transport-node/lib/node_transport.js';

import type { GreetingStage } from './model/greeting-error.js';
import {
  closedBeforeGreeting,
  noServerError,
  notForClients,
  notNats,
  noTlsOffered,
} from './model/greeting-error.js';
import { clientCertificateError } from './model/socket-error.js';
import type { NatsxError } from '../core/errors.js';
import type { ServerLogins } from './server-logins.js';
import { reasonInPlainText } from './plain-refusal.js';
import { translateConnectError } from './translate-error.js';

/**
 * The client's own `connect`, on a transport that upgrades exactly where TLS was asked for or is required, and checks
 * the certificate against what was dialled.
 *
 * @throws {NatsxError} connection, auth — in the words that both engines use
 */
export async function connectByTransport(
  options: ConnectionOptions,
  logins: ServerLogins,
): Promise<NatsConnection> {
  setTransportFactory({
    factory: () => new ClientTransport(),
    dnsResolveFn: nodeResolveHost,
  });
  // The client makes its protocol itself, and offers no way to replace it.
  const client = Reflect.construct(NatsConnectionImpl, [options]) as NatsConnectionImpl;
  const protocol = new ClientProtocol(client.options, client, logins);
  client.protocol = protocol;
  await protocol.open();
  return client as NatsConnection;
}

type Publisher = ConstructorParameters<typeof ProtocolHandler>[1];
type PooledServer = Parameters<ProtocolHandler['_doDial']>[0];

/**
 * The client's protocol, which takes what a server says or does before it accepts us for a matter of time: it waits for
 * the whole time-out, and has forgotten the reason by then.
 */
class ClientProtocol extends ProtocolHandler {
  readonly #logins: ServerLogins;
  readonly #failures: NatsxError[] = [];
  #isOpen = false;

  constructor(options: ConnectionOptions, publisher: Publisher, logins: ServerLogins) {
    super(options, publisher);
    this.#logins = logins;
  }

  /** @throws {NatsxError} no server took the connection */
  async open(): Promise<void> {
    // At first every server is asked; later a login that is refused again and again ends the connection.
    this.options.ignoreAuthErrorAbort = true;
    try {
      await this.dialLoop();
    } catch (cause) {
      await this.close().catch(() => undefined);
      throw this.#failures.length === 0
        ? translateConnectError(cause, 'the server')
        : noServerError(this.#failures);
    }
    this.#isOpen = true;
    this.options.ignoreAuthErrorAbort = false;
  }

  override async _doDial(server: PooledServer): Promise<void> {
    const label = labelOf(server);
    this.#logins.dialling(label);
    try {
      await super._doDial(server);
    } catch (cause) {
      const { timeout = 0 } = this.options;
      const stage = (this.transport as ClientTransport | undefined)?.stage ?? 'connecting';
      const credentials = this.#logins.credentials();
      const facts = { stage, timeoutMs: timeout, credentials, nowMs: Date.now() };
      const failed = translateConnectError(cause, label, facts);
      const { hostname: host, port } = server;
      const error =
        stage === 'securing' ? await reasonInPlainText(failed, { host, port }, label) : failed;
      if (!this.#isOpen) this.#failures.push(error);
      throw error;
    }
    this.#logins.accepted();
  }

  override handleError(error: Error): void {
    super.handleError(error);
    if (!(error instanceof errors.PermissionViolationError)) this.connectError?.(error);
  }

  override async disconnected(error?: Error): Promise<void> {
    // An attempt that has begun meanwhile is another one's.
    if (this.transport.isClosed) {
      this.connectError?.(error ?? new errors.ConnectionError('the server closed the connection'));
    }
    await super.disconnected(error);
  }
}

function labelOf({ hostname, port }: { readonly hostname: string; readonly port: number }): string {
  return hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

interface Place {
  readonly hostname: string;
  readonly port: number;
  /** The name that the certificate must carry; empty for a server that is named by its address. */
  readonly tlsName: string;
}

class ClientTransport extends NodeTransport {
  /** How far the greeting has come. */
  stage: GreetingStage = 'connecting';
  #place: Place = { hostname: '', port: 0, tlsName: '' };

  override async connect(place: Place, options: ConnectionOptions): Promise<void> {
    this.#place = place;
    await super.connect(place, options);
    this.stage = 'authenticating';
  }

  /** @throws {NatsxError} connection — no NATS server, or no TLS there; auth — it demands a client certificate */
  override async peekInfo(): Promise<ServerInfo> {
    this.stage = 'waiting for INFO';
    const info = await this.#readInfo();
    this.#mustBeForClients(info);
    const { tls } = this.options;
    if (tls && info.tls_required !== true && info.tls_available !== true) {
      throw noTlsOffered(this.#label);
    }
    // With TLS 1.3 it would say so only after the handshake, and the client would wait in vain.
    if (info.tls_verify === true && tls?.cert === undefined) {
      throw clientCertificateError(this.#label);
    }
    return info;
  }

  /** Options without TLS come here only when the server requires it; the client cannot do without them then. */
  override startTLS(): Promise<TLSSocket> {
    this.stage = 'securing';
    this.#checkIdentity();
    return super.startTLS();
  }

  override tlsFirst(place: Place): Promise<TLSSocket> {
    this.stage = 'securing';
    this.#checkIdentity();
    return super.tlsFirst(place);
  }

  /** The client tells Node.js no host on an upgrade, which then takes an address for `localhost`. */
  #checkIdentity(): void {
    const name = this.#place.tlsName === '' ? this.#place.hostname : this.#place.tlsName;
    const check = (_host: string, certificate: PeerCertificate): Error | undefined =>
      checkServerIdentity(name, certificate);
    const tls = { ...this.options.tls, checkServerIdentity: check };
    this.options = { ...this.options, tls };
  }

  async #readInfo(): Promise<ServerInfo> {
    try {
      const info = (await super.peekInfo()) as Partial<ServerInfo>;
      // The client takes these on trust.
      if (/^\d+\.\d+\.\d+/.test(String(info.version))) return info as ServerInfo;
    } catch (error) {
      if (error === undefined) throw closedBeforeGreeting(this.#label);
      if (error instanceof Error && 'code' in error) throw error;
    }
    throw notNats(this.#label);
  }

  /** The port of a cluster's routes names the ports for clients, and the client would quietly go there. */
  #mustBeForClients(info: ServerInfo): void {
    const port = foreignPort({ ...info });
    if (port !== undefined) throw notForClients(this.#label, port);
  }

  get #label(): string {
    const { hostname, port, tlsName } = this.#place;
    return labelOf({ hostname: tlsName === '' ? hostname : tlsName, port });
  }
}

/** What a server greets with on its other ports, and never on the one for clients. */
function foreignPort(info: Readonly<Record<string, unknown>>): string | undefined {
  if (info['gateway'] !== undefined) return 'a gateway port';
  if (info['lnoc'] !== undefined) return 'a route port';
  if (info['leafnode_urls'] !== undefined) return 'a leaf node port';
  return undefined;
}
