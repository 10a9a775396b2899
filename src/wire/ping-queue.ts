import { formatDurationMs } from '../core/values/duration.js';
import { NatsxError } from '../core/errors.js';

interface Ping {
  readonly sentAtMs: number;
  resolve(rttNs: number): void;
  reject(error: NatsxError): void;
}

/** PINGs that wait for their PONG. The server answers in order, so that several may be outstanding. */
export class PingQueue {
  readonly #waiting: Ping[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Notes a PING that is about to be sent. Resolves with the round trip in nanoseconds.
   * @throws {NatsxError} timeout, or the error that the connection ended with.
   */
  add(timeoutMs: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(timedOut(timeoutMs)), timeoutMs);
      // A PING that timed out keeps its place: its PONG may still arrive and must not be taken for another.
      this.#waiting.push({
        sentAtMs: performance.now(),
        resolve: (rttNs) => {
          clearTimeout(timer);
          resolve(rttNs);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }

  pong(): void {
    const ping = this.#waiting.shift();
    ping?.resolve(Math.round((performance.now() - ping.sentAtMs) * 1e6));
  }

  /** The connection has ended: there will be no answers. */
  fail(error: NatsxError): void {
    for (const ping of this.#waiting.splice(0)) ping.reject(error);
  }
}

function timedOut(timeoutMs: number): NatsxError {
  return new NatsxError(
    'timeout',
    `the server did not answer a PING within ${formatDurationMs(timeoutMs)}`,
    {
      hint: 'the server or the network is too slow; raise --timeout',
    },
  );
}
