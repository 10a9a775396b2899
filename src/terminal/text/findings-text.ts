import stringWidth from 'string-width';

import { evidencePairs } from '../../core/findings/evidence-text.js';
import type { Evidence, Finding } from '../../core/findings/finding.js';
import { paintFor } from './severity-paint.js';
import type { Style } from './style.js';

export interface FindingView {
  readonly style: Style;
  readonly width: number | undefined;
}

const LINE = 78;

/** A finding as a sentence, with the first command that helps. */
export function findingBlock(
  {
    who,
    finding,
    text,
  }: { readonly who: string; readonly finding: Finding; readonly text: string },
  view: FindingView,
): string {
  const { style, width = LINE } = view;
  const paint = paintFor(finding.severity, style);
  const [command] = finding.remedy;
  const room = Math.min(width, 100);
  const fits = stringWidth(label(finding)) + 2 + stringWidth(who) <= room;
  const place = fits ? `  ${style.heading(who)}` : `\n${style.heading(wrap(who, room - 2, '  '))}`;
  const head = `${paint(label(finding))}${place}`;
  const body = wrap(text, room - 2, '  ');
  return `${head}\n${body}\n${command === undefined ? '' : `${commandLines(command, view)}\n`}`;
}

/** A finding in full: sentence, evidence and all commands. */
export function findingDetail(finding: Finding, view: FindingView): string {
  const { style, width = LINE } = view;
  const paint = paintFor(finding.severity, style);
  const lines = [
    paint(label(finding)),
    wrap(finding.summary, Math.min(width, 100) - 2, '  '),
    ...evidenceLines(finding.evidence, Math.min(width, 100)).map((line) => style.dim(line)),
    ...finding.remedy.map((command) => commandLines(command, view)),
  ];
  return `${lines.join('\n')}\n`;
}

function label({ severity, id }: Finding): string {
  const word = severity.toUpperCase();
  return word === id ? id : `${word} ${id}`;
}

/** A command after a prompt; a long one continues after a backslash, so that it can be pasted. */
function commandLines(command: string, { style, width = Infinity }: FindingView): string {
  const lines = wrap(command, width - 6, '').split('\n');
  return lines
    .map((line, index) => {
      const end = index < lines.length - 1 ? ' \\' : '';
      return `  ${style.key(`${index === 0 ? '$ ' : '    '}${line}${end}`)}`;
    })
    .join('\n');
}

/** As many pairs per line as fit. */
function evidenceLines(evidence: Evidence, width: number): readonly string[] {
  const pairs = evidencePairs(evidence);
  return pairs.length === 0 ? [] : wrap(pairs.join(', '), width - 2, '  ').split('\n');
}

/** Spaces at which a line may break: not the one between a number and its unit. */
const BREAKS = / (?!(?<=\d )(?:ms|s|min|h|d|%|[KMGT]?i?B)(?![\w/]))/;

/** Breaks a text at spaces; every line begins with `indent`. A word longer than a line is not broken. */
export function wrap(text: string, width: number, indent: string): string {
  return fillLines(text.split(BREAKS), width)
    .map((line) => `${indent}${line}`)
    .join('\n');
}

/**
 * Puts words into lines, as many as fit; a word longer than a line is not broken.
 *
 * @param hanging columns that every line but the first leaves free for its indent
 */
export function fillLines(words: readonly string[], width: number, hanging = 0): readonly string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of words) {
    const wordWidth = stringWidth(word);
    if (line !== '' && used + wordWidth + 1 > width) {
      lines.push(line);
      line = word;
      used = hanging + wordWidth;
    } else {
      used += wordWidth + (line === '' ? 0 : 1);
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
