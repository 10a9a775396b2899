import fc from 'fast-check';
import {
  dimensions,
  mostShapes,
  routeIsThere,
  shapeFits,
  type Dimension,
  type Route,
  type Run,
  type Shape,
} from './dimensions.js';

type Cell = Route & Shape;

const names = Object.keys(dimensions) as Dimension[];
/** Every value of every dimension has a number, and every pair of them one that is made of both. */
const values = names.flatMap((name) => dimensions[name].map((value) => `${name}=${value}`));
const numbers = new Map(values.map((value, number) => [value, number]));
const PAIR = 1_000;

const routes: readonly Route[] = dimensions.source.flatMap((source) =>
  dimensions.out.flatMap((out) =>
    dimensions.sink.map((sink) => ({ source, out, sink })).filter(routeIsThere),
  ),
);
const shapes: readonly Shape[] = dimensions.size.flatMap((size) =>
  dimensions.content.flatMap((content) =>
    dimensions.headers.map((headers) => ({ size, content, headers })),
  ),
);
const large = ['1M', 'max', 'past'];

/** Every pair of values that can come together; `pairText` says which. */
export function possiblePairs(): ReadonlySet<number> {
  possible ??= findPossiblePairs();
  return possible;
}

let possible: ReadonlySet<number> | undefined;

function findPossiblePairs(): ReadonlySet<number> {
  const pairs = new Set<number>();
  for (const route of routes) {
    for (const shape of shapes) {
      if (shapeFits(route, shape)) addPairs(pairs, { ...route, ...shape });
    }
  }
  return pairs;
}

export function coveredPairs(runs: readonly Run[]): ReadonlySet<number> {
  const pairs = new Set<number>();
  for (const run of runs) {
    const { source, out, sink } = run;
    for (const shape of run.shapes) addPairs(pairs, { source, out, sink, ...shape });
  }
  return pairs;
}

/** Runs that have every pair of values in one of them; which ones, the seed decides. */
export function coveringRuns(seed: number): readonly Run[] {
  const missing = new Set(possiblePairs());
  const remove = (cell: Cell): void => {
    for (const pair of pairsOf(cell)) missing.delete(pair);
  };
  const chosen = chooseRoutes(shuffled(routes, seed));
  const open = chosen.map((route) => ({ route, shapes: [] as Shape[] }));
  // All get one message, then all a second one, so that none has the lot.
  for (let round = 0; missing.size > 0 && round < 7; round++) {
    const all = shuffled(shapes, seed + round + 1);
    for (const [place, { route, shapes: taken }] of open.entries()) {
      if (round >= mostShapes(route)) continue;
      const start = (place * 37) % all.length;
      // A few dozen of them have one that is about as good as the best of all.
      const order = [...all, ...all].slice(start, start + 40);
      const best = bestShape({ route, taken, order, missing });
      if (best === undefined) continue;
      taken.push(best);
      remove({ ...route, ...best });
    }
  }
  for (const [pair] of missing.entries()) {
    // Covered by one that was added a moment ago.
    if (!missing.has(pair)) continue;
    const cell = cellWith(pair);
    remove(cell);
    open.push(cell);
  }
  const filled = open.filter(({ shapes: taken }) => taken.length > 0);
  return filled.map(({ route, shapes: taken }, place) => ({
    ...route,
    shapes: lastPast(taken),
    times: place % 3 === 0 && repeats(route) && !hasLarge(taken) ? 8 : 1,
    seed: seed + place,
  }));
}

/** A message of its own for a pair that found no place. */
function cellWith(pair: number): Cell & { readonly route: Route; readonly shapes: Shape[] } {
  for (const route of routes) {
    for (const shape of shapes) {
      const cell = { ...route, ...shape };
      if (!shapeFits(route, shape) || !pairsOf(cell).includes(pair)) continue;
      return { ...cell, route, shapes: [shape] };
    }
  }
  throw new Error(`no message has ${pairText(pair)}`);
}

/** What is refused ends the run, so it stands last. */
function lastPast(taken: readonly Shape[]): readonly Shape[] {
  return [
    ...taken.filter(({ size }) => size !== 'past'),
    ...taken.filter(({ size }) => size === 'past').slice(0, 1),
  ];
}

