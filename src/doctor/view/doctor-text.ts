import { AREAS } from '../model/audit-rule.js';
import type { Evidence, EvidenceValue } from '../../core/findings/finding.js';
import type { AuditFinding, AuditReport, AuditScope, MissingPart } from '../model/report.js';
import { paintFor } from '../../terminal/text/severity-paint.js';
import { wrap, type FindingView } from '../../terminal/text/findings-text.js';
import type { Style } from '../../terminal/text/style.js';
import { plural } from '../../core/wording.js';

const LINE = 80;
/** The same finding on many streams is printed once, with this many places. */
const PLACES_SHOWN = 3;
const GROUPED = ['critical', 'warning', 'info'] as const;

export interface AuditView extends FindingView {
  /** Also print the numbers behind each finding. */
  readonly evidence: boolean;
}

/** The report: what was read, the findings by severity, worst first, and what could not be read. */
export function auditText(report: AuditReport, view: AuditView): string {
  const width = Math.min(view.width ?? LINE, 100);
  const parts = [
    heading(report, view.style),
    ...GROUPED.flatMap((severity) => {
      const findings = report.findings.filter((finding) => finding.severity === severity);
      return alike(findings).map((group) => findingText(group, view, width));
    }),
    missingText(report.missing, view.style, width),
    verdict(report, view.style),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function heading({ server, account, looked }: AuditReport, style: Style): string {
  const where = server.cluster === undefined ? shortKey(server.name) : `cluster ${server.cluster}`;
  const seen = [
    plural(looked.servers, 'server'),
    plural(looked.streams, 'stream'),
    plural(looked.consumers, 'consumer'),
    ...(looked.connections === undefined ? [] : [plural(looked.connections, 'connection')]),
  ].join(', ');
  const whose = account === undefined ? '' : `, account ${shortKey(account)}`;
  return `${style.heading(`${where}, version ${server.version}${whose}`)}\n${style.dim(`read ${seen}`)}\n`;
}

/** Shortens public keys of accounts, and of servers without a name, which would fill a line. */
function shortKey(name: string): string {
  return /^[AN][A-Z2-7]{55}$/.test(name) ? `${name.slice(0, 8)}…` : name;
}

function withShortKeys(sentence: string): string {
  return sentence.replace(/\b[AN][A-Z2-7]{55}\b/g, shortKey);
}

/** Groups findings with the same id, in the order of the first of each. */
function alike(findings: readonly AuditFinding[]): readonly (readonly AuditFinding[])[] {
  const groups = new Map<string, AuditFinding[]>();
  for (const finding of findings) {
    groups.set(finding.id, [...(groups.get(finding.id) ?? []), finding]);
  }
  return [...groups.values()];
}

function findingText(group: readonly AuditFinding[], view: AuditView, width: number): string {
  const { style } = view;
  const [first] = group;
  if (first === undefined) return '';
  const places = group.length === 1 ? placeOf(first.scope) : `${String(group.length)} places`;
  const head = headLine(first, places, { style, width });
  const shown = group.slice(0, PLACES_SHOWN);
  const lines = shown.flatMap((finding) => [
    wrap(withShortKeys(finding.summary), width - 2, '  '),
    ...(view.evidence ? [style.dim(evidenceText(finding.evidence, width))] : []),
    ...finding.remedy.slice(0, 1).map((command) => `  ${style.key(`$ ${command}`)}`),
  ]);
  const rest = group.slice(PLACES_SHOWN).map(({ scope }) => placeOf(scope));
  const more = rest.length === 0 ? [] : [wrap(`also on ${rest.join(', ')}`, width - 2, '  ')];
  return `${[head, ...lines, ...more].join('\n')}\n`;
}

/** What and where on one line, or on two if names are long. */
function headLine(
  { severity, id, area }: AuditFinding,
  places: string,
  { style, width }: { readonly style: Style; readonly width: number },
): string {
  const what = `${severity.toUpperCase()} ${id}`;
  const fits = what.length + area.length + places.length + 4 <= width;
  const paint = paintFor(severity, style);
  return `${paint(what)}  ${style.dim(area)}${fits ? '  ' : '\n  '}${style.heading(places)}`;
}

/** `key=value` pairs; a list has a line for each item. Unknown values are left out. */
function evidenceText(evidence: Evidence, width: number): string {
  const plain: string[] = [];
  const lists: string[] = [];
  for (const [key, value] of Object.entries(evidence)) {
    if (value === null) continue;
    if (typeof value !== 'object') plain.push(`${key}=${evidenceWord(value)}`);
    else lists.push(...value.map((item) => wrap(`${key}: ${itemText(item)}`, width - 2, '  ')));
  }
  const head = plain.length === 0 ? [] : [wrap(plain.join(', '), width - 2, '  ')];
  return [...head, ...lists].join('\n');
}

function itemText(item: string | number | Evidence): string {
  if (typeof item !== 'object') return evidenceWord(item);
  const parts = Object.entries(item).filter(([, value]) => value !== null);
  return parts.map(([key, value]) => `${key}=${listWord(value)}`).join(', ');
}

function listWord(value: EvidenceValue): string {
  if (value === null) return '';
  if (typeof value !== 'object') return evidenceWord(value);
  return value.map((one) => itemText(one)).join(' ');
}

function evidenceWord(value: string | number | boolean): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value);
}

/** On what a finding was found. */
export function placeOf(scope: AuditScope): string {
  switch (scope.kind) {
    case 'account':
      return scope.account === undefined ? 'account' : `account ${shortKey(scope.account)}`;
    case 'server':
    case 'connection':
      return `${scope.kind} ${shortKey(scope.server)}`;
    case 'stream':
      return `stream ${scope.stream}`;
    case 'consumer':
      return `consumer ${scope.stream} ${scope.consumer}`;
  }
}

function missingText(missing: readonly MissingPart[], style: Style, width: number): string {
  if (missing.length === 0) return '';
  const lines = missing.map(({ what, detail, rules, hint }) => {
    const cost = rules.length === 0 ? '' : ` Not checked: ${rules.join(', ')}.`;
    const way = hint === undefined ? '' : ` ${hint}.`;
    return wrap(`${what}: ${detail}.${way}${cost}`, width - 2, '  ');
  });
  return `${style.heading('Not checked')}\n${lines.join('\n')}\n`;
}

function verdict({ findings, ignored }: AuditReport, style: Style): string {
  const counts = GROUPED.map((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return `${String(count)} ${severity}`;
  }).join(', ');
  const left = ignored === 0 ? '' : `; ${String(ignored)} ignored`;
  const order = AREAS.join(', ');
  const all = findings.length === 0 && ignored === 0 ? `no risks found (${order})` : counts + left;
  return `${style.heading(all)}\n`;
}
