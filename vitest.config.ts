import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** For tests that start servers and programs; long enough for a cluster's elections on a machine that is busy. */
const patient = {
  testTimeout: 180_000,
  hookTimeout: 180_000,
};

/** They take minutes, so nothing may be left to wait for them alone in the end; what comes first takes longest. */
const longest = [
  'e2e/examples',
  'e2e/stream-management',
  'e2e/help',
  'e2e/package',
  'integration/doctor/run/deployment',
  'integration/backlog/run/verdicts',
  'integration/bench/run/endings',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const known = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return known === -1 ? longest.length : known;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

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
    sequence: { sequencer: LongestFirst },
    // Real servers and real child processes on small machines: more forks than this only make each other late.
    maxWorkers: 3,
  },
});
