import type { PageDocument } from '../../page/document.js';
import type { BenchProgress } from '../model/run.js';
import type { Scenario } from '../model/scenario.js';

/** What is measured, as far as it is known before. */
export interface BenchSubject {
  readonly label: string;
  readonly scenario: Scenario;
  readonly targetRatePerS: number | undefined;
}

/** The report of a run, for its page. */
export interface FinishedBench {
  readonly document: PageDocument;
  /** As `--json` prints it. */
  readonly json: unknown;
}

/** What a live page shows of a run. */
export interface BenchPageFeed {
  /** Something else is measured from now on. */
  readonly begin: (subject: BenchSubject) => void;
  readonly show: (progress: BenchProgress) => void;
  /** @param finished called only if there is a page */
  readonly finish: (finished: () => Promise<FinishedBench>) => Promise<void>;
}

/** Without `--serve`. */
export const NO_PAGE: BenchPageFeed = {
  begin: () => undefined,
  show: () => undefined,
  finish: () => Promise.resolve(),
};
