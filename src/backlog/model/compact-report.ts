import { SharedValues } from '../../core/shared-values.js';
import type { Confidence } from './confidence.js';
import type { DrainForecast } from './drain.js';
import type { Motion } from './motion.js';
import type { ConsumerPace } from './pace.js';
import type { ConsumerReport } from './report.js';

/** Shares equal parts between the reports of idle consumers, to save memory. */
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

/** Rounds times that differ by microseconds, so they can be shared; without movement there are no rates to distort. */
function inMilliseconds(motion: Motion): Motion {
  if (motion.deliveries > 0 || motion.published > 0) return motion;
  return { ...motion, dtMs: Math.round(motion.dtMs) };
}
