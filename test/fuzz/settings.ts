import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `npm run fuzz` asks for; without it, the short runs of CI. */
export interface FuzzSettings {
  /** What everything is drawn from: the same in each run of CI, so that a change is judged by itself. */
  readonly seed: number;
  /** How long to go on; undefined: the short run. */
  readonly minutes: number | undefined;
  /** One run of the matrix, as a report has it. */
  readonly only: string | undefined;
}

export function fuzzSettings(env = process.env): FuzzSettings {
  const seed = env['NATSX_FUZZ_SEED'];
  const minutes = env['NATSX_FUZZ_MINUTES'];
  return {
    seed:
      seed === undefined ? (env['CI'] === undefined ? Date.now() % 1e9 : 20_251_122) : Number(seed),
    minutes: minutes === undefined ? undefined : Number(minutes),
    only: env['NATSX_FUZZ_RUN'],
  };
}

/** Leaves figures for `scripts/fuzz.mjs`, which writes them into docs/fuzzing.md. */
export function leaveFigures(name: string, figures: object): void {
  const folder = process.env['NATSX_FUZZ_FIGURES'];
  if (folder !== undefined) writeFileSync(join(folder, `${name}.json`), JSON.stringify(figures));
}
