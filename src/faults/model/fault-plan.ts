/** A fault that comes and goes. */
export interface TimedFault {
  readonly kind: 'cut' | 'blackhole';
  readonly durationMs: number;
  /** Undefined: once, at a moment that the seed picks. */
  readonly everyMs: number | undefined;
}

/** A fault that lasts as long as the run. */
export type StandingFault =
  | { readonly kind: 'delay'; readonly delayMs: number; readonly jitterMs: number }
  | { readonly kind: 'rate'; readonly bytesPerS: number }
  | { readonly kind: 'reset'; readonly afterBytes: number }
  | { readonly kind: 'slow-reader' };

export type InjectedFault = TimedFault | StandingFault;

/** A program that the operator wants to be run during the load. */
export interface FaultCommand {
  /** A command line for the system's shell. */
  readonly line: string;
  readonly everyMs: number;
}

/** Everything that is injected into a run; plain data, so that it can be sent to another thread or machine. */
export interface FaultPlan {
  /** As it was typed; empty if there is only a command. */
  readonly spec: string;
  readonly seed: number;
  /** In the order of the text. */
  readonly faults: readonly InjectedFault[];
  readonly command: FaultCommand | undefined;
}

/** What a slow reader takes, for each connection. */
export const SLOW_BYTES_PER_S = 256 * 1024;

/** Bytes per second that a line carries at most; Infinity if it is not limited. */
export function lineBytesPerS({ faults }: Pick<FaultPlan, 'faults'>): number {
  const rates = faults.map((fault) => (fault.kind === 'rate' ? fault.bytesPerS : Infinity));
  return Math.min(...rates, Infinity);
}

/** Bytes per second that a client reads at most; Infinity if it is not limited. */
export function readBytesPerS(plan: Pick<FaultPlan, 'faults'>): number {
  const isSlow = plan.faults.some(({ kind }) => kind === 'slow-reader');
  return Math.min(lineBytesPerS(plan), isSlow ? SLOW_BYTES_PER_S : Infinity);
}

export function isTimed(fault: InjectedFault): fault is TimedFault {
  return fault.kind === 'cut' || fault.kind === 'blackhole';
}

/** The longest time without a connection, or without a byte on it, in milliseconds. */
export function longestOutageMs({ faults }: Pick<FaultPlan, 'faults'>): number {
  return Math.max(0, ...faults.map((fault) => (isTimed(fault) ? fault.durationMs : 0)));
}
