import fc from 'fast-check';
import { NatsxError } from '../../../src/core/errors.js';

/** Something that reads what others wrote: whatever that is, it gives a value or a NatsxError. */
export interface ParserUnderTest {
  readonly name: string;
  /** Checks that many cases; the same ones for the same seed. */
  readonly check: (seed: number, cases: number) => CheckOutcome | Promise<CheckOutcome>;
  /** A check is promises, which end by themselves only; others are interrupted. */
  readonly isAsync: boolean;
  /** What it is at: named when it does not come back. */
  readonly current: () => string;
}

export interface CheckOutcome {
  readonly cases: number;
  readonly slowestMs: number;
  /** The smallest case that went wrong, and how. */
  readonly fault: string | undefined;
}

/** One case may take this long on a machine that is busy. */
const LONGEST_CASE_MS = 5_000;

export function parser<T>(
  name: string,
  cases: fc.Arbitrary<T>,
  read: (input: T) => unknown,
): ParserUnderTest {
  let current: unknown;
  return {
    name,
    isAsync: false,
    current: () => fc.stringify(current),
    check: (seed, numRuns) => {
      const clock = new CaseClock();
      const property = fc.property(cases, (input) => {
        current = input;
        clock.time(() => {
          try {
            read(input);
          } catch (error) {
            rejectOthers(error);
          }
        });
      });
      return outcomeOf(fc.check(property, { seed, numRuns }), clock);
    },
  };
}

/** The same for what reads files. */
export function fileParser<T>(
  name: string,
  cases: fc.Arbitrary<T>,
  read: (input: T) => Promise<unknown>,
): ParserUnderTest {
  let current: unknown;
  return {
    name,
    isAsync: true,
    current: () => fc.stringify(current),
    check: async (seed, numRuns) => {
      const clock = new CaseClock();
      const property = fc.asyncProperty(cases, async (input) => {
        current = input;
        const startedAt = performance.now();
        await read(input).catch(rejectOthers);
        clock.add(performance.now() - startedAt);
      });
      return outcomeOf(
        await fc.check(property, { seed, numRuns, timeout: LONGEST_CASE_MS }),
        clock,
      );
    },
  };
}

class CaseClock {
  slowestMs = 0;

  time(action: () => void): void {
    const startedAt = performance.now();
    action();
    this.add(performance.now() - startedAt);
  }

  add(tookMs: number): void {
    this.slowestMs = Math.max(this.slowestMs, tookMs);
    if (tookMs > LONGEST_CASE_MS) throw new Error(`it took ${Math.round(tookMs)} ms`);
  }
}

/** The one way to refuse something. A bug is reported under the kind `internal`. */
function rejectOthers(error: unknown): void {
  if (!(error instanceof NatsxError) || error.kind === 'internal') throw error;
  if (error.message.trim() === '') throw new Error('it is refused without a word');
}

function outcomeOf<T>(details: fc.RunDetails<T>, { slowestMs }: CaseClock): CheckOutcome {
  const { failed, counterexample, errorInstance, numRuns } = details;
  if (!failed) return { cases: numRuns, slowestMs, fault: undefined };
  const words =
    errorInstance instanceof Error ? (errorInstance.stack ?? '') : String(errorInstance);
  const place = words.split('\n').slice(0, 4).join(' ');
  return { cases: numRuns, slowestMs, fault: `${fc.stringify(counterexample)} — ${place}` };
}
