import { seededRandom } from '../../core/statistics/random.js';
import type { Random } from '../../core/statistics/random.js';
import { SLOW_BYTES_PER_S } from '../model/fault-plan.js';
import type { FaultPlan, InjectedFault } from '../model/fault-plan.js';

/** The delays of a run differ from the moments that the seed picks for its faults. */
const DELAY_STREAM = 1_000_000;

/** Hands out the capacity of a line to whoever asks first. Times are on the clock of `performance.now()`. */
export class Capacity {
  readonly #bytesPerMs: number;
  #freeAtMs = 0;

  constructor(bytesPerS: number) {
    this.#bytesPerMs = bytesPerS / 1000;
  }

  /** How many bytes to ask for at a time, so that others get their turn. */
  get sliceBytes(): number {
    return Math.max(512, Math.min(64 * 1024, Math.round(this.#bytesPerMs * 20)));
  }

  /** @returns when these bytes have passed */
  take(bytes: number, nowMs: number): number {
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + bytes / this.#bytesPerMs;
    return this.#freeAtMs;
  }
}

/** The condition of the line between natsx and one server, which all connections to it share. */
export class LinkState {
  /** Whether faults are injected: not while a run prepares. */
  active = false;
  /** Whether clients read as fast as they can again. */
  isAwake = false;
  readonly #plan: Pick<FaultPlan, 'faults' | 'seed'>;
  readonly #capacities: Readonly<Record<Direction, Capacity | undefined>>;
  #cuts = 0;
  #holes = 0;

  constructor(plan: Pick<FaultPlan, 'faults' | 'seed'>) {
    this.#plan = plan;
    const rate = this.#find('rate')?.bytesPerS;
    const capacity = (): Capacity | undefined =>
      rate === undefined ? undefined : new Capacity(rate);
    this.#capacities = { up: capacity(), down: capacity() };
  }

  /** Whether connections are refused. */
  get isCut(): boolean {
    return this.#cuts > 0;
  }

  /** Whether nothing passes, although connections stay open. */
  get isHeld(): boolean {
    return this.#holes > 0;
  }

  /** Begins or ends one timed fault; they may overlap. */
  change(kind: 'cut' | 'blackhole', by: 1 | -1): void {
    if (kind === 'cut') this.#cuts += by;
    else this.#holes += by;
  }

  /** After how many bytes a connection is reset; Infinity for never. */
  get resetAfterBytes(): number {
    return this.#find('reset')?.afterBytes ?? Infinity;
  }

  /** What shapes the bytes of connection `number` (from 0) in one direction; undefined if nothing does. */
  shapeOf(number: number, direction: Direction): LineShape | undefined {
    const delay = this.#find('delay');
    const isSlow = direction === 'down' && this.#find('slow-reader') !== undefined;
    const shared = this.#capacities[direction];
    if (delay === undefined && !isSlow && shared === undefined) return undefined;
    const own = isSlow ? new Capacity(SLOW_BYTES_PER_S) : undefined;
    const isAwake = (): boolean => this.isAwake;
    const stream = DELAY_STREAM + 2 * number + (direction === 'up' ? 0 : 1);
    const random = seededRandom(this.#plan.seed, stream);
    return {
      capacities: () =>
        [shared, isAwake() ? undefined : own].filter((capacity) => capacity !== undefined),
      delayMs: delay === undefined ? undefined : () => delayOf(delay, random),
    };
  }

  #find<Kind extends InjectedFault['kind']>(
    kind: Kind,
  ): Extract<InjectedFault, { kind: Kind }> | undefined {
    return this.#plan.faults.find(
      (fault): fault is Extract<InjectedFault, { kind: Kind }> => fault.kind === kind,
    );
  }
}

/** From the client to the server, or back. */
export type Direction = 'up' | 'down';

export interface LineShape {
  readonly capacities: () => readonly Capacity[];
  readonly delayMs: (() => number) | undefined;
}

function delayOf(
  { delayMs, jitterMs }: Extract<InjectedFault, { kind: 'delay' }>,
  random: Random,
): number {
  return delayMs + (2 * random() - 1) * jitterMs;
}
