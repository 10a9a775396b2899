import { availableParallelism } from 'node:os';

import type { InferredFlags } from '@oclif/core/interfaces';
import type { suiteFlags } from '../flags/flags.js';

import { reportsToCsv } from '../model/csv.js';
import { benchReportToJson } from '../model/report-json.js';
import type { SuiteOutcome } from '../model/run.js';
import { parseSizeSpec } from '../model/size-mix.js';
import { defaultSuite } from '../model/suite.js';
import type { SuiteEntry } from '../model/suite.js';
import { writePage } from '../../terminal/page-file.js';
import { makePlan } from '../model/make-plan.js';
import { NatsxError, usageError } from '../../core/errors.js';
import { planText } from '../view/plan-text.js';
import { readPlanFile } from './plan-file.js';
import { benchProgressText } from '../view/progress-text.js';
import { suiteText } from '../view/suite-text.js';
import { BenchCommand, wantedAgents } from './command.js';
import { checkWritable, saveCsv, saveReport } from './files.js';
import type { BenchSubject } from './page-feed.js';
import { newRunId } from './request.js';

type SuiteFlags = InferredFlags<typeof suiteFlags>;

const DEFAULT_DURATION_MS = 1_200;

/** Bare `bench`: the default suite as one table. */
export abstract class BenchSuiteCommand extends BenchCommand {
  protected async measureSuite(flags: SuiteFlags): Promise<void> {
    if (flags.plan !== undefined) return this.#runPlan(flags.plan, flags);
    if (flags.csv === '-' && this.common.json)
      throw usageError('--csv - and --json both want stdout');
    checkWritable(flags);
    const suite = {
      runId: newRunId(),
      cores: availableParallelism(),
      engine: flags.engine,
      durationMs: flags.duration ?? DEFAULT_DURATION_MS,
      repeat: flags.repeat,
      size: flags.size === undefined ? undefined : parseSizeSpec(flags.size),
    };
    const entries = defaultSuite(suite);
    const wanted = wantedAgents(
      flags,
      entries.map(({ plan }) => plan.scenario),
    );
    const outcome = await this.served(flags, subjectOf(entries[0], 'bench'), async (page) => {
      await this.serverAwaited();
      let number = 0;
      let label = '';
      const line = this.notices.progress('bench');
      const options = this.engineOptions((progress) => {
        line.update(benchProgressText(label, progress));
        page.show(progress);
      });
      const onEntry = (entry: SuiteEntry): void => {
        label = `${++number} of ${entries.length}: ${entry.label}`;
        page.begin(subjectOf(entry, label));
        if (!this.notices.isTerminal) this.notices.notice(`${label} …`);
      };
      const { runSuite } = await import('../run/suite-run.js');
      const ended = await this.withAgents(wanted, suite.runId, (run, hosts) =>
        runSuite({ entries: defaultSuite({ ...suite, hosts }), onEntry }, run, options),
      ).finally(() => line.stop());
      await page.finish(async () => {
        const { suitePage } = await import('../view/suite-page.js');
        const { report } = ended;
        const document = suitePage(report, this.origin, Date.now());
        return { document, json: benchReportToJson(report) };
      });
      return ended;
    });
    await this.#print(outcome, flags);
    if (outcome.failure !== undefined) throw outcome.failure;
    this.failIfInterrupted('the suite was complete');
  }

  async #runPlan(file: string, flags: SuiteFlags): Promise<void> {
    checkWritable({ save: flags.save });
    const planned = readPlanFile(file);
    const wanted = wantedAgents(
      flags,
      planned.map(({ scenario }) => scenario),
    );
    await this.serverAwaited();
    const { runPlan } = await import('../run/plan-run.js');
    const { report, failure } = await this.withAgents(wanted, newRunId(), (run, hosts) =>
      this.watched(`bench --plan`, (watch) => {
        const parts = planned.map((part) => ({
          ...part,
          plan: makePlan({ ...part.request, hosts }),
        }));
        return runPlan(parts, run, this.engineOptions(watch));
      }),
    );
    if (this.common.json) this.out.json(benchReportToJson(report));
    else this.out.text(planText(report, { style: this.style, width: this.out.width }));
    if (flags.save !== undefined) saveReport(flags.save, report);
    if (failure !== undefined) throw failure;
    this.failIfInterrupted('the plan was complete');
    const crossed = report.scenarios.flatMap(({ name, stages }) =>
      stages.flatMap((stage) => stage.crossed.map((text) => `${text} in ${name}, ${stage.name}`)),
    );
    if (crossed.length === 0) return;
    throw new NatsxError('unhealthy', `crossed: ${crossed.join('; ')}`);
  }

  async #print({ report }: SuiteOutcome, flags: SuiteFlags): Promise<void> {
    if (flags.csv === '-') this.out.text(reportsToCsv(report.reports));
    else if (this.common.json) this.out.json(benchReportToJson(report));
    else this.out.text(suiteText(report, { style: this.style, width: this.out.width }));
    if (flags.csv !== undefined && flags.csv !== '-')
      saveCsv(flags.csv, reportsToCsv(report.reports));
    if (flags.save !== undefined) saveReport(flags.save, report);
    if (flags.html === undefined) return;
    const { suitePage } = await import('../view/suite-page.js');
    await writePage(flags.html, suitePage(report, this.origin, Date.now()));
  }
}

function subjectOf(entry: SuiteEntry | undefined, label: string): BenchSubject {
  const { scenario = 'pub', pace } = entry?.plan ?? {};
  return { label, scenario, targetRatePerS: pace?.ratePerS };
}
