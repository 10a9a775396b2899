import { runInThisContext } from 'node:vm';
import { fuzzSettings, leaveFigures } from '../settings.js';
import { fileParsers } from './files.js';
import type { CheckOutcome, ParserUnderTest } from './parser.js';
import { wireParsers } from './wire.js';
import { wordParsers } from './words.js';

const parsers = [...wireParsers, ...wordParsers, ...fileParsers];

/** Cases of a parser in the short run, and in each round of a long one. */
const SHORT = 300;
const ROUND = 4_000;
/** What writes files takes ten times as long. */
const FILE_SHARE = 0.1;
/** A batch is done long before, unless it never is. */
const HANGS_AFTER_MS = 120_000;

interface Figures {
  cases: number;
  slowest_ms: number;
}

/**
 * Gives every parser text and bytes that nobody meant for it: a few of them, or with `NATSX_FUZZ_MINUTES` as many as
 * fit.
 *
 * @returns a line for each parser that crashed, hung or was wrong, with the smallest case
 */
export async function checkParsers(): Promise<readonly string[]> {
  const { seed, minutes } = fuzzSettings();
  console.log(`parsers: seed ${seed}`);
  const startedAt = performance.now();
  const end = startedAt + (minutes ?? 0) * 60_000;
  const figures = new Map<string, Figures>();
  const faults = new Map<string, string>();
  const size = minutes === undefined ? SHORT : ROUND;
  for (let round = 0; round === 0 || performance.now() < end; round++) {
    for (const one of parsers) {
      // One fault of a parser is enough: it would be found again in each round.
      if (faults.has(one.name) || (round > 0 && performance.now() > end)) continue;
      const cases = one.isAsync ? size * FILE_SHARE : size;
      const { cases: done, slowestMs, fault } = await checked(one, seed + round, cases);
      const sum = figures.get(one.name) ?? { cases: 0, slowest_ms: 0 };
      sum.cases += done;
      sum.slowest_ms = Math.max(sum.slowest_ms, Math.round(slowestMs));
      figures.set(one.name, sum);
      if (fault !== undefined) faults.set(one.name, `${one.name}: seed ${seed + round}: ${fault}`);
    }
  }
  const all = {
    seed,
    parsers: Object.fromEntries(figures),
    cases: [...figures.values()].reduce((sum, { cases }) => sum + cases, 0),
    faults: faults.size,
    seconds: Math.round((performance.now() - startedAt) / 1000),
  };
  leaveFigures('parsers', all);
  console.log(`parsers: ${all.cases} cases in ${all.seconds} s`);
  return [...faults.values()];
}

async function checked(one: ParserUnderTest, seed: number, cases: number): Promise<CheckOutcome> {
  if (one.isAsync) return one.check(seed, cases);
  try {
    return interruptible(() => one.check(seed, cases)) as CheckOutcome;
  } catch (error) {
    return { cases: 0, slowestMs: 0, fault: `${one.current()} — ${String(error)}` };
  }
}

/** Code that never returns can only be ended from outside: V8 does that for scripts of `node:vm`. */
function interruptible(action: () => unknown): unknown {
  const key = 'natsxFuzzed';
  Object.assign(globalThis, { [key]: action });
  return runInThisContext(`globalThis.${key}()`, { timeout: HANGS_AFTER_MS }) as unknown;
}
