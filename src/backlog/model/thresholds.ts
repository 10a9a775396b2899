/** The limits of the rules. Data, so that a test can provoke in a second what takes a week in practice. */
export interface Thresholds {
  /** A backlog that is worked off within this time is normal. */
  readonly keepsUpWithinS: number;
  /** Without a delivery for this long, a pull consumer without pull requests has no client. */
  readonly noClientAfterMs: number;
  readonly serverStuckAfterMs: number;
  /** Share of deliveries that are redeliveries: early sign, and loop. */
  readonly redeliveryShare: number;
  readonly redeliveryLoopShare: number;
  readonly nakShare: number;
  /** Share of the acknowledgement wait that the work takes before it is too short. */
  readonly ackWaitShare: number;
  /** The message at the floor counts as poison after this many times the acknowledgement wait. */
  readonly poisonAckWaits: number;
  readonly smallBatch: number;
  readonly rateLimitShare: number;
  /** Burst: last minute against last hour; needs this much history. */
  readonly burstFactor: number;
  readonly steadyShare: number;
  readonly historyMs: number;
  readonly lossSoonMs: number;
  readonly bytesFullShare: number;
  readonly storeFullShare: number;
  readonly storeFullWithinMs: number;
  readonly retentionPinnedAfterMs: number;
  readonly orphanedAfterMs: number;
  readonly leftoverCount: number;
  readonly leftoverInactiveMs: number;
  readonly churnPerS: number;
  readonly upstreamSilentMs: number;
  readonly hotSubjectShare: number;
  readonly slowPendingBytes: number;
  readonly slowPendingWarnBytes: number;
  readonly closedRecentlyMs: number;
  readonly flappingCloses: number;
  readonly flappingWithinMs: number;
  readonly slowLinkFactor: number;
  readonly slowLinkMinMs: number;
  readonly restartedWithinMs: number;
  readonly apiSlowMs: number;
  /** A queue of this many requests in every sample is long; natsx's own are fewer. */
  readonly apiQueue: number;
  readonly peerSilentMs: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MIB = 1024 * 1024;

export const DEFAULT_THRESHOLDS: Thresholds = {
  keepsUpWithinS: 5,
  noClientAfterMs: MINUTE,
  serverStuckAfterMs: 10_000,
  redeliveryShare: 0.05,
  redeliveryLoopShare: 0.5,
  nakShare: 0.2,
  ackWaitShare: 0.8,
  poisonAckWaits: 3,
  smallBatch: 10,
  rateLimitShare: 0.8,
  burstFactor: 3,
  steadyShare: 0.3,
  historyMs: 10 * MINUTE,
  lossSoonMs: HOUR,
  bytesFullShare: 0.98,
  storeFullShare: 0.9,
  storeFullWithinMs: 4 * HOUR,
  retentionPinnedAfterMs: HOUR,
  orphanedAfterMs: 7 * DAY,
  leftoverCount: 50,
  leftoverInactiveMs: HOUR,
  churnPerS: 1,
  upstreamSilentMs: 10_000,
  hotSubjectShare: 0.5,
  // Three quarters of the server's default max_pending: from here on it stalls producers.
  slowPendingBytes: 48 * MIB,
  slowPendingWarnBytes: 8 * MIB,
  closedRecentlyMs: HOUR,
  flappingCloses: 3,
  flappingWithinMs: 10 * MINUTE,
  slowLinkFactor: 5,
  slowLinkMinMs: 20,
  restartedWithinMs: MINUTE,
  apiSlowMs: 1000,
  apiQueue: 64,
  peerSilentMs: 10_000,
};
