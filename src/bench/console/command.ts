import type { BenchFlags, ResultFlags } from '../flags/flags.js';
import { reportsToCsv } from '../model/csv.js';
import { benchReportToJson } from '../model/report-json.js';
import { otherConditions } from '../model/compare.js';
import {
  checkThresholds,
  crossedThresholds,
  failIfCrossed,
  parseBenchThreshold,
} from '../model/report-thresholds.js';
import { makePlan } from '../model/make-plan.js';
import type { BenchPlan } from '../model/plan.js';
import { latencyGap } from '../model/plan-stamp.js';
import type { BenchReport } from '../model/report.js';
import type { BenchOutcome, BenchProgress, EngineOptions } from '../model/run.js';
import type { Scenario } from '../model/scenario.js';
import { usageError } from '../../core/errors.js';
import type { Threshold } from '../../core/values/threshold.js';
import { benchReportText } from '../view/report-text.js';
import { benchProgressText } from '../view/progress-text.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { checkWritable, readReport, saveCsv, saveHdr, saveReport } from './files.js';
import { benchRequest } from './request.js';

/** What the result is judged by; read before the run, so that a typing error does not cost a run. */
interface Judgement {
  readonly thresholds: readonly Threshold[];
  readonly baseline: BenchReport | undefined;
}

/** What all bench commands share: from flags to a plan, from progress to a line, from a report to output and exit code. */
export abstract class BenchCommand extends BaseCommand {
  /** Measures one scenario and prints its report. */
  protected async measureScenario(
    scenario: Scenario,
    subject: string | undefined,
    flags: BenchFlags & ResultFlags,
  ): Promise<void> {
    const plan = makePlan(benchRequest(scenario, subject, flags));
    const judgement = judgementOf(plan, flags);
    if (flags.csv === '-' && this.common.json) {
      throw usageError(
        '--csv - and --json both want stdout',
        'give one of them a file (--csv FILE, --save FILE)',
      );
    }
    const gap = latencyGap(plan);
    if (flags.hdr !== undefined && gap !== undefined) {
      throw usageError(`--hdr has nothing to write: ${gap}`);
    }
    checkWritable(flags);
    await this.serverAwaited();
    this.notices.detail(`bench ${scenario} with the ${plan.engine} engine, run ${plan.runId}`);
    const label = `bench ${scenario}`;
    const options = { useExisting: flags['use-existing'] ?? false };
    const { runBench } = await import('../run/engine.js');
    const outcome = await this.watched(label, (watch) =>
      runBench(plan, this.engineOptions(watch, options)),
    );
    this.#print(outcome, flags);
    this.#judge(outcome, judgement, plan.goal.kind !== 'open');
  }

  /**
   * Waits for a server as long as `--wait-for-server` allows, so that the many connections of a run need not.
   *
   * @throws {NatsxError} connection — no server until then; auth — rejected
   */
  protected async serverAwaited(): Promise<void> {
    if (this.common['wait-for-server'] === undefined) return;
    await this.withClient('goal', () => Promise.resolve());
  }

  /** Shows a live line while `work` runs; without a terminal, one notice at its start. */
  protected async watched<R>(
    label: string,
    work: (watch: (progress: BenchProgress) => void) => Promise<R>,
  ): Promise<R> {
    if (!this.notices.isTerminal) this.notices.notice(`${label} …`);
    const line = this.notices.progress(label);
    try {
      return await work((progress) => line.update(benchProgressText(label, progress)));
    } finally {
      line.stop();
    }
  }

  protected engineOptions(
    onProgress: EngineOptions['onProgress'],
    options: { readonly useExisting: boolean } = { useExisting: false },
  ): EngineOptions {
    return {
      dial: this.dial(),
      version: this.config.version,
      jsApiPrefix: this.jetStream.apiPrefix,
      signal: this.life.signal,
      onProgress,
      ...options,
    };
  }

  #print({ report, response }: BenchOutcome, flags: ResultFlags): void {
    if (flags.csv === '-') this.out.text(reportsToCsv([report]));
    else if (this.common.json) this.out.json(benchReportToJson(report));
    else this.out.text(benchReportText(report, { style: this.style, width: this.out.width }));
    if (flags.csv !== undefined && flags.csv !== '-') saveCsv(flags.csv, reportsToCsv([report]));
    if (flags.save !== undefined) saveReport(flags.save, report);
    if (flags.hdr !== undefined) saveHdr(flags.hdr, response);
  }

  #judge({ report, failure }: BenchOutcome, judgement: Judgement, hasGoal: boolean): void {
    if (failure !== undefined) throw failure;
    if (hasGoal) this.failIfInterrupted('the run was complete');
    const { baseline, thresholds } = judgement;
    const others =
      baseline === undefined ? [] : otherConditions(baseline.conditions, report.conditions);
    if (others.length > 0) {
      this.notices.warn(`the baseline was measured under other conditions: ${others.join(', ')}`);
    }
    failIfCrossed(crossedThresholds(report, thresholds, baseline));
  }
}

function judgementOf(plan: BenchPlan, flags: ResultFlags): Judgement {
  const thresholds = (flags['fail-if'] ?? []).map((text) => parseBenchThreshold(text));
  const baseline = flags.baseline === undefined ? undefined : readReport(flags.baseline);
  checkThresholds(plan, thresholds, baseline);
  return { thresholds, baseline };
}
