import type { PlanReport, ScenarioReport, StageReport } from '../model/plan-report.js';
import { countsSent } from '../model/scenario.js';
import { printableText } from '../../core/printable.js';
import { formatDuration } from '../../core/values/duration.js';
import { formatCount, formatRate, plural } from '../../core/wording.js';
import type { Style } from '../../terminal/text/style.js';
import { textTable } from '../../terminal/text/table.js';
import { labelled } from './report-text.js';
import type { BenchTextOptions } from './report-text.js';

/** The report of a plan: a table of stages for each scenario, and what limited it. */
export function planText(report: PlanReport, options: BenchTextOptions): string {
  const agents = report.agents === undefined ? '' : `${plural(report.agents.length, 'agent')}\n`;
  const parts = report.scenarios.map((scenario) => scenarioText(scenario, options));
  return [agents, ...parts].filter((part) => part !== '').join('\n');
}

function scenarioText(scenario: ScenarioReport, options: BenchTextOptions): string {
  const { style, width } = options;
  const what = `bench ${scenario.scenario}${scenario.background ? ', in the background' : ''}`;
  const right = 'right' as const;
  const columns = [
    'stage',
    { title: 'target', align: right },
    { title: 'sent', align: right },
    { title: 'received', align: right },
    { title: 'lost', align: right },
    { title: 'rate', align: right },
    { title: 'p50', align: right },
    { title: 'p99', align: right },
    'crossed',
  ];
  const rows = scenario.stages.map((stage) => stageRow(stage, scenario, style));
  const notes = [
    ...scenario.problems.map(({ count, message }) => `${formatCount(count)} × ${message}`),
    ...scenario.notes,
  ];
  return [
    labelled(printableText(scenario.name), what, options),
    textTable({ style, columns, rows, width }),
    ...notes.map((note) => `${style.warn(note)}\n`),
    labelled('verdict', scenario.verdict.sentence, options),
  ].join('');
}

function stageRow(stage: StageReport, { scenario }: ScenarioReport, style: Style): string[] {
  const { response } = stage;
  return [
    printableText(stage.name),
    targetText(stage),
    formatCount(stage.sent),
    countsSent(scenario) ? '–' : formatCount(stage.received),
    stage.lost > 0 ? style.bad(formatCount(stage.lost)) : '0',
    formatRate(stage.ratePerS),
    response === undefined ? '–' : formatDuration(response.p50Ns),
    response === undefined ? '–' : formatDuration(response.p99Ns),
    style.bad(stage.crossed.join(', ')),
  ];
}

function targetText({ targetRatePerS, ramp }: StageReport): string {
  if (ramp !== undefined) return ramp.map((rate) => formatRate(rate)).join(' to ');
  return targetRatePerS === undefined ? 'flat out' : formatRate(targetRatePerS);
}
