import type { Finding } from '../../core/findings/finding.js';
import { compareSeverity, isAlarm } from '../../core/findings/severity.js';
import { plural, someNames } from '../../core/wording.js';
import { findingBlock, wrap, type FindingView } from '../../terminal/text/findings-text.js';
import type { BacklogReport, ConsumerReport } from '../model/report.js';
import { shellWord } from '../../core/printable.js';

/** A finding of a report with its place. */
interface Cause {
  readonly kind: 'account' | 'stream' | 'consumer' | 'connection';
  /** Empty for the account and for connections. */
  readonly stream: string;
  readonly name: string;
  /** Only if several contexts are shown. */
  readonly context?: string | undefined;
  readonly finding: Finding;
  readonly text: string;
}

/** Causes with the same id, the worst first. */
type CauseGroup = readonly [Cause, ...Cause[]];

export interface CausesView extends FindingView {
  /** Lines for the causes; undefined if all of them are wanted. */
  readonly room: number | undefined;
}

/** A report with the rows that are shown of it. */
export interface CauseSource {
  readonly report: BacklogReport;
  readonly rows: readonly ConsumerReport[];
  readonly context?: string | undefined;
}

/** At least this many groups are explained, whatever the room. */
const LEAST_GROUPS = 5;
const NAMES_SHOWN = 3;
const STREAMS_SHOWN = 2;
const LINE = 78;
const MOST_COLUMNS = 100;
const COMMANDS_SHOWN = 3;

/** What was found, in words, worst first: equal findings together, as many as fit, and commands that show the rest. */
export function causesText(sources: readonly CauseSource[], view: CausesView): string {
  const groups = grouped(
    sources.flatMap(({ report, rows, context }) =>
      [...sharedCauses(report), ...rows.filter(isTroubled).flatMap(consumerCause)].map(
        (cause): Cause => ({ ...cause, context }),
      ),
    ),
  );
  const blocks: string[] = [];
  let lines = 0;
  for (const group of groups) {
    const block = groupBlock(group, view);
    lines += block.split('\n').length;
    if (blocks.length >= LEAST_GROUPS && lines > (view.room ?? Infinity)) break;
    blocks.push(block);
  }
  return joined([...blocks, moreText(groups.slice(blocks.length), view)]);
}

/** The same for a chosen consumer; what else was found is only named. */
export function chosenCauseText(
  report: BacklogReport,
  chosen: ConsumerReport,
  view: FindingView,
): string {
  const { style, width = LINE } = view;
  const others = grouped(sharedCauses(report)).map(
    (group) => `${group[0].finding.id} (${placesOf(group)})`,
  );
  const also = wrap(`also found: ${others.join(', ')}`, Math.min(width, MOST_COLUMNS), '');
  return joined([
    ...consumerCause(chosen).map((cause) => groupBlock([cause], view)),
    others.length === 0 ? '' : `${style.dim(also)}\n`,
  ]);
}

function joined(blocks: readonly string[]): string {
  return blocks.filter((block) => block !== '').join('\n');
}

function isTroubled({ severity }: ConsumerReport): boolean {
  return isAlarm(severity) || severity === 'unknown';
}

/** Findings on the account, on streams and on connections. */
function sharedCauses({ account, streams, connections }: BacklogReport): readonly Cause[] {
  return [
    ...account.findings.map((finding) => causeOf({ kind: 'account', name: 'account', finding })),
    ...streams.flatMap(({ name, findings }) =>
      findings
        .filter(({ severity }) => isAlarm(severity))
        .map((finding) => causeOf({ kind: 'stream', stream: name, name, finding })),
    ),
    ...connections.flatMap(({ name, findings }) =>
      findings.map((finding) => causeOf({ kind: 'connection', name, finding })),
    ),
  ];
}

function consumerCause({ stream, name, findings, headline }: ConsumerReport): readonly Cause[] {
  const [finding] = findings;
  if (finding === undefined) return [];
  return [causeOf({ kind: 'consumer', stream, name, finding, text: headline })];
}

function causeOf(
  cause: Pick<Cause, 'kind' | 'name' | 'finding'> & Partial<Pick<Cause, 'stream' | 'text'>>,
): Cause {
  return { stream: '', text: cause.finding.summary, ...cause };
}

/** Worst first; among equals in the given order. */
function grouped(causes: readonly Cause[]): readonly CauseGroup[] {
  const groups = new Map<string, [Cause, ...Cause[]]>();
  for (const cause of causes) {
    const key = `${cause.kind} ${cause.finding.severity} ${cause.finding.id}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [cause]);
    else known.push(cause);
  }
  return [...groups.values()].toSorted(([a], [b]) =>
    compareSeverity(a.finding.severity, b.finding.severity),
  );
}

function groupBlock(group: CauseGroup, view: FindingView): string {
  const [first] = group;
  const text = group.length === 1 ? first.text : `${first.name}: ${first.text}`;
  return findingBlock({ who: placesOf(group), finding: first.finding, text }, view);
}

/** `ORDERS mail`; `archive, audit, billing and 7 more of ORDERS, EVENTS reader`. */
function placesOf(group: CauseGroup): string {
  if (group[0].kind !== 'consumer') {
    const places = group.map(({ context, name }) => withContextName(context, name));
    return someNames(places, NAMES_SHOWN);
  }
  const byStream = new Map<string, Cause[]>();
  for (const cause of group) {
    const place = withContextName(cause.context, cause.stream);
    byStream.set(place, [...(byStream.get(place) ?? []), cause]);
  }
  const places = [...byStream].map(([stream, own]) =>
    own.length === 1
      ? `${stream} ${namesOf(own).join('')}`
      : `${someNames(namesOf(own), NAMES_SHOWN)} of ${stream}`,
  );
  const shown = places.slice(0, STREAMS_SHOWN);
  const more = places.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${plural(more, 'more stream')}`;
}

function withContextName(context: string | undefined, name: string): string {
  return context === undefined ? name : `${context} ${name}`;
}

function namesOf(causes: readonly Cause[]): readonly string[] {
  return causes.map(({ name }) => name);
}

/** How many findings are not explained, and the commands that explain them. */
function moreText(groups: readonly CauseGroup[], { style, width = LINE }: FindingView): string {
  if (groups.length === 0) return '';
  const commands = [...new Set(groups.map(([first]) => commandFor(first)))];
  const shown = commands.slice(0, COMMANDS_SHOWN);
  const count = groups.reduce((sum, group) => sum + group.length, 0);
  const ids = groups.map(([{ finding }]) => finding.id).join(', ');
  const lines = [
    style.dim(
      wrap(`and ${plural(count, 'more finding')}: ${ids}`, Math.min(width, MOST_COLUMNS), ''),
    ),
    ...shown.map((command) => `  ${style.key(`$ ${command}`)}`),
  ];
  return `${lines.join('\n')}\n`;
}

function commandFor(cause: Cause): string {
  const { context } = cause;
  return context === undefined ? usualCommand(cause) : inContext(usualCommand(cause), context);
}

/** The same command for a context. */
export function inContext(command: string, context: string): string {
  return /\bnatsx? /.test(command) ? `${command} --context ${shellWord(context)}` : command;
}

function usualCommand({ kind, stream, name }: Cause): string {
  switch (kind) {
    case 'consumer':
      return `natsx backlog ${shellWord(stream)} ${shellWord(name)}`;
    case 'stream':
      return `natsx stream info ${shellWord(name)}`;
    case 'connection':
      return 'natsx backlog --core';
    case 'account':
      return 'natsx info';
  }
}
