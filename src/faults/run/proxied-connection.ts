import { connect, type Socket } from 'node:net';

import { BytePipe } from './byte-pipe.js';
import type { Direction, LinkState, LineShape } from './link-state.js';

/** How much may wait in a socket before its writer pauses. */
export const HIGH_WATER_BYTES = 1024 * 1024;

export interface ProxiedConnectionOptions {
  readonly client: Socket;
  /** The server. */
  readonly host: string;
  readonly port: number;
  readonly link: LinkState;
  /** From 0, among the connections of the proxy. */
  readonly number: number;
  /** It was reset because its bytes were used up. */
  readonly onReset: () => void;
  /** Both sockets are closed. */
  readonly onClosed: () => void;
}

/** A client's connection, and the one to the server that belongs to it. */
export class ProxiedConnection {
  readonly #options: ProxiedConnectionOptions;
  readonly #client: Socket;
  readonly #shapes: Partial<Record<Direction, LineShape | undefined>> = {};
  readonly #pipes: BytePipe[] = [];
  #server: Socket | undefined;
  #open = 1;
  #passedBytes = 0;
  #isReset = false;
  /** What happened while nothing could pass, and what the other side has yet to notice. */
  #unnoticed: (() => void)[] = [];

  constructor(options: ProxiedConnectionOptions) {
    this.#options = options;
    this.#client = options.client;
    this.#client.setNoDelay(true);
    this.#client.on('error', ignore);
    this.#client.once('close', (failed) => this.#closed(() => this.#server, failed));
    this.#whenPassable(() => this.#connect());
  }

  /** Continues after a time in which nothing could pass. */
  released(): void {
    for (const act of this.#unnoticed.splice(0)) act();
    for (const pipe of this.#pipes) pipe.pump();
  }

  /** Ends both connections at once, without what waits. */
  destroy(how: 'close' | 'reset' = 'close'): void {
    for (const pipe of this.#pipes) pipe.stop();
    this.#unnoticed = [];
    for (const socket of [this.#client, this.#server]) {
      if (how === 'close') socket?.destroy();
      else socket?.resetAndDestroy();
    }
  }

  #connect(): void {
    if (this.#client.destroyed) return;
    const { host, port } = this.#options;
    const options = {
      host,
      port,
      noDelay: true,
      allowHalfOpen: true,
      writableHighWaterMark: HIGH_WATER_BYTES,
    };
    const server = connect(options);
    this.#server = server;
    this.#open += 1;
    server.on('error', ignore);
    server.once('close', (failed) => this.#closed(() => this.#client, failed));
    server.once('connect', () => {
      this.#pipes.push(this.#pipe('up', this.#client, server));
      this.#pipes.push(this.#pipe('down', server, this.#client));
    });
  }

  #pipe(direction: Direction, source: Socket, target: Socket): BytePipe {
    const { link } = this.#options;
    return new BytePipe({
      source,
      target,
      shape: () => (link.active ? this.#shapeOf(direction) : undefined),
      isHeld: () => link.active && link.isHeld,
      allowed: (bytes) => this.#allowed(bytes),
      exhausted: () => this.#reset(),
    });
  }

  #shapeOf(direction: Direction): LineShape | undefined {
    if (!(direction in this.#shapes)) {
      const { link, number } = this.#options;
      this.#shapes[direction] = link.shapeOf(number, direction);
    }
    return this.#shapes[direction];
  }

  /** Counts bytes in both directions together; what is not allowed is never sent. */
  #allowed(bytes: number): number {
    const { link } = this.#options;
    if (!link.active || link.resetAfterBytes === Infinity) return bytes;
    const allowed = Math.max(0, Math.min(bytes, link.resetAfterBytes - this.#passedBytes));
    this.#passedBytes += allowed;
    return allowed;
  }

  #reset(): void {
    if (this.#isReset || this.#client.destroyed) return;
    this.#isReset = true;
    this.#options.onReset();
    this.destroy('reset');
  }

  /** One side is closed: the other one follows as soon as it could know. */
  #closed(otherSide: () => Socket | undefined, failed: boolean): void {
    this.#open -= 1;
    this.#whenPassable(() => {
      const other = otherSide();
      if (failed) other?.resetAndDestroy();
      // What was read before the end may still be written.
      else if (other !== undefined && !other.destroyed) other.destroySoon();
    });
    if (this.#open > 0) return;
    for (const pipe of this.#pipes) pipe.stop();
    this.#unnoticed = [];
    this.#options.onClosed();
  }

  #whenPassable(act: () => void): void {
    const { link } = this.#options;
    if (link.active && link.isHeld) this.#unnoticed.push(act);
    else act();
  }
}

function ignore(): void {
  // The end of the socket is handled when it is closed.
}
