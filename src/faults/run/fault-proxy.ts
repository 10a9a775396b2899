import { createServer, type AddressInfo, type Server } from 'node:net';

import { HIGH_WATER_BYTES, ProxiedConnection } from './proxied-connection.js';
import type { LinkState } from './link-state.js';

const LOOPBACK = '127.0.0.1';

/** A server, as it is dialled. */
export interface ProxiedServer {
  readonly host: string;
  readonly port: number;
}

/** Listens on a loopback port that the system picks, and passes connections on to one server. */
export class FaultProxy {
  readonly #server: Server;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #link: LinkState;
  #number = 0;

  private constructor(server: ProxiedServer, link: LinkState, onReset: () => void) {
    this.#link = link;
    const options = { allowHalfOpen: true, highWaterMark: HIGH_WATER_BYTES };
    this.#server = createServer(options, (client) => {
      if (link.active && link.isCut) {
        client.on('error', () => undefined);
        client.resetAndDestroy();
        return;
      }
      const connection: ProxiedConnection = new ProxiedConnection({
        ...server,
        client,
        link,
        number: this.#number++,
        onReset,
        onClosed: () => this.#connections.delete(connection),
      });
      this.#connections.add(connection);
    });
  }

  /** @param onReset called when a connection was reset because its bytes were used up */
  static async open(
    server: ProxiedServer,
    link: LinkState,
    onReset: () => void,
  ): Promise<FaultProxy> {
    const proxy = new FaultProxy(server, link, onReset);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen({ port: 0, host: LOOPBACK, backlog: 1024 }, resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Open connections. */
  get connections(): number {
    return this.#connections.size;
  }

  /** The link has changed: a cut ends connections, and the end of a black hole lets them continue. */
  update(): void {
    const { isCut, isHeld } = this.#link;
    for (const connection of this.#connections) {
      if (isCut) connection.destroy();
      else if (!isHeld) connection.released();
    }
  }

  /** Ends all connections and stops listening. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }
}
