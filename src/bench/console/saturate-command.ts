import type { InferredFlags } from '@oclif/core/interfaces';

import type { BenchFlags, searchFlags, searchResultFlag } from '../flags/flags.js';
import { makePlan, OPEN_WINDOW } from '../model/make-plan.js';
import { benchReportToJson } from '../model/report-json.js';
import type { BenchPlan } from '../model/plan.js';
import { checkThresholds, parseBenchThreshold } from '../model/report-thresholds.js';
import type { BenchRequest } from '../model/request.js';
import type { BenchProgress, SaturationRequest } from '../model/run.js';
import { SCENARIOS } from '../model/scenario.js';
import type { Scenario } from '../model/scenario.js';
import { NatsxError, usageError } from '../../core/errors.js';
import type { Threshold } from '../../core/values/threshold.js';
import { writePage } from '../../terminal/page-file.js';
import { saturationText, stepText } from '../view/saturate-text.js';
import { BenchCommand, wantedAgents } from './command.js';
import { checkWritable, saveReport } from './files.js';
import { benchRequest } from './request.js';

interface SaturateFlags
  extends BenchFlags, Partial<InferredFlags<typeof searchFlags & typeof searchResultFlag>> {}

interface SaturateArgs {
  /** One that can be searched. */
  readonly scenario: string;
  readonly subject?: string | undefined;
}

const DEFAULT_OBJECTIVE = 'p99<5ms';
const DEFAULT_MAX_TIME_MS = 60_000;
const DEFAULT_START_PER_S = 10_000;
const WARMUP_MS = 200;
/** The usual number of steps of a search. */
const USUAL_STEPS = 20;

/** `bench saturate`: the search for the highest rate. */
export abstract class BenchSaturateCommand extends BenchCommand {
  protected async saturate(args: SaturateArgs, flags: SaturateFlags): Promise<void> {
    checkWritable({ save: flags.save, html: flags.html });
    const scenario = args.scenario as Scenario;
    const wanted = wantedAgents(flags, [scenario]);
    const load = benchRequest(scenario, args.subject, flags);
    const line = this.notices.progress('searching');
    const show = (text: string): void => {
      if (this.notices.isTerminal) line.update(text);
      else this.notices.notice(text);
    };
    searchRequest(load, flags, show);
    const useExisting = flags['use-existing'] ?? false;
    const { findSaturation } = await import('../run/saturation.js');
    const shown = { label: 'bench saturate', scenario, targetRatePerS: undefined };
    const outcome = await this.served(flags, shown, async (page) => {
      await this.serverAwaited();
      const onProgress = (progress: BenchProgress): void => page.show(progress);
      const options = this.engineOptions(onProgress, { useExisting });
      const ended = await this.withAgents(wanted, load.runId, (run, hosts) =>
        findSaturation(searchRequest({ ...load, hosts }, flags, show), run, options),
      );
      await page.finish(async () => {
        const { saturationPage } = await import('../view/saturate-page.js');
        const { report } = ended;
        const document = saturationPage(report, this.origin, Date.now());
        return { document, json: benchReportToJson(report) };
      });
      return ended;
    }).finally(() => line.stop());
    const { report } = outcome;
    if (this.common.json) this.out.json(benchReportToJson(report));
    else this.out.text(saturationText(report, { style: this.style, width: this.out.width }));
    if (flags.save !== undefined) saveReport(flags.save, report);
    if (flags.html !== undefined) {
      const { saturationPage } = await import('../view/saturate-page.js');
      await writePage(flags.html, saturationPage(report, this.origin, Date.now()));
    }
    if (outcome.failure !== undefined) throw outcome.failure;
    this.failIfInterrupted('the rate was found');
    if (report.highest !== undefined) return;
    throw new NatsxError('unhealthy', 'no rate that was tried met the objective', {
      hint: 'relax it with --slo, or start lower with --start-rate',
    });
  }
}

/** The search that the flags describe. @throws {NatsxError} usage */
function searchRequest(
  load: BenchRequest,
  flags: SaturateFlags,
  show: (text: string) => void,
): SaturationRequest {
  const maxTimeMs = flags['max-time'] ?? DEFAULT_MAX_TIME_MS;
  const stepMs = Math.min(5_000, Math.max(500, maxTimeMs / USUAL_STEPS - WARMUP_MS));
  const windowed = SCENARIOS[load.scenario].window !== undefined;
  const plan = makePlan({
    ...load,
    durationMs: flags.duration ?? stepMs,
    warmupMs: flags.warmup ?? WARMUP_MS,
    window: flags.window ?? (windowed ? OPEN_WINDOW : undefined),
  });
  return {
    plan,
    objectives: objectivesOf(plan, flags.slo ?? [DEFAULT_OBJECTIVE]),
    search: {
      startRatePerS: flags['start-rate'] ?? DEFAULT_START_PER_S,
      resolution: 0.05,
      maxRatePerS: flags['max-rate'] ?? Number.MAX_SAFE_INTEGER,
    },
    maxTimeMs,
    onStep: (step) => show(stepText(step)),
  };
}

/** @throws {NatsxError} usage — an objective that a step cannot be compared with */
function objectivesOf(plan: BenchPlan, texts: readonly string[]): readonly Threshold[] {
  const objectives = texts.map((text) => parseBenchThreshold(text));
  const relative = objectives.find(({ limit }) => limit.kind === 'baseline');
  if (relative !== undefined) {
    throw usageError(
      `"${relative.text}" is not an absolute objective: a search has no baseline to compare with`,
      `write the limit as a number: ${DEFAULT_OBJECTIVE}`,
    );
  }
  checkThresholds(plan, objectives, undefined);
  return objectives;
}
