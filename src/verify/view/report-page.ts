import { formatDuration, formatDurationMs } from '../../core/values/duration.js';
import { formatCount, plural } from '../../core/wording.js';
import type {
  PageBlock,
  PageDocument,
  PageFigure,
  PageOrigin,
  PageSection,
  PageTable,
  PageVerdict,
} from '../../page/document.js';
import { JsonFigures } from '../../page/json-figures.js';
import type { Plot, XyPlot } from '../../page/plots/plot.js';
import type { Tone } from '../../page/tone.js';
import { provesNothing } from '../model/expectation.js';
import type { VerifyReport } from '../model/report.js';
import { injectedMarks, injectedSections } from '../../faults/view/injected-page.js';
import { verifyJson } from './json.js';
import { clock, FAULT_WORDS } from './text.js';
import { faultTimeline } from './timeline.js';

/** A run of `verify`, or of one of its halves, as a page. */
export function verifyPage(report: VerifyReport, origin: PageOrigin): PageDocument {
  const json = verifyJson(report);
  const figures = new JsonFigures(json);
  const { role, conditions, runId, notes } = report;
  return {
    title: role === 'whole' ? 'verify' : `verify ${role}`,
    subtitle: conditions.stream?.name ?? conditions.subject,
    atMs: report.startedAtMs,
    verdict: verdictOf(report),
    figures: keyFigures(figures),
    sections: [
      {
        title: 'What happened when',
        blocks: [{ kind: 'plot', plot: faultTimeline(report, injectedMarks(report.injected)) }],
      },
      { title: 'Messages', blocks: fateBlocks(figures) },
      ...injectedSections(report.injected, figures),
      ...gapSection(report, figures),
      ...faultSection(report, figures),
      ...receiverSection(report, figures),
      ...latencySection(report, figures),
      ...(notes.length === 0
        ? []
        : [{ title: 'Notes', blocks: [{ kind: 'list' as const, items: notes }] }]),
    ],
    conditions: [
      ...figures.conditions('conditions'),
      { label: 'time', value: figures.figure('duration_ms') },
      { label: 'run', value: { text: runId, code: true } },
    ],
    origin,
    json,
  };
}

