import type { NatsConnection } from '@nats-io/transport-node';

import type { ScanWindow } from '../model/series.js';
import type { BacklogRequest } from '../model/request.js';
import type { Listener } from './reader/listener.js';
import { openBacklogRequests } from '../../streams/run/api/requests.js';
import { startListening } from './listening.js';
import {
  LEAST_SAMPLES,
  pauseUnlessAborted,
  WindowReader,
  type BacklogPort,
  type ReadingEvents,
} from './reader/window-reader.js';

const CLUSTER_REQUESTS_PER_S = 200;

/**
 * Reads everything that a diagnosis needs: several sweeps spread over the window, connections at both ends, and
 * the messages that show ages. Changes nothing and creates no consumer. An abort ends the window early; the result is
 * what was read by then.
 *
 * @throws {NatsxError} connection — lost for good
 */
export async function readWindow(
  port: BacklogPort,
  request: BacklogRequest,
  signal: AbortSignal,
  events: ReadingEvents = {},
): Promise<ScanWindow> {
  const clustered = port.info?.cluster !== undefined;
  const usual = clustered ? CLUSTER_REQUESTS_PER_S : undefined;
  const requests = openBacklogRequests(port, request.scope, request.maxPerSecond ?? usual);
  const run = new WindowReader(port, { request, servers: events.servers }, requests);
  const listener = startListening(port, request);
  try {
    await port.flush();
    await run.sweepRepeatedly(signal, events);
    events.onProgress?.('reading ages');
    return await run.finish(listener);
  } finally {
    listener?.stop();
  }
}

/**
 * The same continuously: one sample per step, and after each a window of the last few samples. The first two windows
 * have less history, and say so.
 *
 * @throws {NatsxError} connection — lost for good
 */
export async function* readContinuously(
  port: BacklogPort,
  request: BacklogRequest,
  signal: AbortSignal,
  { servers }: Pick<ReadingEvents, 'servers'> = {},
): AsyncGenerator<ScanWindow> {
  const link = followLink(port);
  const begin = () => {
    const requests = openBacklogRequests(port, request.scope, request.maxPerSecond);
    return new WindowReader(port, { request, servers }, requests);
  };
  let run = begin();
  // One per sample of the window, so that both cover the same time.
  const listeners: (Listener | undefined)[] = [];
  try {
    while (!signal.aborted) {
      const startMs = performance.now();
      if (listeners.push(startListening(port, request)) > LEAST_SAMPLES) listeners.shift()?.stop();
      const { losses } = link;
      const window = link.isUp ? await run.readAgain(listeners[0]) : undefined;
      // Requests that failed because the connection was lost say nothing about the streams.
      if (link.losses !== losses) run = begin();
      else if (window !== undefined) yield window;
      await pauseUnlessAborted(
        request.windowMs / (LEAST_SAMPLES - 1) - (performance.now() - startMs),
        signal,
      );
    }
  } finally {
    for (const listener of listeners) listener?.stop();
  }
}

interface LinkState {
  readonly isUp: boolean;
  /** How often the connection was lost. */
  readonly losses: number;
}

/**
 * Whether the connection is up. One that is closed for good counts as up: requests through it then fail.
 *
 * @param onLost called each time when it is lost
 */
export function followLink(
  port: Pick<NatsConnection, 'status'>,
  onLost: () => void = () => undefined,
): LinkState {
  const link = { isUp: true, losses: 0 };
  const heard = (type: string): void => {
    if (type === 'disconnect') link.losses += 1;
    if (type === 'disconnect' || type === 'reconnect') link.isUp = type === 'reconnect';
    if (type === 'disconnect') onLost();
  };
  const follow = async (): Promise<void> => {
    for await (const { type } of port.status()) heard(type);
    link.isUp = true;
  };
  void follow();
  return link;
}
