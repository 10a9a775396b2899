import { lookup } from 'node:dns/promises';

import {
  type ConnectionOptions,
  errors,
  type NatsConnection,
  NatsConnectionImpl,
  ProtocolHandler,
  setTransportFactory,
} from '@nats-io/transport-node';

import type { NatsxError } from '../core/errors.js';
import { ClientTransport, hostLabel } from './client-transport.js';
import type { DialOptions } from './model/dial.js';
import { noServerError } from './model/greeting-error.js';
import { reasonInPlainText } from './plain-refusal.js';
import type { ServerLogins } from './server-logins.js';
import { translateConnectError } from './translate-error.js';

/**
 * Connects the client as its own `connect` does, on natsx's transport.
 *
 * @throws {NatsxError} connection, auth — in the words that both engines use
 */
export async function connectByTransport(
  options: ConnectionOptions,
  logins: ServerLogins,
  dial: Pick<DialOptions, 'detours'> = {},
): Promise<NatsConnection> {
  setTransportFactory({
    factory: () => new ClientTransport(dial),
    dnsResolveFn: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  });
  // The client creates its protocol itself, and offers no way to replace it.
  const client = Reflect.construct(NatsConnectionImpl, [options]) as NatsConnectionImpl;
  const protocol = new ClientProtocol(client.options, client, logins);
  client.protocol = protocol;
  await protocol.open();
  return client as NatsConnection;
}

type Publisher = ConstructorParameters<typeof ProtocolHandler>[1];
type PooledServer = Parameters<ProtocolHandler['_doDial']>[0];

/**
 * The client's protocol. The client treats whatever a server says or does before it accepts the connection as a
 * time-out: it waits for the whole time, and has forgotten the reason by then.
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
    const label = hostLabel(server);
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
        stage === 'securing' || stage === 'authenticating'
          ? await reasonInPlainText(failed, { host, port }, label)
          : failed;
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
