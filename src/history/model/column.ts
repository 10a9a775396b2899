import type { ByteSink, ByteSource } from './byte-stream.js';

/**
 * One number of a series over the readings of a block. What is written is how far each value is from an expected one;
 * what is expected is chosen for each column, as whatever leaves the smallest differences.
 */
export interface Column {
  /** Values by reading; undefined where there is none. */
  readonly values: readonly (number | undefined)[];
  /** As whole numbers, where the column has them. */
  readonly whole?: WholeColumn | undefined;
  /** All values are the same; known to the writer alone. */
  readonly isConstant?: boolean | undefined;
}

interface WholeColumn {
  readonly scale: number;
  readonly values: readonly (number | undefined)[];
}

/** What of a block is known when a column is read: earlier columns of its series, and the same of the series before. */
export interface ColumnNeighbours {
  readonly earlier: readonly Column[];
  readonly before: Column | undefined;
}

const CONSTANT = 0;
const LAST = 1;
const TREND = 2;
const LIKE_BEFORE = 3;
const LIKE_EARLIER = 4;
const EXACT = 7;
/** Thousandths and millionths: the server counts in nanoseconds where natsx counts in milliseconds. */
const SCALES = [1, 1e3, 1e6] as const;
/** Up to this, differences of differences are still exact. */
const LARGEST = 2 ** 49;
/** Of the earlier columns only the nearest are tried: if any are alike, those are. */
const MOST_TRIED = 12;

/** Writes a column. @returns it as the reader will have it */
export function writeColumn(
  out: ByteSink,
  values: readonly (number | undefined)[],
  neighbours: ColumnNeighbours,
): Column {
  const scaleAt = SCALES.findIndex((scale) => isWholeAt(values, scale));
  const scale = SCALES[scaleAt];
  if (scale === undefined) {
    out.byte(EXACT);
    for (const value of values) if (value !== undefined) out.double(value);
    return { values };
  }
  const whole =
    scale === 1
      ? values
      : values.map((value) => (value === undefined ? undefined : toWhole(value, scale)));
  const start = startOf(scale, neighbours.before);
  const plan = bestPlan(whole, scale, neighbours, start);
  out.byte(plan.expectation | (scaleAt << 3));
  if (plan.expectation === LIKE_EARLIER) out.byte(plan.place);
  for (const difference of plan.differences) out.zigzag(difference);
  const isConstant = plan.expectation === CONSTANT;
  return { values, whole: { scale, values: whole }, isConstant };
}

/** @param present for each reading whether there is a value */
export function readColumn(
  source: ByteSource,
  present: readonly boolean[],
  neighbours: ColumnNeighbours,
): Column {
  const head = source.byte();
  const expectation = head & 7;
  if (expectation === EXACT) {
    return { values: present.map((there) => (there ? source.double() : undefined)) };
  }
  const scale = SCALES[head >> 3];
  if (scale === undefined) throw new RangeError('a column of an unknown scale');
  const place = expectation === LIKE_EARLIER ? source.byte() : 0;
  const whole: (number | undefined)[] = [];
  const expects = expecter(expectation, {
    whole,
    like: likeOf(expectation, place, scale, neighbours),
    start: startOf(scale, neighbours.before),
  });
  let first = true;
  for (const [reading, there] of present.entries()) {
    const silent = expectation === CONSTANT && !first;
    whole.push(there ? expects(reading) + (silent ? 0 : source.zigzag()) : undefined);
    if (there) first = false;
  }
  const values =
    scale === 1 ? whole : whole.map((value) => (value === undefined ? undefined : value / scale));
  return { values, whole: { scale, values: whole } };
}

interface Plan {
  readonly expectation: number;
  readonly place: number;
  readonly differences: readonly number[];
}

