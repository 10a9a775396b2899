import type { RuleText } from '../../core/findings/rule.js';
import { wrap } from './findings-text.js';
import { paintFor } from './severity-paint.js';
import type { Style } from './style.js';

const LINE = 78;
/** A narrower column of text is not readable. */
const LEAST_TEXT = 20;

/** What a verdict means, how it is detected, and what to do. */
export function explanationText(rule: RuleText, style: Style): string {
  const paint = paintFor(rule.severity, style);
  const part = (title: string, text: string): string =>
    `${style.heading(title)}\n${wrap(text, LINE - 2, '  ')}\n`;
  return [
    `${paint(rule.id)}  ${rule.severity}, found on ${withArticle(rule.scope)}\n`,
    part('What it means', rule.meaning),
    part('How it is detected', rule.signs),
    part('What to do', rule.advice),
  ].join('\n');
}

/** All verdicts with their meaning, wrapped in a column if there is a width. */
export function explanationList(
  rules: readonly RuleText[],
  style: Style,
  width: number | undefined,
): string {
  const idWidth = Math.max(...rules.map(({ id }) => id.length)) + 2;
  const severityWidth = Math.max(...rules.map(({ severity }) => severity.length)) + 2;
  const indent = ' '.repeat(idWidth + severityWidth);
  const room = width === undefined ? Infinity : Math.max(LEAST_TEXT, width - indent.length);
  return rules
    .map((rule) => {
      const id = paintFor(rule.severity, style)(rule.id) + ' '.repeat(idWidth - rule.id.length);
      const text = wrap(firstSentence(rule.meaning), room, indent).trimStart();
      return `${id}${rule.severity.padEnd(severityWidth)}${text}\n`;
    })
    .join('');
}

/** `a stream`, `an account`. */
function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

function firstSentence(text: string): string {
  return (/^.*?[.:](?= |$)/.exec(text)?.[0] ?? text).replace(/:$/, '.');
}
