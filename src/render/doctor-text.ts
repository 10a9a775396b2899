import { AREAS } from '../domain/doctor/audit-rule.js';
import type {
  AuditFinding,
  AuditReport,
  AuditScope,
  MissingPart,
} from '../domain/doctor/report.js';
import { paintFor } from './backlog-cells.js';
import { evidenceLines, wrap, type FindingView } from './findings-text.js';
import { formatAmount } from './numbers.js';
import type { Style } from './style.js';

const LINE = 80;
/** The same finding on many streams is told once, with so many places. */
const PLACES_SHOWN = 3;
const GROUPED = ['critical', 'warning', 'info'] as const;

export interface AuditView extends FindingView {
  /** Also the numbers that each finding rests on. */
  readonly evidence: boolean;
}

/** The report: what was looked at, the findings by severity, the worst first, and what could not be looked at. */
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
  const where = server.cluster === undefined ? server.name : `cluster ${server.cluster}`;
  const seen = [
    formatAmount(looked.servers, 'server'),
    formatAmount(looked.streams, 'stream'),
    formatAmount(looked.consumers, 'consumer'),
    ...(looked.connections === undefined ? [] : [formatAmount(looked.connections, 'connection')]),
  ].join(', ');
  const whose = account === undefined ? '' : `, account ${shortAccount(account)}`;
  return `${style.heading(`${where}, version ${server.version}${whose}`)}\n${style.dim(`looked at ${seen}`)}\n`;
}

/** An account's public key fills a line. */
function shortAccount(account: string): string {
  return /^A[A-Z2-7]{55}$/.test(account) ? `${account.slice(0, 8)}…` : account;
}

/** Findings with the same id stand together, in the order of the first of each. */
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
  const paint = paintFor(first.severity, style);
  const places = group.length === 1 ? placeOf(first.scope) : `${String(group.length)} places`;
  const head = `${paint(`${first.severity.toUpperCase()} ${first.id}`)}  ${style.dim(first.area)}  ${style.heading(places)}`;
  const shown = group.slice(0, PLACES_SHOWN);
  const lines = shown.flatMap((finding) => [
    wrap(finding.summary, width - 2, '  '),
    ...(view.evidence ? evidenceLines(finding.evidence, width).map((line) => style.dim(line)) : []),
    ...finding.remedy.slice(0, 1).map((command) => `  ${style.key(`$ ${command}`)}`),
  ]);
  const rest = group.slice(PLACES_SHOWN).map(({ scope }) => placeOf(scope));
  const more = rest.length === 0 ? [] : [wrap(`also on ${rest.join(', ')}`, width - 2, '  ')];
  return `${[head, ...lines, ...more].join('\n')}\n`;
}

function placeOf(scope: AuditScope): string {
  switch (scope.kind) {
    case 'account':
      return scope.account === undefined ? 'account' : `account ${shortAccount(scope.account)}`;
    case 'server':
    case 'connection':
      return `${scope.kind} ${scope.server}`;
    case 'stream':
      return `stream ${scope.stream}`;
    case 'consumer':
      return `consumer ${scope.stream} ${scope.consumer}`;
  }
}

function missingText(missing: readonly MissingPart[], style: Style, width: number): string {
  if (missing.length === 0) return '';
  const lines = missing.map(({ what, detail, rules, hint }) => {
    const cost = rules.length === 0 ? '' : ` Not judged: ${rules.join(', ')}.`;
    const way = hint === undefined ? '' : ` ${hint}.`;
    return wrap(`${what}: ${detail}.${way}${cost}`, width - 2, '  ');
  });
  return `${style.heading('Not looked at')}\n${lines.join('\n')}\n`;
}

function verdict({ findings, ignored }: AuditReport, style: Style): string {
  const counts = GROUPED.map((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return `${String(count)} ${severity}`;
  }).join(', ');
  const left = ignored === 0 ? '' : `; ${String(ignored)} ignored`;
  const order = AREAS.join(', ');
  const all =
    findings.length === 0 && ignored === 0
      ? `nothing found that endangers ${order}`
      : counts + left;
  return `${style.heading(all)}\n`;
}
