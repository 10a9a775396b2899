/** One question for the time of another clock. */
export interface ClockProbe {
  /** When the question was sent and the answer arrived, on the own clock in nanoseconds. */
  readonly sentNs: number;
  readonly receivedNs: number;
  /** What the other clock showed in between. */
  readonly otherNs: number;
}

/** How far another clock is ahead, and how far that may be wrong. */
export interface Offset {
  readonly offsetNs: number;
  readonly boundNs: number;
}

/**
 * The offset of another clock. An answer was given between its question and its arrival, however unequal the two ways
 * are, so each probe limits the offset to an interval, and the truth is in all of them.
 */
export function clockOffsetOf(probes: readonly ClockProbe[]): Offset {
  const lowest = Math.max(...probes.map(({ otherNs, receivedNs }) => otherNs - receivedNs));
  const highest = Math.min(...probes.map(({ otherNs, sentNs }) => otherNs - sentNs));
  if (lowest <= highest) return middleOf(lowest, highest);
  // A clock was set in between: the shortest round trip is the best that is known.
  const [best] = probes.toSorted((a, b) => roundTripNs(a) - roundTripNs(b));
  if (best === undefined) return { offsetNs: 0, boundNs: Infinity };
  return middleOf(best.otherNs - best.receivedNs, best.otherNs - best.sentNs);
}

function middleOf(lowest: number, highest: number): Offset {
  return {
    offsetNs: Math.round((lowest + highest) / 2),
    boundNs: Math.ceil((highest - lowest) / 2),
  };
}

export function roundTripNs({ sentNs, receivedNs }: ClockProbe): number {
  return receivedNs - sentNs;
}

/**
 * How far an offset may have been wrong during a pass.
 * @param used the offset that was compensated
 * @param after measured at the end of the pass
 */
export function boundDuring(used: Offset, after: Offset): number {
  return Math.max(used.boundNs, Math.abs(after.offsetNs - used.offsetNs) + after.boundNs);
}

/** A client's machine, and whether the client sends or receives messages with a send time. */
export interface ClockedAgent {
  readonly boundNs: number;
  readonly sends: boolean;
  readonly receives: boolean;
}

/** How far a one-way latency between agents may be wrong: 0 if the only sender is the only receiver. */
export function oneWayBoundNs(agents: readonly ClockedAgent[]): number {
  let bound = 0;
  agents.forEach((from, at) => {
    if (!from.sends) return;
    agents.forEach((to, other) => {
      if (to.receives && other !== at) bound = Math.max(bound, from.boundNs + to.boundNs);
    });
  });
  return bound;
}
