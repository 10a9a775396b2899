import { seededRandom } from '../../core/statistics/random.js';

export type ScheduleKind = 'constant' | 'poisson';

/** A target rate, over all clients together. */
export interface TargetRate {
  readonly ratePerS: number;
  readonly kind: ScheduleKind;
}

/** Gives intended send times, in integer nanoseconds since the start, never falling. */
export type SendTimes = () => number;

export interface SendTimesRequest {
  readonly pace: TargetRate;
  /** This client's number, from 0. */
  readonly client: number;
  readonly clients: number;
  readonly seed: number;
}

const NS_PER_S = 1e9;

/**
 * The intended send times of one client. The rate is shared evenly; constant schedules are
 * shifted against each other, so that together they are one even stream.
 */
export function makeSendTimes(request: SendTimesRequest): SendTimes {
  const gapNs = (NS_PER_S * request.clients) / request.pace.ratePerS;
  return request.pace.kind === 'constant'
    ? constantSchedule(gapNs, request.client / request.clients)
    : poissonSchedule(gapNs, seededRandom(request.seed, request.client));
}

/** Multiplied, never summed: no drift over long runs. */
function constantSchedule(gapNs: number, phase: number): SendTimes {
  let index = 0;
  return () => Math.round((index++ + phase) * gapNs);
}

function poissonSchedule(gapNs: number, random: () => number): SendTimes {
  let atNs = 0;
  return () => {
    atNs += -Math.log(1 - random()) * gapNs;
    return Math.round(atNs);
  };
}
