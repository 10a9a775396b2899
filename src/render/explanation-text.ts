import type { RuleText } from '../domain/findings/rule.js';
import { wrap } from './backlog-findings.js';
import { paintFor } from './backlog-cells.js';
import type { Style } from './style.js';
import { textTable } from './table.js';

const LINE = 78;

/** What a verdict means, how it is told, and what to do. */
export function explanationText(rule: RuleText, style: Style): string {
  const paint = paintFor(rule.severity, style);
  const part = (title: string, text: string): string =>
    `${style.heading(title)}\n${wrap(text, LINE - 2, '  ')}\n`;
  return [
    `${paint(rule.id)}  ${rule.severity}, found on a ${rule.scope}\n`,
    part('What it means', rule.meaning),
    part('How it is told', rule.signs),
    part('What to do', rule.advice),
  ].join('\n');
}

/** All verdicts with their meaning. */
export function explanationList(
  rules: readonly RuleText[],
  style: Style,
  width: number | undefined,
): string {
  return textTable({
    columns: [{ title: 'Verdict', whole: true }, 'Severity', 'What it means'],
    rows: rows(rules, style),
    style,
    width,
  });
}

function rows(rules: readonly RuleText[], style: Style): readonly (readonly string[])[] {
  return rules.map((rule) => [
    paintFor(rule.severity, style)(rule.id),
    rule.severity,
    firstSentence(rule.meaning),
  ]);
}

function firstSentence(text: string): string {
  return /^.*?[.:](?= |$)/.exec(text)?.[0] ?? text;
}
