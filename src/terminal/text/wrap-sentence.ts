import stringWidth from 'string-width';

import { fillLines } from './findings-text.js';

/** A command within a sentence: it ends with the sentence, at a comma, a semicolon or a bracket, or before "and". */
const COMMAND = /(?:natsx|nats) [^,;)]*?(?=[,;)]| and | or |$)/g;
/** Stands for a space at which no line breaks. */
const KEPT = '\u00a0';
const INDENT = '  ';

/**
 * Breaks the lines of a text at spaces, but never within a command, so that it can still be copied.
 *
 * @param width columns of the terminal; one that reports 0 columns is left alone
 */
export function wrapSentence(text: string, width: number): string {
  if (!(width > 0)) return text;
  return text
    .split('\n')
    .map((line) => (stringWidth(line) <= width ? line : wrapLine(line, width)))
    .join('\n');
}

function wrapLine(line: string, width: number): string {
  const words = line
    .replaceAll(COMMAND, (command) =>
      command.length < width ? command.replaceAll(' ', KEPT) : command,
    )
    .split(' ');
  return fillLines(words, width, INDENT.length).join(`\n${INDENT}`).replaceAll(KEPT, ' ');
}
