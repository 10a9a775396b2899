import { formatDurationMs } from '../../core/values/duration.js';
import { formatCount, plural } from '../../core/wording.js';
import type { PageDocument, PageOrigin, PageSection, PageVerdict } from '../../page/document.js';
import { findingOnPage, toneOfSeverity } from '../../page/finding-block.js';
import { JsonFigures } from '../../page/json-figures.js';
import type { BarPlot } from '../../page/plots/plot.js';
import { worstSeverity } from '../../core/findings/severity.js';
import { AREAS } from '../model/audit-rule.js';
import { auditJson, FAIL_LEVELS } from '../model/report.js';
import type { AuditReport } from '../model/report.js';
import { cutMiddle } from '../../terminal/text/table.js';
import { placeOf } from './doctor-text.js';

/** An audit as a page. */
export function doctorPage(report: AuditReport, origin: PageOrigin): PageDocument {
  const json = auditJson(report);
  const figures = new JsonFigures(json);
  const { server, looked, findings, missing, ignored } = report;
  const sections: readonly PageSection[] = [
    ...(findings.length === 0
      ? []
      : [
          {
            title: 'Where the risks are',
            blocks: [{ kind: 'plot' as const, plot: areaPlot(report) }],
          },
          {
            title: 'What was found',
            blocks: findings.map((finding) =>
              findingOnPage(finding, `${finding.area}, ${placeOf(finding.scope)}`),
            ),
          },
        ]),
    ...(missing.length === 0
      ? []
      : [
          {
            title: 'Not checked',
            blocks: [
              {
                kind: 'list' as const,
                items: missing.map(({ what, detail, rules }) => {
                  const cost = rules.length === 0 ? '' : ` Not checked: ${rules.join(', ')}.`;
                  return `${what}: ${detail}.${cost}`;
                }),
              },
            ],
          },
        ]),
  ];
  return {
    title: 'doctor',
    subtitle: `${server.cluster ?? cutMiddle(server.name, 20)} ${server.version}`,
    atMs: report.atMs,
    verdict: verdictOf(report),
    figures: [
      ...FAIL_LEVELS.toReversed().map((level) => ({
        label: level,
        value: figures.figure(`counts.${level}`),
        tone: figures.number(`counts.${level}`) === 0 ? undefined : toneOfSeverity(level),
      })),
      { label: 'streams read', value: figures.figure('looked_at.streams') },
      { label: 'consumers read', value: figures.figure('looked_at.consumers') },
      { label: 'servers read', value: figures.figure('looked_at.servers') },
    ],
    sections,
    conditions: [
      ...figures.conditions('server', 'server'),
      ...figures.conditions('account', 'account'),
      ...figures.conditions('looked_at'),
      { label: 'observed for', value: formatDurationMs(looked.windowMs) },
      { label: 'findings left out with --ignore', value: formatCount(ignored) },
    ],
    origin,
    json,
  };
}

function verdictOf({ findings, severity, looked }: AuditReport): PageVerdict {
  const size = `${plural(looked.streams, 'stream')}, ${plural(looked.consumers, 'consumer')}, ${plural(looked.servers, 'server')}`;
  const [worst] = findings;
  if (worst === undefined) {
    return { tone: 'good', word: 'no risks found', sentence: `Read ${size}.` };
  }
  const counts = FAIL_LEVELS.toReversed().flatMap((level) => {
    const count = findings.filter((finding) => finding.severity === level).length;
    return count === 0 ? [] : [`${formatCount(count)} ${level}`];
  });
  return {
    tone: toneOfSeverity(severity),
    word: counts.join(', '),
    sentence: `${worst.summary} (read ${size})`,
  };
}

function areaPlot({ findings }: AuditReport): BarPlot {
  const rows = AREAS.flatMap((area) => {
    const own = findings.filter((finding) => finding.area === area);
    return own.length === 0
      ? []
      : [
          {
            label: area,
            value: own.length,
            tone: toneOfSeverity(worstSeverity(own.map(({ severity }) => severity))),
          },
        ];
  });
  return {
    kind: 'bars',
    title: 'What is at risk?',
    description: `Number of findings: ${rows.map(({ label, value }) => `${label} ${value}`).join(', ')}.`,
    unit: 'count',
    scale: 'linear',
    rows,
  };
}
