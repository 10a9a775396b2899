import { formatDurationMs } from '../../core/values/duration.js';
import { localTimeOfDay, rfc3339Local } from '../../core/values/local-time.js';
import { plural } from '../../core/wording.js';
import { element, type Markup } from '../../page/markup.js';
import type { HistoryCoverage } from '../model/coverage.js';
import { gapReason } from '../model/moment.js';

const HOUR_MS = 3_600_000;
/** More gaps are counted. */
const MOST_GAPS = 50;
/** The unit of the strip that shows the gaps. */
const STRIP = 1_000;

/** A time as it is read on the page: `2026-01-02 15:04:05`. */
function momentText(atMs: number): string {
  return `${rfc3339Local(atMs).slice(0, 10)} ${localTimeOfDay(atMs).slice(0, 8)}`;
}

export interface MomentsFacts {
  readonly coverage: HistoryCoverage;
  /** Of the report that is shown; undefined: the last reading. */
  readonly atMs: number | undefined;
  /** The token, if it is in the query. */
  readonly token: string | undefined;
}

/** The controls of a history's page: a slider, and links, which also work without scripts. */
export function momentsForm({ coverage, atMs, token }: MomentsFacts): Markup {
  const { fromMs, toMs } = coverage;
  if (fromMs === undefined || toMs === undefined) {
    return element('form', { id: 'moments' }, element('p', {}, 'the history has no readings yet'));
  }
  const everyMs = Math.max(1, coverage.everyMs);
  // A slider stops at whole steps.
  const lastMs = fromMs + Math.ceil((toMs - fromMs) / everyMs) * everyMs;
  const shownMs = Math.min(Math.max(atMs ?? lastMs, fromMs), lastMs);
  const link = (text: string, to: number | undefined): Markup =>
    element('a', { href: addressOf(to, token) }, text);
  const step = (text: string, byMs: number): Markup | undefined => {
    const to = shownMs + byMs;
    return to < fromMs || to > lastMs ? undefined : link(text, to);
  };
  return element(
    'form',
    { id: 'moments', method: 'get' },
    token === undefined
      ? undefined
      : element('input', { type: 'hidden', name: 'token', value: token }),
    element('label', { for: 'at' }, 'Moment'),
    element('input', {
      id: 'at',
      name: 'at',
      type: 'range',
      min: fromMs,
      max: lastMs,
      step: everyMs,
      value: shownMs,
      'aria-valuetext': momentText(shownMs),
    }),
    element('output', { for: 'at' }, atMs === undefined ? 'the last reading' : momentText(shownMs)),
    element('button', {}, 'Show'),
    strip(coverage, { fromMs, lastMs }),
    element(
      'nav',
      { 'aria-label': 'moments' },
      link(`first: ${momentText(fromMs)}`, fromMs),
      step('1h earlier', -HOUR_MS),
      step(`${formatDurationMs(everyMs)} earlier`, -everyMs),
      step(`${formatDurationMs(everyMs)} later`, everyMs),
      step('1h later', HOUR_MS),
      link(`last: ${momentText(toMs)}`, undefined),
    ),
    gapList(coverage),
  );
}

function addressOf(atMs: number | undefined, token: string | undefined): string {
  const query = new URLSearchParams({
    ...(token === undefined ? {} : { token }),
    ...(atMs === undefined ? {} : { at: new Date(atMs).toISOString() }),
  });
  return `?${query.toString()}`;
}

function strip(
  { gaps }: HistoryCoverage,
  { fromMs, lastMs }: { readonly fromMs: number; readonly lastMs: number },
): Markup | undefined {
  if (gaps.length === 0) return undefined;
  const place = (ms: number): number =>
    Math.round(((ms - fromMs) / Math.max(1, lastMs - fromMs)) * STRIP);
  return element(
    'svg',
    {
      viewBox: `0 0 ${String(STRIP)} 6`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    },
    gaps.map((gap) =>
      element('rect', {
        x: place(gap.fromMs),
        y: 0,
        width: Math.max(2, place(gap.toMs) - place(gap.fromMs)),
        height: 6,
      }),
    ),
  );
}

function gapList({ gaps }: HistoryCoverage): Markup | undefined {
  if (gaps.length === 0) return undefined;
  return element(
    'details',
    {},
    element('summary', {}, `${plural(gaps.length, 'gap')} without readings`),
    element(
      'ul',
      {},
      gaps
        .slice(-MOST_GAPS)
        .map((gap) =>
          element(
            'li',
            {},
            `${momentText(gap.fromMs)} to ${momentText(gap.toMs)}: ${gapReason(gap.reason)}`,
          ),
        ),
    ),
  );
}
