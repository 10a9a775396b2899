import { defineConfig } from 'vitest/config';

/** For tests that start servers and programs. */
const patient = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // Shared CI machines stall for seconds now and then; the reporter names what needed its second try.
  retry: process.env['CI'] === undefined ? 0 : 1,
};

/** Three kinds of tests: pure code, a real server, and the built program in a child process. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: ['test/support/property-runs.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          setupFiles: ['test/support/property-runs.ts'],
          globalSetup: ['test/support/find-server.ts'],
          ...patient,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/find-server.ts', 'test/support/built-program.ts'],
          ...patient,
        },
      },
    ],
    // Real servers and real child processes on small machines: more forks than this only make each other late.
    maxWorkers: 3,
  },
});
