import { formatDurationMs } from '../../core/values/duration.js';
import type { PageSection } from '../../page/document.js';
import type { JsonFigures } from '../../page/json-figures.js';
import type { Mark } from '../../page/plots/plot.js';
import { missedFaults } from '../model/fault-costs.js';
import type { InjectedReport } from '../model/injected.js';

/** What was injected when, for an axis of time since the load began. */
export function injectedMarks(report: InjectedReport | undefined): readonly Mark[] {
  if (report === undefined) return [];
  const marks: readonly Mark[] = [
    ...report.schedule.map(({ kind, atMs }) => ({
      at: atMs,
      label: `injected: ${kind}`,
      tone: 'warn' as const,
    })),
    ...report.commands.map(({ atMs, exit }) => ({
      at: atMs,
      label: `command, exit code ${exit ?? 'none'}`,
      tone: 'warn' as const,
    })),
  ];
  return marks.toSorted((a, b) => a.at - b.at);
}

/** What each injected fault cost. @param figures of a document with the report below `injected` */
export function injectedSections(
  report: InjectedReport | undefined,
  figures: JsonFigures,
): readonly PageSection[] {
  if (report === undefined) return [];
  const missed = missedFaults(report);
  return [
    {
      title: 'Injected faults',
      blocks: [
        {
          kind: 'table',
          caption: 'What each injected fault cost',
          columns: [
            { title: 'fault' },
            { title: 'times', align: 'right' },
            { title: 'lost', align: 'right' },
            { title: 'recovered in', align: 'right' },
            { title: 'p99', align: 'right' },
          ],
          rows: report.costs.map(({ kind, occurrences, recoveredMs }, index) => [
            kind,
            figures.figure(`injected.costs.${index}.times`),
            figures.figure(`injected.costs.${index}.lost`),
            occurrences.length > 0 && recoveredMs === null
              ? { text: 'never', tone: 'bad' }
              : figures.figure(`injected.costs.${index}.recovered_ms`, formatDurationMs),
            figures.figure(`injected.costs.${index}.p99_ns`),
          ]),
        },
        ...(missed.length === 0 ? [] : [{ kind: 'list' as const, items: missed }]),
      ],
    },
  ];
}
