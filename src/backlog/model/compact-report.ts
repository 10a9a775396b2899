import { SharedValues } from '../../core/shared-values.js';
import type { Confidence } from './confidence.js';
import type { DrainForecast } from './drain.js';
import type { Motion } from './motion.js';
import type { ConsumerPace } from './pace.js';
import type { ConsumerReport } from './report.js';

/** Makes the reports of consumers with nothing to do share what is the same in all of them. */
export class ReportCompactor {
  readonly #findings = new SharedValues<ConsumerReport['findings']>();
  readonly #confidences = new SharedValues<Confidence>();
  readonly #motions = new SharedValues<Motion>();
  readonly #paces = new SharedValues<ConsumerPace>();
  readonly #drains = new SharedValues<DrainForecast>();

  compact(report: ConsumerReport): ConsumerReport {
    const { facts } = report;
    if (facts === undefined || facts.backlog > 0) return report;
    const confidence = this.#confidences.share(report.confidence);
    return {
      ...report,
      findings: this.#findings.share(report.findings),
      confidence,
      facts: {
        ...facts,
        confidence,
        motion: facts.motion && this.#motions.share(inMilliseconds(facts.motion)),
        pace: facts.pace && this.#paces.share(facts.pace),
        drain: this.#drains.share(facts.drain),
      },
    };
  }
}

/** Consumers of a stream are read within microseconds of each other; what stood still has no rate that would suffer. */
function inMilliseconds(motion: Motion): Motion {
  if (motion.deliveries > 0 || motion.published > 0) return motion;
  return { ...motion, dtMs: Math.round(motion.dtMs) };
}