function bestPlan(
  whole: readonly (number | undefined)[],
  scale: number,
  neighbours: ColumnNeighbours,
  start: number,
): Plan {
  const tryPlan = (expectation: number, place: number): Plan & { readonly cost: number } => {
    const like = likeOf(expectation, place, scale, neighbours);
    const differences = differencesOf(whole, expecter(expectation, { whole, like, start }));
    return { expectation, place, differences, cost: costOf(differences) };
  };
  const constant = constantOf(whole);
  if (constant !== undefined) {
    return { expectation: CONSTANT, place: 0, differences: [constant - start] };
  }
  let best = tryPlan(LAST, 0);
  const consider = (expectation: number, place: number): void => {
    const plan = tryPlan(expectation, place);
    if (plan.cost < best.cost) best = plan;
  };
  consider(TREND, 0);
  if (neighbours.before?.whole?.scale === scale) consider(LIKE_BEFORE, 0);
  const { earlier } = neighbours;
  let tried = 0;
  for (let place = Math.min(earlier.length, 256) - 1; place >= 0; place -= 1) {
    const other = earlier[place];
    if (other?.whole?.scale !== scale || other.isConstant === true) continue;
    consider(LIKE_EARLIER, place);
    tried += 1;
    if (tried === MOST_TRIED) break;
  }
  return best;
}

/** The value that all of them have; undefined when they differ. */
function constantOf(values: readonly (number | undefined)[]): number | undefined {
  let constant: number | undefined;
  for (const value of values) {
    if (value === undefined) continue;
    if (constant !== undefined && value !== constant) return undefined;
    constant = value;
  }
  return constant;
}

interface Known {
  /** Of this column, as far as it is known. */
  readonly whole: readonly (number | undefined)[];
  readonly like: readonly (number | undefined)[];
  /** For the first value. */
  readonly start: number;
}

/** What is expected of each reading, asked in order. */
function expecter(expectation: number, { whole, like, start }: Known): (reading: number) => number {
  let last: number | undefined;
  let beforeLast: number | undefined;
  return (reading) => {
    const previous = last;
    const earlier = beforeLast;
    const own = previous === undefined ? undefined : whole[previous];
    beforeLast = previous;
    last = reading;
    if (expectation === LIKE_BEFORE) return like[reading] ?? own ?? start;
    if (own === undefined || previous === undefined) return start;
    if (expectation === LIKE_EARLIER) {
      const now = like[reading];
      const then = like[previous];
      return now === undefined || then === undefined ? own : own + now - then;
    }
    const older = earlier === undefined ? undefined : whole[earlier];
    return expectation === TREND && older !== undefined ? 2 * own - older : own;
  };
}

function likeOf(
  expectation: number,
  place: number,
  scale: number,
  { earlier, before }: ColumnNeighbours,
): readonly (number | undefined)[] {
  if (expectation !== LIKE_BEFORE && expectation !== LIKE_EARLIER) return [];
  const column = expectation === LIKE_BEFORE ? before : earlier[place];
  if (column?.whole?.scale !== scale) throw new RangeError('a column like one that is not there');
  return column.whole.values;
}

function startOf(scale: number, before: Column | undefined): number {
  if (before?.whole?.scale !== scale) return 0;
  return before.whole.values.find((value) => value !== undefined) ?? 0;
}

function differencesOf(
  whole: readonly (number | undefined)[],
  expects: (reading: number) => number,
): readonly number[] {
  const differences: number[] = [];
  for (const [reading, value] of whole.entries()) {
    if (value !== undefined) differences.push(value - expects(reading));
  }
  return differences;
}

/** Roughly the bits that they take, compressed. */
function costOf(differences: readonly number[]): number {
  let cost = 0;
  for (const difference of differences) {
    const size = Math.abs(difference);
    cost += size < 2 ** 31 ? 32 - Math.clz32(size) : 40;
  }
  return cost;
}

function isWholeAt(values: readonly (number | undefined)[], scale: number): boolean {
  return values.every((value) => {
    if (value === undefined) return true;
    const whole = toWhole(value, scale);
    // -0 would be read as 0.
    return Math.abs(whole) <= LARGEST && Object.is(whole / scale, value) && !Object.is(value, -0);
  });
}

function toWhole(value: number, scale: number): number {
  return Math.round(value * scale);
}