/** Any run, for those that have the time. */
export const anyRun: fc.Arbitrary<Run> = fc
  .record({ route: fc.constantFrom(...routes), seed: fc.nat() })
  .chain(({ route, seed }) => {
    const fitting = shapes.filter((shape) => shapeFits(route, shape));
    const list = fc.array(fc.constantFrom(...fitting), {
      minLength: 1,
      maxLength: mostShapes(route),
    });
    return fc
      .record({ taken: list, times: fc.constantFrom(1, 1, 8, 40) })
      .map(({ taken, times }) => ({
        ...route,
        shapes: lastPast(oneLarge(sameFlags(route, taken))),
        times: hasLarge(taken) || !repeats(route) ? 1 : times,
        seed,
      }));
  });

/** Flags of a command line are the same for all of its messages. */
function sameFlags({ source }: Route, taken: readonly Shape[]): readonly Shape[] {
  const headers = taken[0]?.headers ?? 'none';
  return source === 'lines' ? taken.map((shape) => ({ ...shape, headers })) : taken;
}

/** A whole process stands behind each message of these. */
function repeats({ source, out }: Route): boolean {
  return source !== 'get' && source !== 'body' && out !== 'command';
}

function oneLarge(taken: readonly Shape[]): readonly Shape[] {
  const first = taken.findIndex(({ size }) => large.includes(size));
  return taken.filter(({ size }, place) => place === first || !large.includes(size));
}

/** As few routes as have every pair of source, out and sink. */
function chooseRoutes(order: readonly Route[]): readonly Route[] {
  const missing = new Set(order.flatMap(routePairs));
  const chosen: Route[] = [];
  while (missing.size > 0) {
    const best = order.reduce((one, other) =>
      gain(routePairs(other), missing) > gain(routePairs(one), missing) ? other : one,
    );
    for (const pair of routePairs(best)) missing.delete(pair);
    chosen.push(best);
  }
  return chosen;
}

function bestShape(question: {
  readonly route: Route;
  readonly taken: readonly Shape[];
  readonly order: readonly Shape[];
  readonly missing: ReadonlySet<number>;
}): Shape | undefined {
  const { route, taken, order, missing } = question;
  const oneIsLarge = hasLarge(taken);
  let best: Shape | undefined;
  let most = 0;
  for (const shape of order) {
    if (!shapeFits(route, shape) || (oneIsLarge && large.includes(shape.size))) continue;
    // Flags of a command line are the same for all of its messages.
    if (route.source === 'lines' && taken[0] !== undefined && taken[0].headers !== shape.headers) {
      continue;
    }
    const found = gain(pairsOf({ ...route, ...shape }), missing);
    if (found > most) {
      best = shape;
      most = found;
    }
  }
  return best;
}

function hasLarge(taken: readonly Shape[]): boolean {
  return taken.some(({ size }) => large.includes(size));
}

function gain(pairs: readonly number[], missing: ReadonlySet<number>): number {
  return pairs.reduce((sum, pair) => sum + (missing.has(pair) ? 1 : 0), 0);
}

const routeNames = ['source', 'out', 'sink'] as const;

function routePairs(route: Route): readonly number[] {
  return pairsAmong(numbersOf(route, routeNames));
}

function pairsOf(cell: Cell): readonly number[] {
  return pairsAmong(numbersOf(cell, names));
}

function numbersOf<N extends string>(
  parts: Readonly<Record<N, string>>,
  keys: readonly N[],
): readonly number[] {
  return keys.map((key) => numbers.get(`${key}=${parts[key]}`) ?? -1);
}

function pairsAmong(parts: readonly number[]): readonly number[] {
  return parts.flatMap((one, place) => parts.slice(place + 1).map((other) => one * PAIR + other));
}

/** `source=core out=raw`. */
export function pairText(pair: number): string {
  return [values[Math.floor(pair / PAIR)], values[pair % PAIR]].join(' ');
}

function addPairs(pairs: Set<number>, cell: Cell): void {
  for (const pair of pairsOf(cell)) pairs.add(pair);
}

function shuffled<T>(values: readonly T[], seed: number): readonly T[] {
  const all = { minLength: values.length, maxLength: values.length };
  return fc.sample(fc.shuffledSubarray([...values], all), { seed, numRuns: 1 })[0] ?? [];
}
