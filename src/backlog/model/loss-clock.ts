import type { StreamSample } from '../../streams/model/snapshot.js';

/** When the stream's own limits reach the oldest message that a consumer has not settled. */
export interface LossClock {
  readonly inMs: number;
  readonly limit: 'max_age' | 'max_msgs' | 'max_bytes' | 'Nats-TTL';
}

export interface LossFacts {
  readonly stream: StreamSample;
  /** Messages a second that the whole stream takes in; absent with one sample. */
  readonly ingestPerS: number | undefined;
  /** First sequence that the consumer has not settled. */
  readonly startSeq: number;
  /** Age of the oldest unsettled message. */
  readonly oldestAgeMs: number | undefined;
  /** When the first of the next messages expires by its own TTL; absent if none does, or if it was not checked. */
  readonly expiresMs?: number | undefined;
  /** How many stream sequences a second the consumer's floor advances. */
  readonly floorPerS: number;
  /** How many seconds of publish time the oldest message advances in a second; absent when unknown. */
  readonly catchUpFactor: number | undefined;
}

/**
 * The earliest of the limits. Both ends move: the limit removes the oldest messages while the consumer works towards
 * the newest, so a consumer that is at least as fast as the limit loses nothing.
 */
export function lossClock(facts: LossFacts): LossClock | undefined {
  const clocks = [ttlClock(facts), ageClock(facts), countClock(facts), byteClock(facts)];
  return clocks
    .filter((clock) => clock !== undefined)
    .reduce<LossClock | undefined>(
      (best, clock) => (best === undefined || clock.inMs < best.inMs ? clock : best),
      undefined,
    );
}

function ageClock(facts: LossFacts): LossClock | undefined {
  const { maxAgeMs } = facts.stream.config;
  if (maxAgeMs === undefined || facts.oldestAgeMs === undefined) return undefined;
  const left = Math.max(0, maxAgeMs - facts.oldestAgeMs);
  const factor = Math.max(0, catchUp(facts));
  if (factor >= 1) return undefined;
  return { inMs: left / (1 - factor), limit: 'max_age' };
}

/** Messages expire one by one, so that a consumer which advances at the pace of publishing meets them all in time. */
function ttlClock(facts: LossFacts): LossClock | undefined {
  if (facts.expiresMs === undefined) return undefined;
  const left = Math.max(0, facts.expiresMs - facts.stream.atMs);
  const factor = Math.max(0, catchUp(facts));
  return factor >= 1 ? undefined : { inMs: left / (1 - factor), limit: 'Nats-TTL' };
}

/** Without timestamps, the ratio of the floor's pace to the stream's is used. */
function catchUp(facts: LossFacts): number {
  if (facts.catchUpFactor !== undefined) return facts.catchUpFactor;
  if (facts.ingestPerS === undefined || facts.ingestPerS === 0) return 0;
  return facts.floorPerS / facts.ingestPerS;
}

function countClock(facts: LossFacts): LossClock | undefined {
  const { config, messages, firstSeq } = facts.stream;
  if (config.discard !== 'old' || config.maxMessages === undefined) return undefined;
  const distance = config.maxMessages - messages + Math.max(0, facts.startSeq - firstSeq);
  const inMs = reach(distance, facts.ingestPerS, facts.floorPerS);
  return inMs === undefined ? undefined : { inMs, limit: 'max_msgs' };
}

function byteClock(facts: LossFacts): LossClock | undefined {
  const { config, messages, bytes, firstSeq } = facts.stream;
  if (config.discard !== 'old' || config.maxBytes === undefined || messages === 0) return undefined;
  const average = bytes / messages;
  const room = (config.maxBytes - bytes) / average;
  const distance = room + Math.max(0, facts.startSeq - firstSeq);
  const inMs = reach(distance, facts.ingestPerS, facts.floorPerS);
  return inMs === undefined ? undefined : { inMs, limit: 'max_bytes' };
}

function reach(
  distance: number,
  ingestPerS: number | undefined,
  floorPerS: number,
): number | undefined {
  const closing = (ingestPerS ?? 0) - floorPerS;
  if (closing <= 0) return undefined;
  return (1000 * Math.max(0, distance)) / closing;
}
