import { formatDurationMs } from '../core/values/duration.js';
import { setTimeout as wait } from 'node:timers/promises';
import type { DialOptions } from '../connection/model/dial.js';
import { NatsxError } from '../core/errors.js';
import type { Lane, LaneOptions } from './lane.js';
import { openLaneTo } from './open-lane.js';
import type { ServerPool } from './server-pool.js';

/** A credential that is refused twice in a row is not likely to be accepted later. */
const REFUSALS = 2;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;

export interface Reconnection {
  readonly pool: ServerPool;
  readonly dial: DialOptions;
  readonly laneOptions: LaneOptions;
  /** Since when there is no connection, on the clock of `performance.now()`. */
  readonly lostAtMs: number;
  readonly giveUpAfterMs: number | undefined;
  readonly signal: AbortSignal;
  readonly attempting: (attempt: number, delayMs: number) => void;
}

/**
 * Tries until a server accepts us. Resolves with undefined when `signal` is aborted.
 * @throws {NatsxError} auth: refused twice in a row; connection: not back within `giveUpAfterMs`.
 */
export async function reconnect(request: Reconnection): Promise<Lane | undefined> {
  let refusals = 0;
  let last: NatsxError | undefined;
  for (let attempt = 1; !request.signal.aborted; attempt++) {
    const remainingMs = remaining(request);
    if (remainingMs <= 0) throw givenUp(request, last);
    const { longestPauseMs } = request.dial;
    const delayMs = Math.min(remainingMs, reconnectDelayMs(attempt, Math.random(), longestPauseMs));
    request.attempting(attempt, delayMs);
    if (!(await waited(delayMs, request.signal))) return undefined;
    try {
      return await attemptWithin(request);
    } catch (error) {
      if (!(error instanceof NatsxError)) throw error;
      last = error;
    }
    refusals = last.kind === 'auth' ? refusals + 1 : 0;
    if (refusals >= REFUSALS) throw last;
  }
  return undefined;
}

/** False if the signal aborted first. */
async function waited(delayMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await wait(delayMs, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

async function attemptWithin(request: Reconnection): Promise<Lane> {
  const { pool, dial, laneOptions } = request;
  const timeoutMs = Math.max(1, Math.min(dial.timeoutMs, remaining(request)));
  return openLaneTo(pool.addresses, { ...dial, timeoutMs }, laneOptions);
}

function remaining({ giveUpAfterMs, lostAtMs }: Reconnection): number {
  return giveUpAfterMs === undefined ? Infinity : lostAtMs + giveUpAfterMs - performance.now();
}

function givenUp({ giveUpAfterMs = 0 }: Reconnection, cause: NatsxError | undefined): NatsxError {
  return new NatsxError(
    'connection',
    `no server could be reached for ${formatDurationMs(giveUpAfterMs)}`,
    {
      hint: cause?.hint ?? 'check that a nats-server is running',
      cause,
    },
  );
}

/**
 * How long to wait before reconnection attempt `attempt` (from 1), in milliseconds: doubling, bounded, and spread by
 * `random` (0 to 1), so that the clients of a restarted server do not reconnect all at once.
 */
export function reconnectDelayMs(
  attempt: number,
  random: number,
  longestMs = LONGEST_DELAY_MS,
): number {
  if (attempt <= 1) return random * Math.min(longestMs, FIRST_DELAY_MS);
  const bound = Math.min(longestMs, FIRST_DELAY_MS * 2 ** (attempt - 1));
  return bound * (0.5 + random / 2);
}
