import { localTimeOfDay, rfc3339Local } from '../core/values/local-time.js';
import type { PageDocument } from '../page/document.js';
import { element, fragment, type Markup } from '../page/markup.js';
import { renderBody } from '../page/render.js';
import { PAGE_SCRIPT } from '../page/script.js';
import { pagePolicy, renderShell } from '../page/shell.js';
import { HTML_TYPE, type HttpAnswer } from './answer.js';
import { LIVE_SCRIPT } from './live-script.js';
import { LIVE_STYLE } from './live-style.js';

const SCRIPTS = [PAGE_SCRIPT, LIVE_SCRIPT];
/** The form of a history's page works without scripts. */
const POLICY = pagePolicy(SCRIPTS, { connect: "'self'", forms: "'self'", style: LIVE_STYLE });

/** What the line at the top of a live page is made of. Times are milliseconds since the epoch. */
export interface LiveState {
  /** When this was sent, so that a browser whose clock is wrong shows the right ages. */
  readonly nowMs: number;
  /** When the figures were read; undefined: not yet. */
  readonly readMs: number | undefined;
  /** Whether they are of the past, so that they need a date and never get old. */
  readonly isPast?: boolean;
  /** Why there are no newer ones, and since when. */
  readonly lost: { readonly why: string; readonly sinceMs: number } | undefined;
  /** Figures older than this many milliseconds are old; undefined: never. */
  readonly staleAfterMs: number | undefined;
}

/** What is in `<main>`, and what changes with it. */
export interface LiveBody {
  readonly title: string;
  /** In a sentence, for people who hear the page. */
  readonly verdict: string;
  /** HTML. */
  readonly main: string;
}

export function bodyOf(document: PageDocument): LiveBody {
  const { title, verdict } = document;
  return {
    title: `${title} – natsx`,
    verdict: `${verdict.word}: ${verdict.sentence}`,
    main: renderBody(document, 'Its JSON is at /api, with the same token.'),
  };
}

/** A page that says something instead of a report. */
export function plainBody(title: string, sentence: string): LiveBody {
  const main = fragment(element('h1', {}, title), element('p', {}, sentence)).html;
  return { title: `${title} – natsx`, verdict: sentence, main };
}

export interface LiveDocument {
  readonly body: LiveBody;
  readonly state: LiveState;
  /** Whether the page is updated. */
  readonly follows: boolean;
  /** Between the line at the top and the report. */
  readonly controls?: Markup | undefined;
  readonly status?: number | undefined;
}

/** A whole page. */
export function livePage({ body, state, follows, controls, status }: LiveDocument): HttpAnswer {
  const line = element(
    'p',
    {
      id: 'live',
      class: state.lost === undefined ? undefined : 'bad',
      'data-follow': follows,
      'data-state': JSON.stringify(stateJson(state, body)),
    },
    sentenceOf(state),
  );
  const spoken = element('p', { id: 'spoken', 'aria-live': 'polite' });
  return {
    ...(status === undefined ? {} : { status }),
    type: HTML_TYPE,
    policy: POLICY,
    body: renderShell({
      title: body.title,
      before: element('header', { class: 'live' }, line, spoken, controls).html,
      main: body.main,
      scripts: SCRIPTS,
      style: LIVE_STYLE,
      withPolicy: false,
    }),
  };
}

/** The data of an event: what a page that is open has to change. */
export function liveEvent(body: LiveBody, state: LiveState): string {
  const { title, main } = body;
  return JSON.stringify({ ...stateJson(state, body), title, main });
}

function stateJson(state: LiveState, { verdict }: LiveBody): object {
  const { nowMs, readMs, lost, staleAfterMs } = state;
  return {
    now_ms: nowMs,
    read: readText(state),
    read_at_ms: readMs ?? null,
    lost: lostText(state),
    lost_at_ms: lost?.sinceMs ?? null,
    stale_after_ms: staleAfterMs ?? null,
    verdict,
  };
}

/** What a browser without scripts shows. */
function sentenceOf(state: LiveState): string {
  return state.lost === undefined ? readText(state) : `${lostText(state)}; ${readText(state)}`;
}

function readText({ readMs, isPast = false }: LiveState): string {
  if (readMs === undefined) return isPast ? 'no reading' : 'reading';
  if (!isPast) return `read at ${clock(readMs)}`;
  return `recorded on ${rfc3339Local(readMs).slice(0, 10)} at ${clock(readMs)}`;
}

function lostText({ lost }: LiveState): string {
  return lost === undefined ? '' : `${lost.why} since ${clock(lost.sinceMs)}`;
}

function clock(atMs: number): string {
  return localTimeOfDay(atMs).slice(0, 8);
}