function verdictOf({ verdict, outcome, interrupted, role }: VerifyReport): PageVerdict {
  const cut = interrupted ? ' The run was interrupted.' : '';
  if (verdict === undefined) {
    const sent = `${plural(outcome.sent, 'message')} sent, ${formatCount(outcome.acknowledged)} acknowledged.`;
    return role === 'send'
      ? { tone: interrupted ? 'warn' : 'info', word: 'sent', sentence: `${sent}${cut}` }
      : { tone: 'unknown', word: 'no verdict', sentence: `The run did not finish.${cut}` };
  }
  const { expectation, because, ordered, kept, broken } = verdict;
  const asked = `${expectation}${ordered ? ', in order' : ''} (${because})`;
  const fate = `${formatCount(outcome.delivered)} of ${plural(outcome.sent, 'message')} delivered, ${formatCount(outcome.lost)} lost.`;
  if (kept) return { tone: 'good', word: 'kept', sentence: `${fate} Expected: ${asked}.${cut}` };
  return {
    tone: 'bad',
    word: provesNothing(outcome, verdict) ? 'not proven' : 'broken',
    sentence: `${capital(broken.join(', '))}. ${fate} Expected: ${asked}.${cut}`,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Each fate with its key in the JSON; those that should be 0 are alarms otherwise. */
const FATES: readonly (readonly [label: string, key: string, tone: Tone | undefined])[] = [
  ['sent', 'sent', undefined],
  ['acknowledged', 'acknowledged', undefined],
  ['delivered', 'delivered', undefined],
  ['lost', 'lost', 'bad'],
  ['duplicated', 'duplicated', 'bad'],
  ['out of order', 'out_of_order', 'bad'],
  ['corrupted', 'corrupted', 'bad'],
  ['in doubt', 'in_doubt', 'warn'],
  ['refused', 'refused', 'warn'],
  ['sent again', 'resent', 'info'],
  ['foreign', 'foreign', 'info'],
];
const KEY_FATES = new Set(['sent', 'delivered', 'lost', 'duplicated', 'out of order', 'corrupted']);

function keyFigures(figures: JsonFigures): readonly PageFigure[] {
  return FATES.filter(([label]) => KEY_FATES.has(label)).flatMap(([label, key, tone]) => {
    const count = figures.number(key);
    if (count === undefined) return [];
    const judged = tone === undefined ? undefined : count === 0 ? 'good' : tone;
    return [{ label, value: figures.figure(key), tone: judged }];
  });
}

function fateBlocks(figures: JsonFigures): readonly PageBlock[] {
  const known = FATES.flatMap(([label, key, tone]) => {
    const count = figures.number(key);
    const isShown = count !== undefined && (count > 0 || KEY_FATES.has(label));
    return isShown ? [{ label, key, count, tone: tone ?? ('info' as const) }] : [];
  });
  const plot: Plot = {
    kind: 'bars',
    title: 'What became of the messages?',
    description: known.map(({ label, count }) => `${label}: ${formatCount(count)}`).join(', '),
    unit: 'count',
    scale: 'linear',
    rows: known.map(({ label, count, tone }) => ({ label, value: count, tone })),
  };
  return [
    { kind: 'plot', plot },
    {
      kind: 'table',
      caption: 'Messages by fate',
      columns: [{ title: 'fate' }, { title: 'messages', align: 'right' }],
      rows: known.map(({ label, key }) => [label, figures.figure(key)]),
    },
  ];
}

const MOST_ROWS = 200;

/** A table of the first rows, and how many more the JSON has. */
function listed(table: PageTable, total: number, noun: string): readonly PageBlock[] {
  const rest = total - table.rows.length;
  if (rest <= 0) return [table];
  return [table, { kind: 'text', text: `and ${plural(rest, `more ${noun}`)}` }];
}

function gapSection(
  { outcome, startedAtMs }: VerifyReport,
  figures: JsonFigures,
): readonly PageSection[] {
  const { gaps, gapsOmitted } = outcome;
  if (gaps.length === 0) return [];
  const table: PageTable = {
    kind: 'table',
    caption: 'Lost messages',
    columns: [
      { title: 'lost from' },
      { title: 'number', align: 'right' },
      { title: 'to', align: 'right' },
      { title: 'sent at' },
      { title: 'until' },
      { title: 'since the start', align: 'right' },
    ],
    rows: gaps
      .slice(0, MOST_ROWS)
      .map(({ publisher, firstAtMs, lastAtMs }, index) => [
        `publisher ${publisher}`,
        figures.figure(`gaps.${index}.from`),
        figures.figure(`gaps.${index}.to`),
        clock(firstAtMs),
        clock(lastAtMs),
        firstAtMs === undefined ? '' : formatDurationMs(Math.max(0, firstAtMs - startedAtMs)),
      ]),
  };
  return [{ title: 'Lost messages', blocks: listed(table, gaps.length + gapsOmitted, 'gap') }];
}

function faultSection(
  { faults, startedAtMs }: VerifyReport,
  figures: JsonFigures,
): readonly PageSection[] {
  if (faults.length === 0) return [];
  const table: PageTable = {
    kind: 'table',
    caption: 'Faults',
    columns: [
      { title: 'at' },
      { title: 'since the start', align: 'right' },
      { title: 'fault' },
      { title: 'where' },
      { title: 'detail' },
      { title: 'times', align: 'right' },
    ],
    rows: faults
      .slice(0, MOST_ROWS)
      .map(({ kind, firstAtMs, where, detail }, index) => [
        clock(firstAtMs),
        formatDurationMs(Math.max(0, firstAtMs - startedAtMs)),
        FAULT_WORDS[kind],
        where,
        detail,
        figures.figure(`faults.${index}.count`),
      ]),
  };
  return [{ title: 'Faults', blocks: listed(table, faults.length, 'fault') }];
}

function receiverSection({ outcome }: VerifyReport, figures: JsonFigures): readonly PageSection[] {
  const { receivers } = outcome;
  if (receivers.length < 2) return [];
  const columns = ['delivered', 'lost', 'duplicated', 'out_of_order', 'corrupted'];
  const table: PageTable = {
    kind: 'table',
    caption: 'Receivers',
    columns: [
      { title: 'receiver' },
      ...columns.map((key) => ({ title: key.replaceAll('_', ' '), align: 'right' as const })),
    ],
    rows: receivers
      .slice(0, MOST_ROWS)
      .map(({ name }, index) => [
        name,
        ...columns.map((key) => figures.figure(`receivers.${index}.${key}`)),
      ]),
  };
  return [{ title: 'Receivers', blocks: listed(table, receivers.length, 'receiver') }];
}

const PERCENTILES = [
  ['p50', 'p50_ns', 50],
  ['p90', 'p90_ns', 90],
  ['p99', 'p99_ns', 99],
  ['p99.9', 'p999_ns', 99.9],
] as const;
const LATENCIES = [
  ['acknowledged', 'send_to_ack'],
  ['delivered', 'send_to_deliver'],
] as const;

function latencySection({ latency }: VerifyReport, figures: JsonFigures): readonly PageSection[] {
  const known = LATENCIES.filter(([name]) => latency[name] !== undefined);
  if (known.length === 0) return [];
  const plot: XyPlot = {
    kind: 'xy',
    title: 'How long did it take?',
    description: known
      .map(([name, key]) => {
        const [p50, p99] = [50, 99].map(
          (one) => figures.number(`latency.${key}.p${one}_ns`) ?? NaN,
        );
        return `${name}: p50 ${formatDuration(p50 ?? NaN)}, p99 ${formatDuration(p99 ?? NaN)}.`;
      })
      .join(' '),
    x: {
      label: 'percentile (HdrHistogram’s axis)',
      scale: 'percentile',
      unit: 'percent',
      to: 99.9,
    },
    y: { label: 'time since sending (logarithmic)', scale: 'log', unit: 'ns' },
    series: known.map(([name, key]) => ({
      name: `sent until ${name}`,
      look: 'line-and-dots',
      points: PERCENTILES.map(([, column, percentile]) => ({
        x: percentile,
        y: Math.max(1, figures.number(`latency.${key}.${column}`) ?? 1),
      })),
    })),
  };
  const columns = [
    ['min', 'min_ns'],
    ['mean', 'mean_ns'],
    ...PERCENTILES,
    ['max', 'max_ns'],
  ] as const;
  return [
    {
      title: 'Latency',
      blocks: [
        { kind: 'plot', plot },
        {
          kind: 'table',
          caption: 'Latency',
          columns: [
            { title: 'sent until' },
            ...columns.map(([title]) => ({ title, align: 'right' as const })),
          ],
          rows: known.map(([name, key]) => [
            name,
            ...columns.map(([, column]) => figures.figure(`latency.${key}.${column}`)),
          ]),
        },
      ],
    },
  ];
}
