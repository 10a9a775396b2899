import stringWidth from 'string-width';

import { formatByteSize } from '../../core/values/byte-size.js';
import { clientName, type ConsumerFacts } from '../model/consumer-facts.js';
import { deliveryGates } from '../model/delivery-gates.js';
import type { BacklogReport, ConsumerReport } from '../model/report.js';
import { ageCell, etaCell, lossCell, rateCell } from './cells.js';
import { paintFor } from '../../terminal/text/severity-paint.js';
import { findingDetail, wrap, type FindingView } from '../../terminal/text/findings-text.js';
import { formatDurationMs } from '../../core/values/duration.js';
import { trendLine } from '../../terminal/text/sparkline.js';
import { missingLines } from './missing-lines.js';
import { formatCount, formatPercent, plural } from '../../core/wording.js';

/** Shorter times cannot be measured: nothing was in flight in the samples. */
const LEAST_SERVICE_MS = 0.001;
/** At most this many clients are named. */
const MOST_CLIENTS = 3;

export interface DetailView extends FindingView {
  /** Backlogs of earlier readings, oldest first. */
  readonly curve?: readonly number[];
}

/** Everything about one consumer: the verdict's sentence, the numbers behind it, the gates in order, and all findings. */
export function consumerDetail(
  consumer: ConsumerReport,
  report: BacklogReport,
  view: DetailView,
): string {
  const { style, width = 78, curve = [] } = view;
  const { facts } = consumer;
  const stream = report.streams.find(({ name }) => name === consumer.stream);
  const paint = paintFor(consumer.severity, style);
  const line = Math.min(width, 100) - 2;
  const head = [
    `${style.heading(`${consumer.stream} ${consumer.name}`)}  ${paint(consumer.verdict)}`,
    wrap(consumer.headline, line, '  '),
    style.dim(wrap(`Confidence ${consumer.confidence.level}${reasons(consumer)}.`, line, '  ')),
  ];
  const parts = [
    `${head.join('\n')}\n`,
    curve.length < 2 ? '' : `  ${trendLine(curve.slice(2 - width))}\n`,
    ...(facts === undefined
      ? []
      : [numbers(facts), changes(facts), gates(facts, view), clients(facts)]),
    ...consumer.findings.map((finding) => findingDetail(finding, view)),
    ...(stream?.findings ?? [])
      .filter(({ id }) => id !== 'OK')
      .map((finding) => findingDetail(finding, view)),
    missingLines(report, style),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function reasons({ confidence }: ConsumerReport): string {
  return confidence.reasons.length === 0 ? '' : ` (${confidence.reasons.join('; ')})`;
}

function pairs(rows: readonly (readonly [label: string, value: string])[]): string {
  const shown = rows.filter(([, value]) => value !== '');
  const longest = Math.max(...shown.map(([label]) => label.length));
  return shown.map(([label, value]) => `  ${label.padEnd(longest)}  ${value}\n`).join('');
}

function numbers(facts: ConsumerFacts): string {
  const { last, pace, loss, lookups } = facts;
  return pairs([
    [
      'backlog',
      `${formatCount(facts.backlog)} (${formatCount(last.pending)} pending, ${formatCount(last.ackPending)} in flight)`,
    ],
    ['oldest', oldestText(facts)],
    ['in', `${rateCell(pace?.publishPerS)} msg/s`],
    [
      'out',
      `${rateCell(pace?.settlePerS)} msg/s${pace?.serviceMs === undefined || pace.serviceMs < LEAST_SERVICE_MS ? '' : `, ${formatDurationMs(pace.serviceMs)} per message`}`,
    ],
    ['redelivered', redeliveryText(facts)],
    ['drain', etaText(facts)],
    ['loss', loss === undefined ? '' : `${lossCell(loss.inMs)} (${loss.limit})`],
    [
      'next',
      lookups.next === undefined
        ? ''
        : `${String(lookups.next.seq ?? '')} ${lookups.next.subject ?? ''} (${formatByteSize(lookups.next.sizeBytes ?? 0)})`,
    ],
    [
      'ack floor',
      `${formatCount(last.ackFloor.streamSeq)}, delivered ${formatCount(last.delivered.streamSeq)}`,
    ],
  ]);
}

function oldestText(facts: ConsumerFacts): string {
  const age = ageCell(facts);
  const { oldest } = facts.lookups;
  if (age === '' || oldest === undefined) return age;
  return `${age}, sequence ${formatCount(oldest.seq ?? 0)} ${oldest.subject ?? ''}`.trimEnd();
}

function redeliveryText({ last, pace }: ConsumerFacts): string {
  if (last.redelivered === 0 && (pace?.redeliverPerS ?? 0) === 0) return '';
  const share =
    pace === undefined || pace.redeliveryShare === 0
      ? ''
      : `, ${formatPercent(pace.redeliveryShare)} of deliveries now`;
  return `${formatCount(last.redelivered)} messages${share}`;
}

function etaText(facts: ConsumerFacts): string {
  const range = facts.drain.etaRangeS;
  if (range === undefined || facts.backlog === 0) return etaCell(facts);
  const [from, to] = range.map((seconds) =>
    Number.isFinite(seconds) ? formatDurationMs(seconds * 1000) : 'never',
  );
  return `${etaCell(facts)} (${from ?? ''} to ${to ?? ''})`;
}

/** What happened between the first and the last sample. */
function changes({ motion }: ConsumerFacts): string {
  if (motion === undefined) return '';
  const { deliveries, redeliveries, settled, published, growth } = motion;
  const again = redeliveries === 0 ? '' : ` (${formatCount(redeliveries)} redelivered)`;
  const sign = growth > 0 ? '+' : '';
  return (
    `  in ${formatDurationMs(motion.dtMs)}: ${formatCount(published)} published, ${formatCount(deliveries)} delivered${again},\n` +
    `  ${formatCount(settled)} settled, backlog ${sign}${formatCount(growth)}\n`
  );
}

/** Under the labels of the gates. */
const GATE_INDENT = ' '.repeat(9);
const MARKS = { yes: 'yes', no: 'NO ', unknown: '–  ' } as const;

function gates(facts: ConsumerFacts, { style, width = 78 }: FindingView): string {
  const paints = { yes: style.good, no: style.warn, unknown: style.dim };
  const lines = deliveryGates(facts).map(({ label, state, detail }) => {
    const fits = stringWidth(label) + stringWidth(detail) + GATE_INDENT.length + 2 <= width;
    const rest = fits
      ? `  ${detail}`
      : `\n${wrap(detail, width - GATE_INDENT.length, GATE_INDENT)}`;
    const more = detail === '' ? '' : style.dim(rest);
    return `    ${paints[state](MARKS[state])}  ${label}${more}\n`;
  });
  return `  what delivery needs, in this order\n${lines.join('')}`;
}

function clients({ clients: known, lookups, last }: ConsumerFacts): string {
  const { tap, advisories } = lookups;
  return pairs([
    [
      'connections',
      known.open === undefined ? 'unknown' : `${formatCount(known.open)} open in the account`,
    ],
    ...servingRows(known, last),
    ['holder', known.stoppedHolders?.join(' or ') ?? ''],
    [
      'last closed',
      known.lastClosed === undefined ? '' : `${known.lastClosed.name}: ${known.lastClosed.reason}`,
    ],
    [
      'tap',
      tap === undefined
        ? ''
        : `${formatCount(tap.acks)} acks, ${formatCount(tap.naks)} naks, ${plural(tap.pulls, 'pull request')} by ${plural(tap.pullers, 'client')}`,
    ],
    [
      'announced',
      advisories === undefined
        ? ''
        : `${plural(advisories.naked, 'nak')}, ${formatCount(advisories.exhaustedSeqs.length)} given up`,
    ],
  ]);
}

/** Its clients by name, address and round trip, one per line. */
function servingRows(
  { serving = [], puller }: ConsumerFacts['clients'],
  { config, waiting }: ConsumerFacts['last'],
): readonly (readonly [string, string])[] {
  const label = config.deliverSubject === undefined ? 'pulled by' : 'pushed to';
  if (serving.length === 0) {
    if (puller !== undefined) return [[label, `${puller.name}, judging by its traffic`]];
    return [[label, waiting > 0 ? 'not observed: pull requests are waiting, try --window 1m' : '']];
  }
  const more = serving.length - MOST_CLIENTS;
  return [
    ...serving.slice(0, MOST_CLIENTS).map((client, index): readonly [string, string] => {
      const { rttMs } = client;
      const trip = rttMs === undefined ? '' : `, round trip ${formatDurationMs(rttMs)}`;
      return [index === 0 ? label : '', `${clientName(client)}${trip}`];
    }),
    ['', more > 0 ? `and ${formatCount(more)} more` : ''],
  ];
}
