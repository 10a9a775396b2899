import type { SaturationReport } from '../model/report.js';
import type { LoadStep } from '../model/saturate.js';
import { bar } from '../../terminal/text/bar.js';
import { fitted } from './report-text.js';
import type { BenchTextOptions } from './report-text.js';
import { textTable } from '../../terminal/text/table.js';
import { formatDuration } from '../../core/values/duration.js';
import { formatRate } from '../../core/wording.js';

const BAR_WIDTH = 30;

/** The latency against the load, from the lowest rate up, with the knee and the answer marked. */
export function saturationText(report: SaturationReport, options: BenchTextOptions): string {
  const { style } = options;
  if (report.steps.length === 0) return answer(report, options);
  const steps = [...report.steps].sort((a, b) => a.ratePerS - b.ratePerS);
  const logs = steps.map((step) => Math.log(step.p99Ns ?? 1));
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const table = textTable({
    style,
    width: options.width,
    columns: [
      right('rate'),
      right('reached'),
      right('p50'),
      right('p99'),
      { title: 'p99, logarithmic', whole: true },
      '',
    ],
    rows: steps.map((step, index) => [
      formatRate(step.ratePerS),
      formatRate(step.achievedPerS),
      step.p50Ns === undefined ? '–' : formatDuration(step.p50Ns),
      step.p99Ns === undefined ? '–' : formatDuration(step.p99Ns),
      bar(0.05 + (0.95 * ((logs[index] ?? 0) - least)) / Math.max(1e-9, most - least), {
        width: BAR_WIDTH,
      }),
      step.held
        ? style.good(step.ratePerS === report.knee?.ratePerS ? 'held, knee' : 'held')
        : style.bad(step.reason ?? 'not held'),
    ]),
  });
  return `${table}\n${answer(report, options)}`;
}

function answer(report: SaturationReport, { style, width }: BenchTextOptions): string {
  const objective = report.objectives.join(' and ');
  const knee =
    report.knee === undefined
      ? ''
      : `; the latency starts to rise at ${formatRate(report.knee.ratePerS)}`;
  const why = earlyEndWords(report);
  const early = why === '' ? '' : `${style.warn(fitted(why, width))}\n`;
  if (report.steps.length === 0) return `${style.warn('no step was completed')}\n`;
  if (report.highest === undefined) return `${style.bad('no rate held')} ${objective}\n${early}`;
  const label = 'highest rate that held';
  const found = `${objective}: ${formatRate(report.highest.ratePerS)}${knee}`;
  return `${style.heading(label)} ${style.good(fitted(found, width, label.length + 1))}\n${early}`;
}

/** Why the answer may not be the last word; empty if it is. */
export function earlyEndWords({ ended, highest }: SaturationReport): string {
  if (ended === 'resolved') return '';
  const other = highest === undefined ? 'a lower rate may hold' : 'the true limit may be higher';
  return `the search ended early (${ended.replaceAll('-', ' ')}): ${other}`;
}

/** One step as a line, during the search. */
export function stepText(step: LoadStep): string {
  const p99 = step.p99Ns === undefined ? '' : `, p99 ${formatDuration(step.p99Ns)}`;
  return `${formatRate(step.ratePerS)}${p99}: ${step.held ? 'held' : (step.reason ?? 'not held')}`;
}
