import type { Evidence, EvidenceValue, Finding } from '../domain/findings/finding.js';
import { paintFor } from './backlog-cells.js';
import type { Style } from './style.js';

export interface FindingView {
  readonly style: Style;
  readonly width: number | undefined;
}

const LINE = 78;

/** A finding with its sentence and the first command that helps. */
export function findingBlock(
  {
    who,
    finding,
    text,
  }: { readonly who: string; readonly finding: Finding; readonly text: string },
  { style, width = LINE }: FindingView,
): string {
  const paint = paintFor(finding.severity, style);
  const [command] = finding.remedy;
  const head = `${paint(`${finding.severity.toUpperCase()} ${finding.id}`)}  ${style.heading(who)}`;
  const body = wrap(text, Math.min(width, 100) - 2, '  ');
  return `${head}\n${body}\n${command === undefined ? '' : `  ${style.key(`$ ${command}`)}\n`}`;
}

/** A finding in full: sentence, evidence, all commands. */
export function findingDetail(finding: Finding, { style, width = LINE }: FindingView): string {
  const paint = paintFor(finding.severity, style);
  const lines = [
    paint(`${finding.severity.toUpperCase()} ${finding.id}`),
    wrap(finding.summary, Math.min(width, 100) - 2, '  '),
    ...evidenceLines(finding.evidence, Math.min(width, 100)).map((line) => style.dim(line)),
    ...finding.remedy.map((command) => `  ${style.key(`$ ${command}`)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** `key=value` pairs, as many on a line as fit; what is not known is left out. */
export function evidenceLines(evidence: Evidence, width: number): readonly string[] {
  const pairs = Object.entries(evidence).flatMap(([key, value]) => {
    const text = evidenceText(value);
    return text === '' ? [] : [`${key}=${text}`];
  });
  return pairs.length === 0 ? [] : wrap(pairs.join(', '), width - 2, '  ').split('\n');
}

function evidenceText(value: EvidenceValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  if (typeof value !== 'object') return String(value);
  return value.length === 0 ? '' : JSON.stringify(value);
}

/** Blanks at which a line may end: not the one between a number and its unit. */
const BREAKS = / (?!(?<=\d )(?:ms|s|min|h|d|%|[KMGT]?i?B)(?![\w/]))/;

/** Breaks at blanks; every line begins with `indent`. A word that is longer than a line stays whole. */
export function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(BREAKS)) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `${indent}${one}`).join('\n');
}
