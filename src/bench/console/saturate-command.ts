import { makePlan, OPEN_WINDOW } from '../model/make-plan.js';
import { benchReportToJson } from '../model/report-json.js';
import type { BenchPlan } from '../model/plan.js';
import { checkThresholds, parseBenchThreshold } from '../model/report-thresholds.js';
import type { EngineOptions } from '../model/run.js';
import type { SaturationOutcome, SaturationRequest } from '../model/saturation-request.js';
import { SCENARIOS } from '../model/scenario.js';
import type { Scenario } from '../model/scenario.js';
import { NatsxError, usageError } from '../../core/errors.js';
import type { Threshold } from '../../core/values/threshold.js';
import { saturationText, stepText } from '../view/saturate-text.js';
import { BenchCommand } from './command.js';
import { checkWritable, saveReport } from './files.js';
import { benchRequest } from './request.js';
import type { BenchFlags } from './request.js';

interface SaturateFlags extends BenchFlags {
  readonly slo?: string[] | undefined;
  readonly 'max-time'?: number | undefined;
  readonly 'start-rate'?: number | undefined;
  readonly 'max-rate'?: number | undefined;
  readonly save?: string | undefined;
  readonly 'use-existing'?: boolean | undefined;
}

type Search = (request: SaturationRequest, options: EngineOptions) => Promise<SaturationOutcome>;

const DEFAULT_OBJECTIVE = 'p99<5ms';
const DEFAULT_MAX_TIME_MS = 60_000;
const DEFAULT_START_PER_S = 10_000;
const WARMUP_MS = 200;
/** A search takes about so many steps. */
const USUAL_STEPS = 20;

/** `bench saturate`: the search for the highest rate. */
export abstract class BenchSaturateCommand extends BenchCommand {
  protected async saturate(
    args: { readonly scenario: string; readonly subject?: string | undefined },
    flags: SaturateFlags,
    search: Search,
  ): Promise<void> {
    checkWritable({ save: flags.save });
    await this.serverAwaited();
    const line = this.notices.progress('searching');
    const request = this.#request(args, flags, (text) => {
      if (this.notices.isTerminal) line.update(text);
      else this.notices.notice(text);
    });
    const useExisting = flags['use-existing'] ?? false;
    const options = this.engineOptions(() => undefined, { useExisting });
    const outcome = await search(request, options).finally(() => line.stop());
    const { report } = outcome;
    if (this.common.json) this.out.json(benchReportToJson(report));
    else this.out.text(saturationText(report, { style: this.style, width: this.out.width }));
    if (flags.save !== undefined) saveReport(flags.save, report);
    if (outcome.failure !== undefined) throw outcome.failure;
    this.failIfInterrupted('the rate was found');
    if (report.highest !== undefined) return;
    throw new NatsxError('unhealthy', 'the objective did not hold at any rate that was tried', {
      hint: 'allow more with --slo, or begin lower with --start-rate',
    });
  }

  #request(
    args: { readonly scenario: string; readonly subject?: string | undefined },
    flags: SaturateFlags,
    show: (text: string) => void,
  ): SaturationRequest {
    const scenario = args.scenario as Scenario;
    const maxTimeMs = flags['max-time'] ?? DEFAULT_MAX_TIME_MS;
    const stepMs = Math.min(5_000, Math.max(500, maxTimeMs / USUAL_STEPS - WARMUP_MS));
    const windowed = SCENARIOS[scenario].window !== undefined;
    const plan = makePlan({
      ...benchRequest(scenario, args.subject, flags),
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
}

/** @throws {NatsxError} usage — an objective that no step could be held against */
function objectivesOf(plan: BenchPlan, texts: readonly string[]): readonly Threshold[] {
  const objectives = texts.map((text) => parseBenchThreshold(text));
  const relative = objectives.find(({ limit }) => limit.kind === 'baseline');
  if (relative !== undefined) {
    throw usageError(
      `"${relative.text}" is no objective: a search has no baseline`,
      `write the limit as a number: ${DEFAULT_OBJECTIVE}`,
    );
  }
  checkThresholds(plan, objectives, undefined);
  return objectives;
}
