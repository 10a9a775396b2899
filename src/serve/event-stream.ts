import type { ServerResponse } from 'node:http';

import { securityHeaders } from './answer.js';

/** A browser tries again after this long. */
const RETRY_MS = 2_000;

/**
 * The viewers of a page, each with an open response to which events are written. One that does not read gets the
 * latest event when it reads again; nothing is queued for it.
 */
export class EventStream {
  readonly #viewers = new Map<ServerResponse, { isBehind: boolean }>();
  readonly #latest: () => string | undefined;

  /** @param latest the event that a new viewer gets first */
  constructor(latest: () => string | undefined) {
    this.#latest = latest;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** @param stallMs when a viewer that takes nothing is cut */
  add(response: ServerResponse, stallMs: number): void {
    response.writeHead(200, {
      ...securityHeaders(),
      'content-type': 'text/event-stream; charset=utf-8',
      // So that the connection ends with the response.
      connection: 'close',
      // A proxy must not collect events.
      'x-accel-buffering': 'no',
    });
    const state = { isBehind: false };
    this.#viewers.set(response, state);
    response.socket?.setTimeout(stallMs);
    response.once('close', () => void this.#viewers.delete(response));
    response.on('drain', () => {
      if (state.isBehind) this.#write(response, this.#latest());
    });
    response.write(`retry: ${String(RETRY_MS)}\n\n`);
    this.#write(response, this.#latest());
  }

  /** Sends the latest event to all viewers. */
  update(): void {
    if (this.#viewers.size === 0) return;
    const event = this.#latest();
    for (const response of this.#viewers.keys()) this.#write(response, event);
  }

  /** Shows the viewers, and whatever is between, that the connection is alive. */
  beat(): void {
    for (const response of this.#viewers.keys()) {
      if (!response.writableNeedDrain) response.write(': \n\n');
    }
  }

  /** Ends all responses, with a last event. */
  end(): void {
    for (const response of this.#viewers.keys()) response.end('event: end\ndata: \n\n');
  }

  #write(response: ServerResponse, event: string | undefined): void {
    const state = this.#viewers.get(response);
    if (state === undefined || event === undefined) return;
    state.isBehind = response.writableNeedDrain;
    if (!state.isBehind) response.write(`event: update\ndata: ${event}\n\n`);
  }
}
