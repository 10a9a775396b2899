import { formatCount, plural } from '../../core/wording.js';
import { formatDuration, formatDurationMs } from '../../core/values/duration.js';
import type { Style } from '../../terminal/text/style.js';
import { textTable } from '../../terminal/text/table.js';
import { missedFaults, unexplained } from '../model/fault-costs.js';
import type { FaultCost, InjectedReport } from '../model/injected.js';

interface ViewOptions {
  readonly style: Style;
  readonly width: number | undefined;
}

/** Runs of the command shown; the JSON has all. */
const MOST_COMMANDS = 5;

/**
 * What was injected, and what each fault cost, ending with a line feed.
 *
 * @param lost all lost messages of the run
 */
export function injectedText(report: InjectedReport, lost: number, options: ViewOptions): string {
  const { style, width } = options;
  const right = (title: string) => ({ title, align: 'right' as const });
  const columns = ['injected', right('times'), right('lost'), right('recovered in'), right('p99')];
  const rows = report.costs.map((cost) => costRow(cost, style));
  const head = report.spec === '' ? '' : `faults: ${report.spec} (seed ${report.seed})\n`;
  return [
    style.dim(head),
    textTable({ columns, rows, style, width }),
    ...notes(report, lost).map((note) => `${note}\n`),
    commandsText(report),
  ].join('');
}

function costRow(cost: FaultCost, style: Style): readonly string[] {
  const { kind, times, lost, recoveredMs, p99Ns, occurrences } = cost;
  return [
    kind,
    formatCount(times),
    lost === 0 ? '0' : style.bad(formatCount(lost)),
    occurrences.length === 0
      ? '–'
      : recoveredMs === null
        ? style.bad('never')
        : formatDurationMs(recoveredMs),
    p99Ns === null ? '–' : formatDuration(p99Ns),
  ];
}

function notes(report: InjectedReport, lost: number): readonly string[] {
  const others = unexplained(report, lost);
  return [
    ...missedFaults(report),
    ...(others > 0
      ? [`${plural(others, 'message')} lost at other times: no injected fault explains this`]
      : []),
  ];
}

function commandsText({ commands }: InjectedReport): string {
  const shown = commands.slice(0, MOST_COMMANDS).map(({ atMs, exit, output }) => {
    const [first = ''] = output.split('\n');
    const how = exit === null ? 'was killed' : `exit ${exit}`;
    return `command at ${formatDurationMs(atMs)}: ${how}${first === '' ? '' : `, ${first}`}\n`;
  });
  const more = commands.length - shown.length;
  return shown.join('') + (more > 0 ? `and ${plural(more, 'more run')}: see --json\n` : '');
}
