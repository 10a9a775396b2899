import { checkServerIdentity, type PeerCertificate, type TLSSocket } from 'node:tls';

import type { ConnectionOptions, NatsConnection, ServerInfo } from '@nats-io/transport-node';
import {
  NatsConnectionImpl,
  setTransportFactory,
} from '@nats-io/transport-node/lib/nats-base-client.js';
import { NodeTransport, nodeResolveHost } from '@nats-io/transport-node/lib/node_transport.js';

import { CLIENT_PORT_HINT } from '../domain/connection/connection-hints.js';
import { NatsxError } from '../domain/errors.js';

const PORT_HINT =
  'is it a NATS client port? 4222 is the usual one; a server with handshake_first needs --tls-first';

/**
 * The client's own `connect`, on a transport that upgrades exactly where TLS was asked for or is required, and checks
 * the certificate against what was dialled.
 */
export function connectByTransport(options: ConnectionOptions): Promise<NatsConnection> {
  setTransportFactory({
    factory: () => new ClientTransport(),
    dnsResolveFn: nodeResolveHost,
  });
  return NatsConnectionImpl.connect(options);
}

interface Place {
  readonly hostname: string;
  readonly port: number;
  /** The name that the certificate must carry; empty for a server that is named by its address. */
  readonly tlsName: string;
}

class ClientTransport extends NodeTransport {
  #place: Place = { hostname: '', port: 0, tlsName: '' };

  override connect(place: Place, options: ConnectionOptions): Promise<void> {
    this.#place = place;
    return super.connect(place, options);
  }

  /** @throws {NatsxError} connection — no NATS server, or no TLS there; auth — it demands a client certificate */
  override async peekInfo(): Promise<ServerInfo> {
    const info = await this.#readInfo();
    this.#mustBeForClients(info);
    const { tls } = this.options;
    if (tls && info.tls_required !== true && info.tls_available !== true) {
      throw new NatsxError('connection', `the server ${this.#label} offers no TLS`, {
        hint: 'leave out the TLS flags and tls:// only if the network can be trusted',
      });
    }
    // With TLS 1.3 it would say so only after the handshake, and the client would wait in vain.
    if (info.tls_verify === true && tls?.cert === undefined) {
      throw new NatsxError('auth', `the server ${this.#label} demands a client certificate`, {
        hint: 'give one with --tls-cert and --tls-key, signed by an authority that the server trusts',
      });
    }
    return info;
  }

  /** Options without TLS come here only when the server requires it; the client cannot do without them then. */
  override startTLS(): Promise<TLSSocket> {
    this.#checkIdentity();
    return super.startTLS();
  }

  override tlsFirst(place: Place): Promise<TLSSocket> {
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
      if (error === undefined) {
        throw new NatsxError(
          'connection',
          `the server ${this.#label} closed the connection without a NATS greeting`,
          { hint: PORT_HINT },
        );
      }
      if (error instanceof Error && 'code' in error) throw error;
    }
    throw new NatsxError('connection', `${this.#label} does not speak the NATS protocol`, {
      hint: PORT_HINT,
    });
  }

  /** The port of a cluster's routes names the ports for clients, and the client would quietly go there. */
  #mustBeForClients(info: ServerInfo): void {
    const port = foreignPort({ ...info });
    if (port === undefined) return;
    throw new NatsxError('connection', `this port is not for clients (${this.#label}: ${port})`, {
      hint: CLIENT_PORT_HINT,
    });
  }

  get #label(): string {
    const { hostname, port, tlsName } = this.#place;
    const host = tlsName === '' ? hostname : tlsName;
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  }
}

/** What a server greets with on its other ports, and never on the one for clients. */
function foreignPort(info: Readonly<Record<string, unknown>>): string | undefined {
  if (info['gateway'] !== undefined) return 'a gateway port';
  if (info['lnoc'] !== undefined) return 'a route port';
  if (info['leafnode_urls'] !== undefined) return 'a leaf node port';
  return undefined;
}
