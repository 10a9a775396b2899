import fc from 'fast-check';

/**
 * Properties draw new cases in each run, but the same ones in each run of CI: a change is judged by itself, not by luck.
 * `PROPERTY_RUNS=20000` looks wider than the hundred cases that are the default.
 */
fc.configureGlobal({
  ...(process.env['CI'] === undefined ? {} : { seed: 20_251_122 }),
  ...(process.env['PROPERTY_RUNS'] === undefined
    ? {}
    : { numRuns: Number(process.env['PROPERTY_RUNS']) }),
});
