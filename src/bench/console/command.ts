import type { BenchFlags, FleetFlags, ResultFlags, ServeChoice } from '../flags/flags.js';
import { hostAndPort } from '../../connection/model/server-url.js';
import { checkPlacement, parseAgentChoice, parsePlacement } from '../model/agent-choice.js';
import type { AgentChoice, Placement } from '../model/agent-choice.js';
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
import type { BenchRequest } from '../model/request.js';
import type { BenchOutcome, BenchProgress, EngineOptions, RunBench } from '../model/run.js';
import { ROLES } from '../model/scenario.js';
import type { RoleName, Scenario } from '../model/scenario.js';
import { usageError } from '../../core/errors.js';
import type { Threshold } from '../../core/values/threshold.js';
import { benchReportText } from '../view/report-text.js';
import { benchProgressText } from '../view/progress-text.js';
import { ControlCommand, hasControl } from './control-command.js';
import { writePage } from '../../terminal/page-file.js';
import { checkWritable, readReport, saveCsv, saveHdr, saveReport } from './files.js';
import { NO_PAGE, type BenchPageFeed, type BenchSubject } from './page-feed.js';
import { benchRequest } from './request.js';

/** What the result is judged by; read before the run, so that a typing error does not cost a run. */
interface Judgement {
  readonly thresholds: readonly Threshold[];
  readonly baseline: BenchReport | undefined;
}

/** What all bench commands share: from flags to a plan, from progress to a line, from a report to output and exit code. */
export abstract class BenchCommand extends ControlCommand {
  /** Measures one scenario and prints its report. */
  protected async measureScenario(
    scenario: Scenario,
    subject: string | undefined,
    flags: BenchFlags & ResultFlags,
  ): Promise<void> {
    const request = benchRequest(scenario, subject, flags);
    const plan = makePlan(request);
    const wanted = wantedAgents(flags, [scenario]);
    if (wanted !== undefined && plan.faults !== undefined) {
      throw usageError(
        '--faults and --fault-command cannot be used with --agents',
        'inject faults into a run on one machine',
      );
    }
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
    this.notices.detail(`bench ${scenario} with the ${plan.engine} engine, run ${plan.runId}`);
    const label = `bench ${scenario}`;
    const options = { useExisting: flags['use-existing'] ?? false };
    const shown = { label, scenario, targetRatePerS: plan.pace?.ratePerS };
    const outcome = await this.served(flags, shown, async (page) => {
      await this.serverAwaited();
      const ended = await this.withAgents(wanted, plan.runId, (run, hosts) =>
        this.watched(label, (watch) => {
          const onProgress = (progress: BenchProgress): void => {
            watch(progress);
            page.show(progress);
          };
          return run(makePlan({ ...request, hosts }), this.engineOptions(onProgress, options));
        }),
      );
      await page.finish(async () => {
        const { benchPage } = await import('../view/report-page.js');
        const { report } = ended;
        return { document: benchPage(report, this.origin), json: benchReportToJson(report) };
      });
      return ended;
    });
    await this.#print(outcome, flags);
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

  /**
   * Runs `work` while its page is served, if `--serve` was given.
   *
   * @throws {NatsxError} usage — the address cannot be listened on
   */
  protected async served<R>(
    flags: ServeChoice,
    subject: BenchSubject,
    work: (page: BenchPageFeed) => Promise<R>,
  ): Promise<R> {
    if (flags.serve === undefined) return work(NO_PAGE);
    const { BenchPage } = await import('./serve.js');
    const page = new BenchPage(subject, this.origin);
    const serving = { listen: flags.serve, metricsOpen: flags['metrics-open'] ?? false };
    return page.serve(serving, this.terminal, () => work(page));
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

  /**
   * Reserves the agents that were asked for, and passes `use` what runs a plan: they, or this process.
   * @throws {NatsxError} timeout, rejected, auth, connection
   */
  protected async withAgents<R>(
    wanted: WantedAgents | undefined,
    run: string,
    use: (run: RunBench, hosts: BenchRequest['hosts']) => Promise<R>,
  ): Promise<R> {
    const { runBench } = await import('../run/engine.js');
    if (wanted === undefined) return use(runBench, undefined);
    const system = new Set(this.dial().servers.map((server) => hostAndPort(server)));
    const control = this.controlServer(wanted.flags, system);
    if (control.isSystem) {
      this.notices.notice(
        'the control server is the system under test: messages to agents and the load share it',
      );
    }
    const { connectClient } = await import('../../connection/connect.js');
    const { Fleet } = await import('../run/fleet/fleet.js');
    const client = await connectClient(control.dial, this.policy('endless'), this.life.signal);
    try {
      const fleet = await Fleet.open({
        client,
        inboxPrefix: control.dial.inboxPrefix,
        timeoutMs: this.timeoutMs,
        choice: wanted.choice,
        placement: wanted.placement,
        run,
        version: this.config.version,
        allowMixed: wanted.flags['allow-mixed-versions'] ?? false,
        signal: this.life.signal,
      });
      this.notices.detail(
        `agents: ${fleet.agents.map(({ id, host }) => `${id} on ${host}`).join(', ')}`,
      );
      const roles = Object.keys(ROLES) as RoleName[];
      const hosts = Object.fromEntries(roles.map((role) => [role, fleet.hostsFor(role)]));
      try {
        return await use((plan, options) => runBench(plan, options, fleet.openAgents), hosts);
      } finally {
        await fleet.release();
      }
    } finally {
      await client.close();
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

  async #print({ report, response }: BenchOutcome, flags: ResultFlags): Promise<void> {
    if (flags.csv === '-') this.out.text(reportsToCsv([report]));
    else if (this.common.json) this.out.json(benchReportToJson(report));
    else this.out.text(benchReportText(report, { style: this.style, width: this.out.width }));
    if (flags.csv !== undefined && flags.csv !== '-') saveCsv(flags.csv, reportsToCsv([report]));
    if (flags.save !== undefined) saveReport(flags.save, report);
    if (flags.hdr !== undefined) saveHdr(flags.hdr, response);
    if (flags.html === undefined) return;
    const { benchPage } = await import('../view/report-page.js');
    await writePage(flags.html, benchPage(report, this.origin));
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

/** The agents of `--agents`, and which of them run what. */
export interface WantedAgents {
  readonly choice: AgentChoice;
  readonly placement: readonly Placement[];
  readonly flags: FleetFlags;
}

/**
 * Reads the flags for agents; `undefined` without `--agents`.
 * @throws {NatsxError} usage — also for a control server without agents
 */
export function wantedAgents(
  flags: FleetFlags,
  scenarios: readonly Scenario[],
): WantedAgents | undefined {
  if (flags.agents === undefined) {
    if (!hasControl(flags)) return undefined;
    throw usageError(
      'a control server is used only with --agents',
      'add --agents all, or leave out --control-server and --control-context',
    );
  }
  const placement = flags.place === undefined ? [] : parsePlacement(flags.place);
  checkPlacement(placement, scenarios);
  return { choice: parseAgentChoice(flags.agents), placement, flags };
}

function judgementOf(plan: BenchPlan, flags: ResultFlags): Judgement {
  const thresholds = (flags['fail-if'] ?? []).map((text) => parseBenchThreshold(text));
  const baseline = flags.baseline === undefined ? undefined : readReport(flags.baseline);
  checkThresholds(plan, thresholds, baseline);
  return { thresholds, baseline };
}
